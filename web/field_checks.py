"""What a field says as soon as it is left: an ID number that cannot be, a date in full.

The words are the engine's own, the same that a sent form would get; nothing is kept.
"""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.field_errors import FieldError
from engine.identity_numbers import is_identity_number
from engine.minguo import DateError, format_date, parse_date
from web.pages import bare_page
from web.policies import SIGNED_IN, policy
from web.visits import lang, say

blueprint = Blueprint("field_checks", __name__)
_LONGEST = 60


@blueprint.post("/field-checks")
@policy(SIGNED_IN)
def check() -> ResponseReturnValue:
    """`kind` is `taiwan_id` or `date`, `field` the name of the field that was left."""
    field = request.form.get("field", "")
    typed = request.form.get(field, "").strip()[:_LONGEST]
    told, is_wrong = _told(request.form.get("kind", ""), typed) if typed else ("", False)
    return bare_page("field_check.html", told=told, is_wrong=is_wrong)


def _told(kind: str, typed: str) -> tuple[str, bool]:
    if kind == "taiwan_id":
        is_right = is_identity_number(typed)
        return (say("field_check.id_fits"), False) if is_right else (_error("taiwan_id"), True)
    if kind == "date":
        try:
            return format_date(parse_date(typed), lang()), False
        except DateError as wrong:
            return _error("no_such_date" if wrong.code == "date.impossible" else "date"), True
    return "", False


def _error(code: str) -> str:
    return FieldError("", code).text(lang())
