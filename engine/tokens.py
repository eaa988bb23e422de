"""Deeds of people on the tokens of a case: move, add and cancel; skip and repeat an activity.

`engine.bpmn.token_moves` judges and does it; here it is allowed, written in one step, and told. The
history says what was done with which element; the words of the reason lie under the case's key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine import case_rows, deployments, notes, runtime
from engine.actors import Actor
from engine.advancing import environment
from engine.bpmn import token_moves, token_moves_list
from engine.bpmn.interpreter import load_state
from engine.bpmn.token_moves import Add, Cancel, CannotDo, Deed, Move, Repeat, Skip
from engine.bpmn.token_moves_list import Token, name_of, place_of_token
from engine.bpmn.token_moves_rules import Act
from engine.case_rows import Case
from engine.errors import Conflict, Rejected
from engine.history import Entry
from engine.permissions import Refusal, demand, may_move_tokens

_TOLD = {
    Act.MOVE: "token.moved",
    Act.ADD: "token.added",
    Act.CANCEL: "token.cancelled",
    Act.SKIP: "activity.skipped",
    Act.REPEAT: "activity.repeated",
}


@dataclass(frozen=True, slots=True)
class Where:
    """The tokens of a case, for people. `refusal` says why the actor may not touch them."""

    case: Case
    tokens: tuple[Token, ...]
    refusal: Refusal | None


def look(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> Where:
    """Where a case stands, token by token. Raises NotFound."""
    case = case_rows.load(tx, case_id, actor, lock=False)
    refusal = may_move_tokens(case.facts, actor)
    if case.status not in ("active", "suspended"):
        return Where(case, (), refusal)
    loaded = deployments.definition(tx, case.definition_id)
    found = token_moves_list.tokens(
        loaded.definition,
        load_state(case.state),
        environment(tx, case, loaded, case.data, now),
        now,
    )
    return Where(case, tuple(found), refusal)


def targets(tx: Connection, case_id: UUID, key: str, actor: Actor, now: datetime) -> list[Any]:
    """The elements a token may be moved to, in the diagram's order. Raises NotFound, Conflict."""
    case = case_rows.load(tx, case_id, actor, lock=False)
    demand(may_move_tokens(case.facts, actor))
    loaded = deployments.definition(tx, case.definition_id)
    try:
        return token_moves_list.targets(
            loaded.definition,
            load_state(case.state),
            key,
            environment(tx, case, loaded, case.data, now),
            now,
        )
    except CannotDo as cannot:
        raise _refused(cannot) from cannot


def do(tx: Connection, case_id: UUID, deed: Deed, reason: str, actor: Actor, now: datetime) -> None:
    """Do one deed and write the step. Raises NotFound, Forbidden, Conflict for a case that has
    gone on, Rejected with the sentence of what the diagram does not bear."""
    case = case_rows.load(tx, case_id, actor)
    demand(may_move_tokens(case.facts, actor))
    case.demand_active()
    if not reason.strip():
        raise Rejected("token.reason", "Say why the case is moved by hand")
    told = _entry(tx, case, deed, actor, now)

    try:
        runtime.change(
            tx,
            case,
            lambda loaded, state, at, env: token_moves.do(loaded.definition, state, deed, at, env),
            runtime.Deed(actor, [told]),
            now,
        )
    except CannotDo as cannot:
        raise _refused(cannot) from cannot
    notes.say(tx, case.id, case.key, notes.Said(notes.TOKEN, reason), actor, now)


def _refused(cannot: CannotDo) -> Conflict | Rejected:
    remark = cannot.remark
    kind = Conflict if remark.code in ("token.unknown", "instance.ended") else Rejected
    facts = {"zh": remark.zh, "en": remark.en, "element": remark.element_id}
    return kind(f"case.{remark.code}", remark.en, **facts)


def _entry(tx: Connection, case: Case, deed: Deed, actor: Actor, now: datetime) -> Entry:
    act = _ACTS[type(deed)]
    key = deed.beside if isinstance(deed, Add) else deed.key
    loaded = deployments.definition(tx, case.definition_id)
    state = load_state(case.state)
    detail: dict[str, Any] = {"said": True}
    if isinstance(deed, Move | Add):
        detail["to"] = name_of(loaded.definitions, deed.to)
    if isinstance(deed, Skip) and deed.values:
        detail["variables"] = sorted(deed.values)
    process_id, element_id = place_of_token(loaded.definitions, state, key)
    return Entry(
        _TOLD[act],
        actor,
        now,
        case_id=case.id,
        step=case.ref.version,
        process_id=process_id,
        element_id=element_id,
        object_id=key[:400],
        detail=detail,
        office_id=case.office_id,
    )


_ACTS: Mapping[type[Any], Act] = {
    Move: Act.MOVE,
    Add: Act.ADD,
    Cancel: Act.CANCEL,
    Skip: Act.SKIP,
    Repeat: Act.REPEAT,
}
