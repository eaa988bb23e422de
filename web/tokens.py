"""Steps of a case moved by hand: where it stands, and a page for each deed, with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_list, tokens
from engine.bpmn.token_moves import Add, Cancel, Deed, Move, Repeat, Skip
from engine.bpmn.token_moves_list import Token
from engine.bpmn.token_moves_rules import Act
from engine.errors import Conflict, EngineError, NotFound, Rejected
from feel import FeelError, compile_expression
from web.deeds import settle
from web.element_words import in_version
from web.errors import sentence, status_of
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, now, reading

blueprint = Blueprint("tokens", __name__)
_WITH_TARGET = frozenset({Act.MOVE, Act.ADD})
_DONE = {
    Act.MOVE: "tokens.done.move",
    Act.ADD: "tokens.done.add",
    Act.CANCEL: "tokens.done.cancel",
    Act.SKIP: "tokens.done.skip",
    Act.REPEAT: "tokens.done.repeat",
}


@blueprint.get("/cases/<uuid:case_id>/steps")
@policy(OPERATION)
def index(case_id: UUID) -> ResponseReturnValue:
    """Everything that is active in the case, each with what may be done to it."""
    with reading() as tx:
        found = tokens.look(tx, case_id, actor(), now())
        return page(
            tx,
            "tokens.html",
            row=case_list.demand_one(tx, case_id, now()),
            tokens=found.tokens,
            element_names=in_version(tx, found.case.definition_id).names,
            refusal=found.refusal,
            version=found.case.version,
        )


@blueprint.get("/cases/<uuid:case_id>/steps/<string:act>")
@policy(OPERATION)
def ask(case_id: UUID, act: str) -> ResponseReturnValue:
    """What one deed would do, and the question why."""
    return _ask_page(case_id, act, request.args.get("token", ""))


@blueprint.post("/cases/<uuid:case_id>/steps/<string:act>")
@policy(OPERATION)
def do(case_id: UUID, act: str) -> ResponseReturnValue:
    """Do it once, and come back to the case."""

    def deed(tx: Connection, at: datetime) -> str:
        _demand_seen(tx, case_id, at)
        tokens.do(tx, case_id, _deed(act), request.form.get("reason", ""), actor(), at)
        return url_for("web.cases.show", case_id=case_id)

    try:
        return settle(deed, _DONE[_act(act)])
    except EngineError as refused:
        return _ask_page(case_id, act, request.form.get("token", ""), refused)


def _ask_page(
    case_id: UUID, act: str, key: str, refused: EngineError | None = None
) -> ResponseReturnValue:
    wanted = _act(act)
    with reading() as tx:
        found = tokens.look(tx, case_id, actor(), now())
        token = _token(found.tokens, key, wanted)
        targets = tokens.targets(tx, case_id, key, actor(), now()) if wanted in _WITH_TARGET else []
        return page(
            tx,
            "token.html",
            row=case_list.demand_one(tx, case_id, now()),
            act=wanted.value,
            token=token,
            targets=targets,
            element_names=in_version(tx, found.case.definition_id).names,
            version=found.case.version,
            given=request.form,
            told=sentence(refused) if refused else "",
            status=status_of(refused) if refused else 200,
        )


def _act(act: str) -> Act:
    if act not in set(Act):
        raise NotFound("case.not_found", "There is no such deed")
    return Act(act)


def _token(found: tuple[Token, ...], key: str, act: Act) -> Token:
    for token in found:
        if token.key == key and act in token.acts:
            return token
    raise Conflict("case.moved_on", "The case has gone on; look again")


def _demand_seen(tx: Connection, case_id: UUID, at: datetime) -> None:
    seen = tokens.look(tx, case_id, actor(), at).case.version
    if request.form.get("version") != str(seen):
        raise Conflict("case.stale", "The case was changed meanwhile; look again")


def _deed(act: str) -> Deed:
    key, to = request.form.get("token", ""), request.form.get("to", "")
    match _act(act):
        case Act.MOVE:
            return Move(key, to)
        case Act.ADD:
            return Add(key, to)
        case Act.CANCEL:
            return Cancel(key)
        case Act.SKIP:
            return Skip(key, _values(request.form.get("values", "")))
        case Act.REPEAT:
            return Repeat(key)


def _values(text: str) -> Mapping[str, Any]:
    """Lines `name = FEEL value`, as in `outcome = "approve"`."""
    found: dict[str, Any] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, is_given, value = line.partition("=")
        try:
            if not is_given:
                raise Rejected(
                    "token.values", "Expected a line of the form name = value", line=name
                )
            evaluated = compile_expression(value.strip()).evaluate({})
        except FeelError as wrong:
            raise Rejected(
                "token.values", "Expected a line of the form name = value", line=name
            ) from wrong
        if evaluated.diagnostics:
            raise Rejected("token.values", "Expected a line of the form name = value", line=name)
        found[name.strip()] = evaluated.value
    return found
