"""The start form as an applicant fills it in online: shown, taken, read back before it is filed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from engine import intake
from engine.applicant_forms import for_applicant, office_answers
from engine.clock import legal_day
from engine.deployments import Loaded
from engine.field_errors import FieldError
from engine.form_options import value_at
from engine.form_values import Checked
from engine.forms import Form
from engine.manifests import Paper
from engine.online_proofs import Proof
from web.forms import SHOWN, Control, Sent, Setting, Sheet, read, sheet
from web.visits import say

APPLICANT = "data.applicant.id_number"
OURS = frozenset(
    {"csrf_token", "proof", "step", "refresh", "challenge", "answer", "id_number", "pin"}
)
"""Fields of our pages that are none of the application."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that came back, or a blank one (`sent` is None). `errors` are of its fields; `refused`
    says why the whole may not be filed online, and how instead; `typed` is what came back."""

    form: Form
    known: Mapping[str, Any]
    sent: Sent | None = None
    errors: tuple[FieldError, ...] = ()
    refused: str = ""
    papers: tuple[Paper, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def is_good(self) -> bool:
        return self.sent is not None and self.sent.is_good and not (self.errors or self.refused)

    @property
    def checked(self) -> Checked:
        return self.sent.checked if self.sent else Checked({}, {})

    @property
    def values(self) -> dict[str, Any]:
        """What is filed: the office's own fields as they stand, and what was entered."""
        answers = {
            key: value for key, value in office_answers_of(self).items() if value is not None
        }
        return {**answers, **(self.sent.entered if self.sent else {})}

    def judged(self, reason: str) -> Filled:
        """The same, with why it may not be filed online; nothing where it may."""
        return replace(self, refused=reason)

    def sheet(self, lang: str, at: datetime) -> Sheet:
        """As it is shown: without the checks while typing, which are the counter's."""
        drawn = sheet(self.form, self.known, lang, self.sent, self.errors, Setting(legal_day(at)))
        return replace(drawn, controls=tuple(map(_still, drawn.controls))).focused()

    def rows(self, lang: str) -> list[tuple[str, str]]:
        """What was entered, to be read once more: labels and values, groups with an empty value."""
        told = {**self.checked.values, "data": self.checked.data}
        sent = self.sent and replace(
            self.sent, entered={key: value_at(told, key) for key in self.sent.entered}
        )
        drawn = sheet(self.form, self.known, lang, sent)
        return [row for control in drawn.controls for row in _rows(control)]


def office_answers_of(filled: Filled) -> dict[str, Any]:
    """The office's own fields of the whole form, as the blank page knows them."""
    return {key: value for key, value in filled.known.items() if key != "data"}


def blank(loaded: Loaded, id_number: str) -> Filled:
    """The form with the number that was proved."""
    form = _form(loaded)
    known = {**office_answers(form), "data": {"applicant": {"id_number": id_number.upper()}}}
    return Filled(for_applicant(form), known)


def fill(loaded: Loaded, typed: MultiDict[str, str], proof: Proof) -> Filled:
    """What came back, judged by the form's own rules; the applicant is who proved it."""
    form = _form(loaded)
    known = {**office_answers(form), "data": {}}
    asked = for_applicant(form)
    sent = read(asked, typed, known)
    errors = () if sent.wants_refresh else (*sent.checked.errors, *_other_person(sent, proof))
    return Filled(
        form=asked,
        known=known,
        sent=sent,
        errors=errors,
        papers=intake.papers(loaded.package, sent.checked.values),
        typed=carried(typed),
    )


def is_entered(typed: MultiDict[str, str]) -> bool:
    """Whether something of the start form was sent along."""
    return SHOWN in typed


def carried(typed: MultiDict[str, str]) -> tuple[tuple[str, str], ...]:
    """What was entered so far, for the next page to send once more."""
    return tuple((name, each) for name, each in typed.items(multi=True) if name not in OURS)


def _form(loaded: Loaded) -> Form:
    return loaded.forms[str(loaded.package.start_form)]


def _other_person(sent: Sent, proof: Proof) -> Iterator[FieldError]:
    entered = sent.entered.get(APPLICANT)
    wrong = {error.path for error in sent.checked.errors}
    if APPLICANT not in wrong and not proof.is_of(str(entered or "")):
        yield FieldError(APPLICANT, "not_proved")


def _still(control: Control) -> Control:
    inner = tuple(map(_still, control.controls))
    return replace(control, checks="", controls=inner)


def _rows(control: Control) -> Iterator[tuple[str, str]]:
    if control.controls:
        yield control.label, ""
        for inner in control.controls:
            yield from _rows(inner)
    elif control.type == "checkbox":
        yield control.label, say("apply.yes") if control.is_checked else say("apply.no")
    elif control.choices:
        chosen = [choice.label for choice in control.choices if choice.is_chosen]
        yield control.label, say("list.comma").join(chosen) or "—"
    elif control.type != "text":
        yield control.label, control.text or "—"
