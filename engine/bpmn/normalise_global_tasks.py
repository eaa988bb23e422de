"""Global tasks: a call activity that calls one does what the task says (BPMN 2.0.2, 10.3.6).

A global task stands outside of any process so that several places can use it. It is brought to
where it is called: the call activity keeps its id, its flows, its loop, its boundary events and its
mappings, and becomes the task. A name of its own goes before that of the global task.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from lxml.etree import QName

from engine.bpmn.vocabulary import BPMN, GLOBAL_TASKS, HZ, IN_ENGLISH

_TASK_OF: Final[Mapping[str, str]] = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
_ENGLISH: Final = f"{{{HZ}}}{IN_ENGLISH}"
_ITS_OWN: Final = frozenset({"id", "name", _ENGLISH})
_CALLED: Final = frozenset({f"{{{BPMN}}}script"})


def bring_global_tasks(root: Any) -> None:
    """Turn every call activity that calls a global task of this file into that task, in place."""
    known = {
        child.get("id"): child
        for child in root
        if QName(child).localname in GLOBAL_TASKS and child.get("id")
    }
    for call in list(root.iter(f"{{{BPMN}}}callActivity")) if known else ():
        task = known.get(call.get("calledElement", ""))
        if task is not None:
            _become(call, task)


def _become(call: Any, task: Any) -> None:
    kind = QName(task).localname
    call.tag = f"{{{BPMN}}}{_TASK_OF[kind]}"
    del call.attrib["calledElement"]
    if not call.get("name") and task.get("name"):
        call.set("name", task.get("name"))
        if task.get(_ENGLISH):
            call.set(_ENGLISH, task.get(_ENGLISH))
    for name, value in task.attrib.items():
        if name not in _ITS_OWN and name not in call.attrib:
            call.set("scriptFormat" if name == "scriptLanguage" else name, value)
    # What a task holds of its own comes last, as the schema has it.
    call.extend(deepcopy(child) for child in task if child.tag in _CALLED)
