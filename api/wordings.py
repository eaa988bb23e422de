"""In which words an office writes its notices: what holds, its versions, and a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Instant, Shape, Whole, Words, always, many, perhaps
from engine import wording_choices
from engine.actors import OFFICE_KEEPERS
from engine.permissions import MENDERS
from engine.wording_choices import Change, Choice, Version
from engine.wordings import COMMON, LANGUAGES, MAX_BODY, MAX_LINE, Text

blueprint = noun("wordings", "The wording of notices")
READERS = tuple(sorted(MENDERS))
KEEPERS = tuple(sorted(OFFICE_KEEPERS))


@dataclass(frozen=True, slots=True)
class Reworded:
    title: Mapping[str, str]
    basis: list[Mapping[str, str]]
    body: Mapping[str, str]
    seen: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    seen: int
    reason: str


def _by_language(longest: int, **options: Any) -> fields.Dict:
    """A text in each language, `zh-TW` and `en`."""
    return fields.Dict(
        keys=fields.String(validate=validate.OneOf(LANGUAGES)),
        values=fields.String(validate=validate.Length(max=longest)),
        **options,
    )


class RewordedShape(Shape):
    """`body` is made of lines; docs/process-packages.md says how they are written. `seen` is the
    version of your office that you looked at, 0 for none."""

    makes = Reworded
    title = _by_language(120, required=True)
    basis = fields.List(_by_language(MAX_LINE), required=True, validate=validate.Length(1, 12))
    body = _by_language(MAX_BODY, required=True)
    seen = Whole(0, 1_000_000, required=True)
    reason = Words(500, required=True)


class TakenBackShape(Shape):
    makes = TakenBack
    seen = Whole(0, 1_000_000, required=True)
    reason = Words(500, required=True)


class MergeFieldShape(Shape):
    """`kind`: text, day, number or list."""

    name = always(fields.String)
    zh = always(fields.String)
    en = always(fields.String)
    kind = always(fields.String)


class WordingShape(Shape):
    """`version` is that of your own office, 0 where it has chosen nothing; `from_office` whose
    words hold, null for those it came with."""

    kind = always(fields.String)
    title = _by_language(120, required=True)
    basis = fields.List(_by_language(MAX_LINE), required=True)
    body = _by_language(MAX_BODY, required=True)
    merge_fields = many(MergeFieldShape)
    version = always(fields.Integer)
    from_office = perhaps(fields.String)
    changed_by = always(fields.String)
    changed_at = perhaps(Instant)
    reason = always(fields.String)


class WordingsShape(Shape):
    items = many(WordingShape)
    next = perhaps(fields.String)


class WordingVersionShape(Shape):
    """`own` is false where the office went back to the words it came with."""

    version = always(fields.Integer)
    own = always(fields.Boolean)
    reason = always(fields.String)
    changed_by = always(fields.String)
    changed_at = always(Instant)


class WordingVersionsShape(Shape):
    items = many(WordingVersionShape)
    next = perhaps(fields.String)


@blueprint.get("/wordings")
@read(*READERS)
@blueprint.response(200, WordingsShape)
def index(call: Call) -> Any:
    """Every kind of notice with the words that hold for your office."""
    found = wording_choices.choices(call.tx, call.actor)
    return {"items": [_shown(each) for each in found], "next": None}


@blueprint.get("/wordings/<kind>")
@read(*READERS)
@blueprint.response(200, WordingShape)
def show(call: Call, kind: str) -> Any:
    """One kind of notice, with its fields."""
    return _shown(wording_choices.choice(call.tx, kind, call.actor))


@blueprint.get("/wordings/<kind>/versions")
@read(*READERS)
@blueprint.response(200, WordingVersionsShape)
def versions(call: Call, kind: str) -> Any:
    """What your office chose, the newest first: who, when, why."""
    found = wording_choices.versions(call.tx, kind, call.actor)
    return {"items": [_version(each) for each in found], "next": None}


@blueprint.post("/wordings/<kind>/versions")
@write(*KEEPERS)
@blueprint.arguments(RewordedShape)
@blueprint.response(201, WordingShape)
def choose(call: Call, given: Reworded, kind: str) -> Any:
    """Write this kind in your own words from now on. 422 `wording.field` names a field that the
    kind does not have."""
    text = Text(given.title, tuple(given.basis), given.body)
    change = Change(kind, text, given.seen, given.reason)
    wording_choices.choose(call.tx, change, call.actor, call.now)
    return _shown(wording_choices.choice(call.tx, kind, call.actor))


@blueprint.post("/wordings/<kind>/shipped")
@write(*KEEPERS)
@blueprint.arguments(TakenBackShape)
@blueprint.response(201, WordingShape)
def take_back(call: Call, given: TakenBack, kind: str) -> Any:
    """Write this kind in the words it came with again."""
    change = Change(kind, None, given.seen, given.reason)
    wording_choices.choose(call.tx, change, call.actor, call.now)
    return _shown(wording_choices.choice(call.tx, kind, call.actor))


def _shown(choice: Choice) -> dict[str, Any]:
    chosen = choice.chosen
    own = chosen if chosen is not None and chosen.text is not None else None
    common = [
        {"name": name, "zh": words["zh-TW"], "en": words["en"], "kind": "text"}
        for name, words in COMMON.items()
    ]
    kept = [
        {"name": each.name, "zh": each.zh, "en": each.en, "kind": each.kind}
        for each in choice.wording.fields.values()
    ]
    return {
        "kind": choice.wording.kind,
        **choice.text.plain(),
        "merge_fields": [*kept, *common],
        "version": choice.version,
        "from_office": own.office_id if own else None,
        "changed_by": own.changed_by if own else "",
        "changed_at": own.changed_at if own else None,
        "reason": own.reason if own else "",
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.version,
        "own": version.text is not None,
        "reason": version.reason,
        "changed_by": version.changed_by,
        "changed_at": version.changed_at,
    }
