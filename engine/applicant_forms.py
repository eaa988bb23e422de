"""The start form of a matter as its applicant fills it in: without what only the office answers.

A field with `properties.office_only` (where a report came from, the postmark, whether the office
allows a proxy) keeps its default; what depends on nothing else is settled by it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.forms import Field, FieldType, Form


def office_answers(form: Form) -> dict[str, Any]:
    """What the office's own fields hold when nobody at the office has touched them."""
    return {
        str(field.key): False if _is_unticked(field) else field.default
        for field in form.inputs()
        if field.office_only
    }


def for_applicant(form: Form) -> Form:
    """The form without the office's fields, and without conditions that ask only for those."""
    return replace(form, fields=tuple(_asked(form.fields, office_answers(form))))


def _asked(fields: Sequence[Field], answers: Mapping[str, Any]) -> Iterator[Field]:
    for field in fields:
        is_settled = field.hide is not None and field.hide.paths_used <= answers.keys()
        if field.office_only or (is_settled and field.is_hidden(answers)):
            continue
        inner = tuple(_asked(field.fields, answers))
        if field.type is FieldType.GROUP and not inner:
            continue
        yield replace(field, hide=None if is_settled else field.hide, fields=inner)


def _is_unticked(field: Field) -> bool:
    return field.type is FieldType.CHECKBOX and field.default is None
