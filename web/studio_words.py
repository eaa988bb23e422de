"""Differences and failures of the studio, told in the reader's language.

Both come as text with the marks of `web.element_words`: `shown` or `plain` makes them readable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.package_diff import Difference
from engine.package_files import called_processes
from web.element_words import Called, in_diagrams, shown
from web.pages import worded
from web.studio_desk import Desk
from web.visits import lang, say

_REFERENCES = frozenset({"sourceRef", "targetRef", "default", "attachedToRef", "event.activityRef"})
"""Values of elements that name other elements."""


def called_in(*states: Mapping[str, bytes]) -> Called:
    """The elements of these states of a package, the newest last."""
    return in_diagrams(
        *(text for files in states for path, text in files.items() if path.endswith(".bpmn"))
    )


def called_around(desk: Desk) -> Called:
    """The elements of a draft and of all it calls, as far as the files can be read."""
    diagrams = [desk.files.get(desk.diagram_path, b"")]
    reached = {desk.draft.package_id}
    for diagram in diagrams:  # grows while it is read
        for process in called_processes(diagram):
            package = desk.library.package_of(process) if desk.library else None
            if package is not None and package.id not in reached:
                reached.add(package.id)
                diagrams.append(package.diagram.content)
    return in_diagrams(*reversed(diagrams))


def telling(called: Called) -> dict[str, Any]:
    """What templates need to tell differences and failures."""
    return {
        "difference_line": lambda each: shown(difference_line(each, called)),
        "failure_line": lambda told: shown(failure_line(told, called)),
    }


def difference_line(each: Difference, called: Called) -> str:
    """One difference as a sentence: what it is, where, and what became of it."""
    is_element = each.kind == "element"
    thing = say(f"difference.kind.{each.kind}")
    name = called(each.place) if is_element else _named(each)
    if each.what != "changed" or not each.key:
        return say(f"difference.{each.what}", thing=thing, name=name)
    refers = is_element and each.key in _REFERENCES
    before, after = (
        called(text) if refers and text else _short(text) for text in (each.before, each.after)
    )
    return say(
        "difference.changed_key",
        thing=thing,
        name=name,
        what=key_name(each.key),
        before=before,
        after=after,
    )


def _named(each: Difference) -> str:
    if each.name and each.name != each.place:
        return each.name + say("list.bracket", inner=each.place)
    return each.place


def key_name(key: str) -> str:
    """What a value of an element, a field or a table is called."""
    plain = key.replace("hz:", "").replace(".", "_")
    told = worded(f"property.{plain}", "") or worded(f"form_column.{plain}", "")
    return told or worded(f"difference.key.{plain.replace(' ', '_')}", key)


def _short(text: str) -> str:
    told = " ".join(text.split())
    return (told if len(told) <= 80 else f"{told[:79]}…") or "—"


@dataclass(frozen=True, slots=True)
class _Failure:
    """A sentence of the runner, its Chinese, and which of its gaps hold ids of elements. The last
    gap may hold a further sentence."""

    pattern: str
    chinese: str
    places: Sequence[int] = ()


_FAILURES = (
    _Failure(  # the findings say what is wrong, each at its element
        r".*Expected a deployable diagram, but .*()",
        "流程圖有錯誤；請先更正「檢查」列出的錯誤，情境才能執行。",
    ),
    _Failure(r"Step (\d+) \((\w+)\): (.*)", "第 {0} 步（{1}）：{2}"),
    _Failure(r"Filing: (.*)", "收件：{0}"),
    _Failure(
        r"Saved and loaded between its steps it runs differently: (.*)",
        "每步之間存檔再讀取時，執行結果不同：{0}",
    ),
    _Failure(
        r"At the end: nobody expected the incident (\S+) at (\S*): (.*)",
        "結束時有未預期的異常 {0}（元件 {1}）：{2}",
        [1],
    ),
    _Failure(
        r"expected open user tasks (.*), but they are (.*)",
        "應有的待辦作業是 {0}，實際是 {1}",
        [0, 1],
    ),
    _Failure(r"expected incidents (.*), but they are (.*)", "應有的異常是 {0}，實際是 {1}"),
    _Failure(r"expected the case to be (\w+), but it is (\w+)", "案件應為 {0}，實際是 {1}"),
    _Failure(
        r"expected the case to have ended at (.*), but it ended at (.*)",
        "案件應在 {0} 結束，實際在 {1}",
        [0, 1],
    ),
    _Failure(r"expected clock (\S+) to be (\w+), but it is (.*)", "期限 {0} 應為 {1}，實際是 {2}"),
    _Failure(
        r"expected variable (\S+) to be (.*), but it is not there",
        "變數 {0} 應為 {1}，但沒有這個變數",
    ),
    _Failure(
        r"expected variable (\S+) to be (.*), but it is (.*)", "變數 {0} 應為 {1}，實際是 {2}"
    ),
    _Failure(r"\(an incident is open: (.*)\)", "（有一件未處理的異常：{0}）"),
    _Failure(
        r"expected user task (\S+) to be open; open are: (.*); incident: (.*)",
        "作業 {0} 應在待辦中，但待辦的是 {1}；有一件未處理的異常：{2}",
        [0, 1],
    ),
    _Failure(
        r"expected user task (\S+) to be open; open are: (.*)",
        "作業 {0} 應在待辦中，但待辦的是 {1}",
        [0, 1],
    ),
    _Failure(
        r"expected (\S+) to wait for (.*); waiting are: (.*)", "{0} 應在等待 {1}，但等待中的是 {2}"
    ),
    _Failure(
        r"expected a timer on clock (\S+) at (\S+), but none waits",
        "應有計時器等候期限 {0} 的 {1}，但沒有",
    ),
    _Failure(r"expected a moment after (.*)", "時間應在 {0} 之後"),
    _Failure(
        r"expected exactly one wait for message (\S+), but there are (\d+); awaited are: (.*)",
        "應恰有一處等候訊息 {0}，實際有 {1} 處；等候中的是 {2}",
    ),
    _Failure(r"expected to receive (\S+), but the case has ended()", "應收到 {0}，但案件已結束"),
    _Failure(r"expected to (.*), but the case has ended()", "應 {0}，但案件已結束"),
    _Failure(r"expected an incident to retry, but there is none()", "應有異常可重試，但沒有"),
    _Failure(r"the process asks for (\S+) without end()", "流程不停地要求 {0}"),
    _Failure(r"timers fire without end()", "計時器不停地觸發"),
)


def failure_line(told: str, called: Called) -> str:
    """Why a scenario failed: as the runner says it, each step by its name; Chinese for readers of
    Chinese where the sentence is known."""
    for known in _FAILURES:
        match = re.fullmatch(known.pattern, told, re.DOTALL)
        if match:
            return _filled(known, match, called)
    return told


def _filled(known: _Failure, match: re.Match[str], called: Called) -> str:
    gaps = [
        called.within(text) if at in known.places else text
        for at, text in enumerate(match.groups())
    ]
    if len(gaps) - 1 not in known.places:
        gaps[-1] = failure_line(gaps[-1], called)
    if lang().startswith("zh"):
        return known.chinese.format(*gaps)
    whole, end = "", 0
    for at, text in enumerate(gaps, start=1):
        whole += match.string[end : match.start(at)] + text
        end = match.end(at)
    return whole + match.string[end:]
