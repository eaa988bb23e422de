"""Beginning a matter for a person that was found: a draft with who they are already in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import cases, deployments, filing_drafts
from engine.case_rows import load
from engine.filing_drafts import Draft
from engine.identity_numbers import canonical, is_identity_number
from engine.manifests import Manifest
from web.deeds import settle
from web.forms import SHOWN
from web.policies import HANDLING, policy
from web.visits import actor

blueprint = Blueprint("beginning", __name__)
PURPOSE = "earlier"
"""Of `engine.purposes`: looking for earlier or related cases."""
_APPLICANT = "data.applicant"
_WHO = ("name", "id_number")
_CONTACT = ("data.contact.phone", "data.contact.email", "data.applicant.mailing_address")


@blueprint.post("/counter/begin")
@policy(HANDLING)
def begin() -> ResponseReturnValue:
    """Begin a matter for a person that was found: a draft with who they are already in it.

    With `case` the person is copied from there, in clear; that look is recorded with its purpose.
    """
    package_id = request.form.get("package", "")

    def deed(tx: Connection, at: datetime) -> str:
        package = deployments.active(tx, actor().office_id, package_id).package
        fields = _carried(tx, package, at)
        typed = {name: [value] for name, value in fields.items()}
        draft = Draft(uuid4(), package_id, 0, at, {**typed, SHOWN: list(fields)})
        name = fields.get(package.subject_name)
        saved = filing_drafts.save(tx, draft, actor(), at, name=name)
        return url_for("web.filing.start", package_id=package_id, draft=saved.id)

    return settle(deed)


def _carried(tx: Connection, package: Manifest, at: datetime) -> dict[str, str]:
    """Who the person is, by the fields of the form that is begun: as the applicant, and as the
    person whose matter it is where the form says that the two are often one."""
    typed = " ".join(request.form.get("text", "").split())
    known = _of_case(tx, typed, at)
    if is_identity_number(typed):
        known[f"{_APPLICANT}.id_number"] = canonical(typed)
    elif typed:
        known.setdefault(f"{_APPLICANT}.name", typed)
    form = deployments.active(tx, actor().office_id, package.id).forms[str(package.start_form)]
    keys = {str(field.key): field for field in form.inputs()}
    fields = {key: value for key, value in known.items() if key in keys}
    for key, value in list(fields.items()):
        if (same := keys[key].same_as) in keys:
            fields[str(same)] = value
    return fields


def _of_case(tx: Connection, typed: str, at: datetime) -> dict[str, str]:
    """What an earlier case holds of the person that was looked for, with the look recorded.

    Nothing of a case in which that person is neither the applicant nor whose matter it is.
    """
    chosen = request.form.get("case", "")
    if not chosen:
        return {}
    case = load(tx, UUID(chosen), actor(), lock=False)
    package = deployments.definition(tx, case.definition_id).package
    subject = dict(zip(_WHO, (package.subject_name, package.subject_number), strict=True))
    applicant = {kind: f"{_APPLICANT}.{kind}" for kind in _WHO}
    paths = [*subject.values(), *applicant.values(), *_CONTACT]
    seen = cases.reveal(tx, case.id, paths, PURPOSE, actor(), at)
    for person in (applicant, subject):
        if _is_meant(typed, *(seen.get(path) for path in person.values())):
            contact = _CONTACT if person is applicant else ()
            own = {applicant[kind]: seen.get(path) for kind, path in person.items()}
            own |= {path: seen.get(path) for path in contact}
            return {key: str(value) for key, value in own.items() if value}
    return {}


def _is_meant(typed: str, name: object, number: object) -> bool:
    if is_identity_number(typed):
        return isinstance(number, str) and canonical(number) == canonical(typed)
    return isinstance(name, str) and bool(typed) and typed in name
