"""A clock that goes on with other rungs, in a sentence of both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from engine.bpmn.migration import Remark
from engine.minguo import format_end
from engine.story_words import CLOCKS, WORDS

Rung: TypeAlias = tuple[str, str, str, datetime | None]
"""Its point, its act, to whom, and when it would be reached (aware UTC)."""
Standing: TypeAlias = tuple[datetime | None, Iterable[Rung]]
"""The end of a limit, and the rungs still to come."""
_ACTS = {
    "warn": ("提醒", "warn"),
    "prompt": ("提示處置", "prompt"),
    "escalate": ("陳報", "escalate to"),
    "delay": ("告知申請人", "notice of delay by"),
    "chase": ("查催", "chase through"),
}


def remark(name: str, before: Standing, after: Standing) -> Remark:
    """The end of the limit and the rungs to come, before and after."""
    zh, en = CLOCKS.get(name, (name, name))
    ends = {lang: [_day(each[0], lang) for each in (before, after)] for lang in ("zh-TW", "en")}
    if before[0] == after[0]:
        end_zh, end_en = "期限不變", "due as before"
    else:
        end_zh, end_en = (
            "期限 {} 改為 {}".format(*ends["zh-TW"]),
            "due {}, then {}".format(*ends["en"]),
        )
    rungs = {lang: [_listed(each[1], lang) for each in (before, after)] for lang in ("zh-TW", "en")}
    return Remark(
        "clock.moved",
        facts={
            "zh": f"{zh}：{end_zh}；階梯：原 {rungs['zh-TW'][0]}；改為 {rungs['zh-TW'][1]}",
            "en": f"{en}: {end_en}; rungs until now {rungs['en'][0]}; then {rungs['en'][1]}",
        },
    )


def _listed(rungs: Iterable[Rung], lang: str) -> str:
    side = 0 if lang == "zh-TW" else 1
    said = [
        f"{_word('point', at, side)} {_ACTS[act][side]} {_word('to', to, side)}"
        + (f"（{_day(due, lang)}）" if side == 0 else f" ({_day(due, lang)})")
        for at, act, to, due in rungs
    ]
    return ("、" if side == 0 else ", ").join(said) or ("無" if side == 0 else "none")


def _word(kind: str, code: str, side: int) -> str:
    """A code as people say it; `due+5wd` and the like are in no table."""
    known = WORDS[kind].get(code)
    if known is not None:
        return known[side]
    days = code.removeprefix("due+").removesuffix("wd")
    if kind == "point" and days.isdecimal():
        return (f"逾期 {days} 工作日", f"{days} working days after")[side]
    return code


def _day(at: datetime | None, lang: str) -> str:
    if at is None:
        return "停止計算中" if lang == "zh-TW" else "while it stands still: none"
    return format_end(at, lang)
