"""What the shapes of requests and answers are made of.

A request's shape refuses what it does not know and makes the frozen command the engine takes. An
answer's shape is the list of what leaves: a field that it does not name is never sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from engine.cursors import MAX_CURSOR, MAX_LIMIT

F = TypeVar("F", bound=fields.Field[Any])


class Shape(Schema):
    """The base of all shapes. `makes` is what a request's fields become."""

    class Meta:
        unknown = RAISE

    makes: ClassVar[Callable[..., Any] | None] = None

    @post_load
    def command(self, data: dict[str, Any], **_: object) -> Any:
        makes = type(self).makes
        return data if makes is None else makes(**data)


class Instant(fields.AwareDateTime):
    """An instant with its offset; sent as UTC with a Z."""

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        text: str = value.astimezone(UTC).isoformat()
        return text.replace("+00:00", "Z")

    def _deserialize(self, *args: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(*args, **kwargs)
        if not 1900 <= moment.year <= 2200:
            raise ValidationError("Expected a year from 1900 to 2200.")
        return moment.astimezone(UTC)


class Day(fields.Date):
    """A civil date in Asia/Taipei."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        day = super()._deserialize(*args, **kwargs)
        if not 1900 <= day.year <= 2200:
            raise ValidationError("Expected a year from 1900 to 2200.")
        return day


class Words(fields.String):
    """Text somebody writes: not blank, at most `longest` characters, nothing invisible."""

    def __init__(self, longest: int, **options: Any) -> None:
        super().__init__(validate=[validate.Length(1, longest), _visible], **options)


def _visible(text: str) -> None:
    if not text.strip():
        raise ValidationError("Expected some text, not only blanks.")
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text):
        raise ValidationError("Expected text without control characters.")


class Whole(fields.Integer):
    """A whole number; true is none."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **options)

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool):
            raise self.make_error("invalid")
        return super()._validated(value)


def always(field: type[F], *args: Any, **options: Any) -> F:
    """A field that every answer has."""
    return field(*args, required=True, **options)


def perhaps(field: type[F], *args: Any, **options: Any) -> F:
    """A field that every answer has, and which may be null."""
    return field(*args, required=True, allow_none=True, **options)


def many(shape: type[Schema], **options: Any) -> fields.List[Any]:
    return fields.List(fields.Nested(shape), required=True, **options)


def texts(**options: Any) -> fields.List[Any]:
    return fields.List(fields.String(), required=True, **options)


class LabelShape(Shape):
    """What users see, in both languages."""

    zh = always(fields.String)
    en = always(fields.String)


class RefusalShape(Shape):
    """Why something may not be done: a stable code and a sentence."""

    code = always(fields.String)
    message = always(fields.String)


class FieldProblemShape(Shape):
    path = always(fields.String)
    code = always(fields.String)
    detail = always(fields.String)


class ProblemShape(Shape):
    """RFC 9457, with a stable `code`; `errors` names the fields that are wrong."""

    type = always(fields.String)
    title = always(fields.String)
    status = always(fields.Integer)
    code = always(fields.String)
    detail = always(fields.String)
    facts = fields.Dict(keys=fields.String())
    errors = fields.List(fields.Nested(FieldProblemShape))


class PageQuery(Shape):
    """Which page of a list."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))
    cursor = fields.String(load_default=None, validate=validate.Length(1, MAX_CURSOR))


def page_of(shape: type[Schema], name: str) -> type[Shape]:
    """The shape of one page of a list of `shape`."""
    return Shape.from_dict(  # type: ignore[return-value]
        {
            "items": many(shape, attribute="rows"),
            "next": perhaps(fields.String, attribute="next_cursor"),
        },
        name=name,
    )
