"""Decision tables of a draft: rows and cells to edit, and a row of values to try them with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from engine import decisions, functions, table_edits
from engine.errors import EngineError, NotFound, Rejected
from engine.table_edits import HIT_POLICIES, Table
from feel import FeelError, evaluate_text
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import Desk, open_desk, refusal, save, seen_number
from web.studio_feel import feel_fault
from web.visits import now, reading, say

blueprint = Blueprint("studio_tables", __name__)


@blueprint.get("/studio/<uuid:draft_id>/tables/<path:path>")
@policy(ANALYSIS)
def show(draft_id: UUID, path: str) -> ResponseReturnValue:
    """The tables of a file; with `?try=…` the row of values and the rules that answer it."""
    return _page(draft_id, path)


@blueprint.post("/studio/<uuid:draft_id>/tables/<path:path>")
@policy(DEPLOYMENT)
def write(draft_id: UUID, path: str) -> ResponseReturnValue:
    """Save the cells, and do what the pressed button says beside: rows, columns."""
    decision = request.form.get("decision", "")
    back = url_for("web.studio_tables.show", draft_id=draft_id, path=path)

    def change(desk: Desk) -> Mapping[str, bytes | None]:
        content = _content(desk, path)
        table = _table(content, path, decision)
        _check_cells(table)
        return {path: _acted(_written(content, table), table)}

    try:
        return save(draft_id, change, f"{back}#{decision}")
    except EngineError as refused:
        return _page(draft_id, path, refused)


def _written(content: bytes, table: Table) -> bytes:
    policy_told = request.form.get("hit_policy", table.hit_policy)
    content = table_edits.set_hit_policy(content, table.decision, policy_told)
    for index, column in enumerate(table.columns):
        text = request.form.get(f"h{index}", column.text)
        label = request.form.get(f"l{index}", column.label)
        content = table_edits.set_heading(content, table.decision, index, text, label)
    return table_edits.set_cells(content, table.decision, _entered(table))


def _entered(table: Table) -> dict[tuple[int, int], str]:
    return {
        (row, column): request.form[f"c{row}.{column}"].replace("\r\n", "\n")
        for row in range(len(table.rules))
        for column in range(len(table.columns))
        if f"c{row}.{column}" in request.form
    }


def _check_cells(table: Table) -> None:
    """Refuse a cell that is no FEEL, naming the row and the column."""
    for (row, column), text in _entered(table).items():
        head = table.columns[column]
        if head.kind == "annotation" or text.strip() in ("", "-"):
            continue
        if text == table.rules[row].cells[column]:
            continue
        fault = feel_fault(text, "unary" if head.kind == "input" else "expression")
        if fault:
            name = head.label or head.text
            raise Rejected(
                "table.cell", fault, row=row + 1, column=name, fault=fault, cell=f"{row}.{column}"
            )


def _acted(content: bytes, table: Table) -> bytes:
    act, _, told = request.form.get("act", "").partition(":")
    if act in ("up", "down", "copy", "delete") and told.isdecimal():
        return table_edits.change_rule(content, table.decision, int(told), act)  # type: ignore[arg-type]
    if act == "add_rule":
        return table_edits.add_rule(content, table.decision)
    name = request.form.get("column_text", "").strip()
    if act == "add_column":
        kind = request.form.get("column_kind", "")
        return table_edits.add_column(content, table.decision, kind, name)
    return content


# --- trying -------------------------------------------------------------------------------------


def _tried(desk: Desk, path: str, table: Table) -> dict[str, Any]:
    """What the decision answers for the values of the query, and by which rules (from 0)."""
    try:
        asked = _asked(table)
        shared = {name: part.content for name, part in desk.base.tables.items()}
        known = decisions.read_decisions({path: desk.files[path]}, shared)
        result = known[table.decision].model.evaluate(table.decision, asked, functions.given(now()))
    except (EngineError, FeelError, KeyError) as refused:
        why = refusal(refused)[0] if isinstance(refused, EngineError) else str(refused)
        return {"wrong": why, "rules": [], "value": ""}
    used = [rule.row - 1 for each in result.tables for rule in each.rules]
    told = [each.message for each in result.diagnostics]
    return {"wrong": "; ".join(told[:3]), "rules": used, "value": _shown(result.value)}


def _asked(table: Table) -> dict[str, Any]:
    """The values of the query by the names that the input expressions read."""
    given: dict[str, Any] = {}
    for index, column in enumerate(table.columns):
        text = request.args.get(f"v{index}", "").strip()
        if column.kind != "input":
            continue
        holder, *rest = reversed(column.text.split("."))
        value = _value(text, column.type) if text else None
        for name in (holder, *rest):
            value = {name: value}
        given = _merged(given, value)  # type: ignore[arg-type]
    return given


def _value(text: str, kind: str) -> Any:
    quoted = text.startswith(('"', "@")) or kind in ("number", "boolean")
    if kind == "date" and not quoted and "(" not in text:
        text = f'date("{text}")'
    elif kind == "string" and not quoted:
        return text
    found = evaluate_text(text, {})
    if found.diagnostics:
        raise Rejected("studio.feel", found.diagnostics[0].message, label=text, fault=text)
    return found.value


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for name, value in other.items():
        known = both.get(name)
        is_deep = isinstance(known, dict) and isinstance(value, dict)
        both[name] = _merged(known, value) if is_deep else value  # type: ignore[arg-type]
    return both


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return say("list.comma").join(f"{name}: {_shown(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " / ".join(_shown(each) for each in value) or "—"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


# --- below --------------------------------------------------------------------------------------


def _content(desk: Desk, path: str) -> bytes:
    if path not in desk.files or not path.endswith(".dmn"):
        raise NotFound("package_draft.no_file", f"The draft has no file {path}")
    return desk.files[path]


def _table(content: bytes, path: str, decision: str) -> Table:
    for table in table_edits.tables(content, path):
        if table.decision == decision:
            return table
    raise NotFound("table.not_found", f"There is no decision table {decision}")


def _page(draft_id: UUID, path: str, refused: EngineError | None = None) -> ResponseReturnValue:
    told, status = refusal(refused)
    with reading() as tx:
        desk = open_desk(tx, draft_id, seen_number() or None)
        tables = table_edits.tables(_content(desk, path), path)
        wanted = request.args.get("try", "")
        tried = {
            each.decision: _tried(desk, path, each) for each in tables if each.decision == wanted
        }
        return page(
            tx,
            "studio_table.html",
            desk=desk,
            path=path,
            tables=tables,
            policies=HIT_POLICIES,
            tried=tried,
            entered=request.form if refused else {},
            bad=refused.facts.get("cell", "") if refused else "",
            told=told,
            status=status,
        )
