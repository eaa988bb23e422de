"""What the story of a case calls things: steps, outcomes and fields, as its version words them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from engine.bpmn.definition import Element, Kind
from engine.deployments import Loaded
from engine.element_names import english, english_of
from engine.forms import Form
from engine.history import Names
from engine.personal_data import labels
from engine.recent import Recent

_KEPT = 256
STEP = "流程步驟"
_UNNAMED = {Kind.START_EVENT: "起點", Kind.END_EVENT: "終點", Kind.EXCLUSIVE_GATEWAY: "分流"}
ENGLISH = {STEP: "step of the process", "起點": "start", "終點": "end", "分流": "gateway"}
_known = Recent[UUID, Names](_KEPT)  # versions are immutable


def names_of(loaded: Loaded) -> Names:
    """The names in the diagrams of a version and its forms; the case's own process wins."""
    found = _known.get(loaded.id)
    if found is None:
        found = _names(loaded)
        _known.put(loaded.id, found)
    return found


def names_for(tx: Connection, loaded: Loaded) -> Names:
    """Likewise; what an older version has no English for is told as active versions tell it."""
    names = names_of(loaded)
    if names.english.keys() >= names.elements.keys():
        return names
    now = english(tx, loaded.office_id)
    lent = {
        element_id: told
        for element_id, name in names.elements.items()
        if element_id not in names.english and (told := now.of(name, element_id))
    }
    return replace(names, english={**lent, **names.english}, worded={**now.named, **names.worded})


def _names(loaded: Loaded) -> Names:
    elements: dict[str, str] = {}
    told: dict[str, str] = {}
    outcomes: dict[tuple[str, str], tuple[str, str]] = {}
    known = english_of(loaded)
    for definition in (*loaded.definitions.values(), loaded.definition):
        for element in definition.elements.values():
            name = element.name or _UNNAMED.get(element.kind, STEP)
            elements[element.id] = name
            told[element.id] = known.placed.get((element.id, name)) or ENGLISH.get(name, "")
            form = loaded.forms.get(element.user.form_key or "") if element.user else None
            if form is not None:
                _of_form(element, form, outcomes)
    said = {element_id: name for element_id, name in told.items() if name}
    worded = {**ENGLISH, **known.named}
    return Names(elements, said, worded, outcomes, labels(loaded.forms.values()))


def _of_form(
    element: Element, form: Form, outcomes: dict[tuple[str, str], tuple[str, str]]
) -> None:
    for option in form.outcomes:
        outcomes[element.id, str(option.value)] = (option.label.zh, option.label.en)
