"""The form of a booked matter, begun with what is known of who comes: a draft of whoever serves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from flask import url_for
from sqlalchemy import Connection

from engine import cases, deployments, filing_drafts, task_view
from engine.filing_drafts import Draft
from engine.forms import Form
from sla import booking_list, bookings
from web.filing_ties import BOOKING
from web.forms import SHOWN
from web.service_wishes import carried
from web.visits import actor

PURPOSE = "service"
"""Of `engine.purposes`: the person stands at the counter and is served."""
WHO = ("data.applicant.name", "data.applicant.id_number")
CONTACT = ("data.contact.phone", "data.contact.email")


def begun(tx: Connection, task_id: UUID, at: datetime) -> str:
    """Begin the matter that the open task of an appointment waits for: the address of its form.

    What the appointment knows of the person is copied, and that look is recorded.
    """
    case_id = task_view.task_view(tx, task_id, actor()).case_id
    service = booking_list.one(tx, case_id, actor()).service
    booked = bookings.find(tx, task_id, service, actor())
    loaded = deployments.active(tx, actor().office_id, service)
    seen = cases.reveal(tx, case_id, (*WHO, *CONTACT), PURPOSE, actor(), at)
    known = {path: str(value) for path, value in seen.items() if value}
    subject = (loaded.package.subject_name, loaded.package.subject_number)
    form = loaded.forms[str(loaded.package.start_form)]
    fields = _carried(form, known, subject)
    if booked.contact:
        fields |= _if_there(form, "contact", booked.contact)
    fields |= _if_there(form, "booked", "true")  # a marriage on a closed day asks for it
    typed = {name: [value] for name, value in fields.items()}
    typed |= {SHOWN: list(fields), BOOKING: [str(task_id)], **carried(tx, case_id)}
    draft = Draft(uuid4(), service, 0, at, typed)
    name = fields.get(loaded.package.subject_name)
    saved = filing_drafts.save(tx, draft, actor(), at, name=name)
    return url_for("web.filing.start", package_id=service, draft=saved.id)


def _carried(form: Form, known: dict[str, str], subject: tuple[str, str]) -> dict[str, str]:
    """The person as applicant; where the form asks for none, as the one whose matter it is."""
    keys = {str(field.key) for field in form.inputs()}
    fields = {key: value for key, value in known.items() if key in keys}
    for path, own in zip(WHO, subject, strict=True):
        if path not in keys and own in keys and path in known:
            fields[own] = known[path]
    return fields


def _if_there(form: Form, key: str, value: str) -> dict[str, str]:
    field = next((each for each in form.inputs() if each.key == key), None)
    return {} if field is None else {key: value}
