"""Differences and failures of the studio, told in the reader's language."""

from __future__ import annotations

import re

from engine.package_diff import Difference
from web.pages import worded
from web.visits import lang, say


def difference_line(each: Difference) -> str:
    """One difference as a sentence: what it is, where, and what became of it."""
    thing = say(f"difference.kind.{each.kind}")
    name = f"{each.name}（{each.place}）" if each.name and each.name != each.place else each.place
    if each.what != "changed" or not each.key:
        return say(f"difference.{each.what}", thing=thing, name=name)
    return say(
        "difference.changed_key",
        thing=thing,
        name=name,
        what=key_name(each.key),
        before=_short(each.before),
        after=_short(each.after),
    )


def key_name(key: str) -> str:
    """What a value of an element, a field or a table is called."""
    plain = key.replace("hz:", "").replace(".", "_")
    told = worded(f"property.{plain}", "") or worded(f"form_column.{plain}", "")
    return told or worded(f"difference.key.{plain.replace(' ', '_')}", key)


def _short(text: str) -> str:
    told = " ".join(text.split())
    return (told if len(told) <= 80 else f"{told[:79]}…") or "—"


_FAILURES: tuple[tuple[str, str], ...] = (
    (  # the findings say what is wrong, each at its element
        r".*Expected a deployable diagram, but .*()",
        "流程圖有錯誤；請先更正「檢查」列出的錯誤，情境才能執行。",
    ),
    (r"Step (\d+) \((\w+)\): (.*)", "第 {0} 步（{1}）：{2}"),
    (r"Filing: (.*)", "收件：{0}"),
    (
        r"At the end: nobody expected the incident (\S+) at (\S*): (.*)",
        "結束時有未預期的異常 {0}（元件 {1}）：{2}",
    ),
    (r"expected open user tasks (.*), but they are (.*)", "應有的待辦作業是 {0}，實際是 {1}"),
    (r"expected incidents (.*), but they are (.*)", "應有的異常是 {0}，實際是 {1}"),
    (r"expected the case to be (\w+), but it is (\w+)", "案件應為 {0}，實際是 {1}"),
    (
        r"expected the case to have ended at (.*), but it ended at (.*)",
        "案件應在 {0} 結束，實際在 {1}",
    ),
    (r"expected clock (\S+) to be (\w+), but it is (.*)", "期限 {0} 應為 {1}，實際是 {2}"),
    (
        r"expected variable (\S+) to be (.*), but it is not there",
        "變數 {0} 應為 {1}，但沒有這個變數",
    ),
    (r"expected variable (\S+) to be (.*), but it is (.*)", "變數 {0} 應為 {1}，實際是 {2}"),
    (r"\(an incident is open: (.*)\)", "（有一件未處理的異常：{0}）"),
    (
        r"expected user task (\S+) to be open; open are: (.*)",
        "作業 {0} 應在待辦中，但待辦的是 {1}",
    ),
    (r"expected (\S+) to wait for (.*); waiting are: (.*)", "{0} 應在等待 {1}，但等待中的是 {2}"),
)


def failure_line(told: str) -> str:
    """Why a scenario failed. English as the runner says it; Chinese where the sentence is known."""
    if not lang().startswith("zh"):
        return told
    for pattern, chinese in _FAILURES:
        match = re.fullmatch(pattern, told, re.DOTALL)
        if match:
            *first, last = match.groups()
            return chinese.format(*first, failure_line(last))
    return told
