"""The shapes of rules of legal time, and of changes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import fields, validate

from api.calendar_days import CalendarWorkShape
from api.shapes import Day, Instant, LabelShape, Shape, Words, always, many, perhaps
from sla.rule_edits import MOST_ROWS
from sla.rules import Certainty, Roll, Starts
from sla.spans import Unit

_UNITS = [each.value for each in Unit if each is not Unit.DAYS_LATE]
_WHOSE = r"^(national|office|city|(office|city):.{1,60})\Z"


@dataclass(frozen=True, slots=True)
class Amended:
    """A new version as it is asked for: `values` are the columns that are told."""

    rule: str
    valid_from: date
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Amending:
    rows: list[Amended]
    reason: str
    source: str


def _amended(rule: str, valid_from: date, **told: Any) -> Amended:
    last = told.pop("valid_to", None)
    ends = {} if last is None else {"validTo": last.isoformat()}
    return Amended(rule, valid_from, {**told, **ends})


class RuleRowShape(Shape):
    """A version of `rule` for matters from `valid_from` on. What is left out stays as it is that
    day; `length` null leaves the length to the matter, and without `valid_to` the version holds
    until a later one. `source` left out is the change's."""

    makes = _amended
    rule = fields.String(required=True, validate=validate.Length(1, 60))
    valid_from = Day(required=True)
    valid_to = Day(allow_none=True)
    length = fields.String(allow_none=True, validate=validate.Length(1, 40))
    unit = fields.String(validate=validate.OneOf(_UNITS))
    starts = fields.String(validate=validate.OneOf([each.value for each in Starts]))
    roll = fields.String(validate=validate.OneOf([each.value for each in Roll]))
    jurisdiction = fields.String(validate=validate.Regexp(_WHOSE))
    article = Words(200)
    source = Words(500)
    certainty = fields.String(validate=validate.OneOf([each.value for each in Certainty]))


class RuleChangeRequestShape(Shape):
    """New versions of one or several rules, decided on together. `source` is what they rest on."""

    makes = Amending
    rows = fields.List(
        fields.Nested(RuleRowShape), required=True, validate=validate.Length(1, MOST_ROWS)
    )
    reason = Words(120, required=True)
    source = Words(500, required=True)


class RuleShape(Shape):
    """One version. `valid_from` null: no earlier text is on file; `valid_to` null: in force.
    `entered`: by an office, beside the released table."""

    id = always(fields.String)
    title = always(fields.Nested, LabelShape)
    length = perhaps(fields.String)
    unit = always(fields.String)
    kind = always(fields.String)
    starts = always(fields.String)
    roll = always(fields.String)
    computed_by = always(fields.String)
    article = always(fields.Nested, LabelShape)
    jurisdiction = always(fields.String)
    valid_from = perhaps(Day)
    valid_to = perhaps(Day)
    source = always(fields.String)
    certainty = always(fields.String)
    entered = always(fields.Boolean)


class RulesShape(Shape):
    items = many(RuleShape)
    next = perhaps(fields.String)


class RuleRowChangedShape(Shape):
    """What a matter of the version's first day is counted by without it, and with it."""

    before = perhaps(fields.Nested, RuleShape)
    after = always(fields.Nested, RuleShape)


class RuleChangeShape(Shape):
    """A change of rules: `proposed`, `entered`, `refused` or `withdrawn`, and by whom.

    `day` is the first from which one of its versions holds. `work` is there once it is entered.
    """

    id = always(fields.UUID)
    status = always(fields.String)
    day = always(Day)
    reason = always(fields.String)
    source = always(fields.String)
    rows = many(RuleRowChangedShape)
    proposed_by = always(fields.String)
    proposed_at = always(Instant)
    decided_by = always(fields.String)
    decided_at = perhaps(Instant)
    decided_why = always(fields.String)
    work = perhaps(fields.Nested, CalendarWorkShape)


class RuleChangesShape(Shape):
    items = many(RuleChangeShape)
    next = perhaps(fields.String)
