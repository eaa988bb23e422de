"""What the story of a case calls things: steps, outcomes and fields, as its version words them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from uuid import UUID

from engine.bpmn.definition import Element, Kind
from engine.deployments import Loaded
from engine.forms import Form
from engine.history import Names
from engine.personal_data import labels

_KEPT = 64
_STEP = "流程步驟"
_UNNAMED = {Kind.START_EVENT: "起點", Kind.END_EVENT: "終點", Kind.EXCLUSIVE_GATEWAY: "分流"}
_ENGLISH = {_STEP: "step of the process", "起點": "start", "終點": "end", "分流": "gateway"}
_known: OrderedDict[UUID, Names] = OrderedDict()  # versions are immutable


def names_of(loaded: Loaded) -> Names:
    """The names in the diagrams of a version and its forms; the case's own process wins."""
    found = _known.get(loaded.id)
    if found is None:
        found = _known[loaded.id] = _names(loaded)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return found


def _names(loaded: Loaded) -> Names:
    elements: dict[str, str] = {}
    english: dict[str, str] = dict(_ENGLISH)
    outcomes: dict[tuple[str, str], tuple[str, str]] = {}
    for definition in (*loaded.definitions.values(), loaded.definition):
        for element in definition.elements.values():
            elements[element.id] = element.name or _UNNAMED.get(element.kind, _STEP)
            form = loaded.forms.get(element.user.form_key or "") if element.user else None
            if form is not None:
                _of_form(element, form, english, outcomes)
    return Names(elements, english, outcomes, labels(loaded.forms.values()))


def _of_form(
    element: Element,
    form: Form,
    english: dict[str, str],
    outcomes: dict[tuple[str, str], tuple[str, str]],
) -> None:
    if form.title is not None and form.title.en:
        english[element.name] = form.title.en
    for option in form.outcomes:
        outcomes[element.id, str(option.value)] = (option.label.zh, option.label.en)


def english_steps(loaded: Loaded) -> Mapping[str, str]:
    """The English names of steps by their Chinese ones."""
    return names_of(loaded).english
