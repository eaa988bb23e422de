"""The limits of a draft: its clocks, the limits of its tasks, and the ladders, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from engine import yaml_edits
from engine.errors import EngineError
from engine.manifests import Manifest, PackageError, read_yaml
from engine.package_files import LIMITS
from engine.packages import LADDER
from sla import ladder_lint, limits, rules
from sla.ladder_diagrams import LadderFault
from sla.spans import Unit
from web.pages import in_language, page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import Desk, open_desk, refusal, save, seen_number
from web.visits import reading

blueprint = Blueprint("studio_limits", __name__)
KEYS = {
    "clocks": ("rule", "length", "unit", "start", "stop", "pausable", "ladder"),
    "tasks": ("rule", "length", "unit", "ladder"),
}
RUNG = ("at", "do", "to")
EMPTY = b"clocks: {}\ntasks: {}\nladders: {}\n"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a ladder draws: kinds of limits (keys of `sla.ladder_lint.samples`) with their rungs."""

    kinds: list[tuple[tuple[str, ...], tuple[limits.RungPlan, ...]]]


@blueprint.get("/studio/<uuid:draft_id>/limits")
@policy(ANALYSIS)
def show(draft_id: UUID) -> ResponseReturnValue:
    return _page(draft_id)


@blueprint.post("/studio/<uuid:draft_id>/limits")
@policy(DEPLOYMENT)
def write(draft_id: UUID) -> ResponseReturnValue:
    """Save what differs, value by value, so that comments and order stay."""

    def change(desk: Desk) -> Mapping[str, bytes | None]:
        content = desk.files.get(LIMITS, EMPTY)
        changed = _with_rungs(_with_added(_with_values(content)))
        if "remove" in request.form:
            changed = yaml_edits.set_value(changed, _place(request.form["remove"]), None)
        return {LIMITS: changed}

    try:
        return save(draft_id, change, url_for("web.studio_limits.show", draft_id=draft_id))
    except EngineError as refused:
        return _page(draft_id, refused)


def _with_values(content: bytes) -> bytes:
    document = read_yaml(content, LIMITS)
    for section, keys in KEYS.items():
        for name in document.get(section) or {}:
            for key in keys:
                field = f"{section}.{name}.{key}"
                if field in request.form or key == "pausable":
                    content = _set(content, [section, name, key], request.form.get(field, ""))
    return content


def _with_added(content: bytes) -> bytes:
    for section in KEYS:
        told = {key: _told(f"new.{section}.{key}") for key in ("name", "rule", "length", "unit")}
        if told["name"] and told["rule"]:
            for key in ("rule", "length", "unit"):
                content = _set(content, [section, told["name"], key], told[key])
    return content


def _told(field: str) -> str:
    return request.form.get(field, "").strip()


def _with_rungs(content: bytes) -> bytes:
    for ladder, rungs in (read_yaml(content, LIMITS).get("ladders") or {}).items():
        for index in range(len(rungs)):
            for key in RUNG:
                told = _told(f"ladders.{ladder}.{index}.{key}")
                if told:
                    content = yaml_edits.set_value(content, ["ladders", ladder, index, key], told)
        content = _with_rung(content, ladder, f"new.ladders.{ladder}")
    name = _told("new.ladder.name")
    return _with_rung(content, name, "new.ladder") if name else content


def _with_rung(content: bytes, ladder: str, field: str) -> bytes:
    new = [_told(f"{field}.{key}") for key in RUNG]
    if not all(new):
        return content
    at, do, to = map(yaml_edits.scalar, new)
    return yaml_edits.add_item(content, ["ladders", ladder], f"{{at: {at}, do: {do}, to: {to}}}")


def _set(content: bytes, path: list[str | int], told: str) -> bytes:
    told = told.strip()
    known = _at(read_yaml(content, LIMITS), path)
    if path[-1] == "pausable":
        wanted = True if told else None
        return yaml_edits.set_value(content, path, wanted) if bool(known) != bool(told) else content
    if told == ("" if known is None else str(known)):
        return content
    number = int(told) if told.isdecimal() and path[-1] == "length" else told
    return yaml_edits.set_value(content, path, number or None)


def _at(document: Any, path: list[str | int]) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _place(told: str) -> list[str | int]:
    parts = told.split("|")[:4]
    return [int(each) if each.isdecimal() else each for each in parts]


def _page(draft_id: UUID, refused: EngineError | None = None) -> ResponseReturnValue:
    told, status = refusal(refused)
    with reading() as tx:
        desk = open_desk(tx, draft_id, seen_number() or None)
        try:
            document: Mapping[str, Any] = read_yaml(desk.files.get(LIMITS, EMPTY), LIMITS)
        except PackageError as broken:
            document, told = {}, told or refusal(broken)[0]
        return page(
            tx,
            "studio_limits.html",
            desk=desk,
            document=document,
            rules=list(_rules()),
            units=[each.value for each in Unit],
            acts=limits.ACTS,
            ladders=_ladders(desk),
            drawn=_drawn(desk),
            entered=request.form if refused else {},
            told=told,
            status=status,
        )


def _ladders(desk: Desk) -> list[Manifest]:
    """The ladder packages that a limit of this draft can name."""
    known = (desk.library or desk.base).packages.values()
    found = [each.manifest for each in known if each.manifest.kind == LADDER]
    return sorted(found, key=lambda each: each.id)


def _drawn(desk: Desk) -> Drawing | None:
    """What a draft of a ladder draws, for each kind of limit; None for other packages."""
    package = desk.package
    if package is None or desk.library is None or package.manifest.kind != LADDER:
        return None
    try:
        return Drawing(ladder_lint.shown(ladder_lint.drawing_of(desk.library, package.id)))
    except (LadderFault, EngineError):
        return Drawing([])  # the findings say why


def _rules() -> Iterator[tuple[str, str]]:
    for rule_id, known in sorted(rules.all_rules().items()):
        yield rule_id, in_language(known[-1].title_zh, known[-1].title_en)
