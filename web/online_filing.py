"""Filing what an applicant sent: the same verb as at the counter, once for each proof."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine import attachments, cases, idempotency, status_codes
from engine.actors import system
from engine.attachments import Place, Prepared
from engine.cases import FileCase
from engine.deployments import Loaded
from engine.history import Entry, append
from engine.idempotency import Call, Stored
from engine.online_proofs import Proof
from engine.procedures import ONLINE
from web.online_forms import Filled
from web.visits import context, now

PROVEN = "case.proven_by_certificate"


def file_once(
    loaded: Loaded, proof: Proof, filled: Filled, files: Sequence[tuple[str, Prepared]]
) -> tuple[UUID, str]:
    """The case and its status code. Sent again with the same proof, it is the same case."""
    call = Call("web:online", proof.nonce, proof.nonce, proof.office_id)
    moment = now()

    def once(tx: Connection) -> tuple[UUID, str]:
        stored = idempotency.recall(tx, call.principal, call.key, call.request_hash)
        if stored is None:
            case_id = _file(tx, loaded, proof, filled, files, moment)
            # Only whose case it is: the code lies sealed with the case, and is read from there.
            idempotency.keep(tx, call, Stored(201, {}, str(case_id).encode()), moment)
        else:
            case_id = UUID(stored.body.decode())
        return case_id, status_codes.of_case(tx, case_id, system(proof.office_id)) or ""

    return context().db.run(once)


def _file(
    tx: Connection,
    loaded: Loaded,
    proof: Proof,
    filled: Filled,
    files: Sequence[tuple[str, Prepared]],
    at: datetime,
) -> UUID:
    actor = system(proof.office_id)
    command = FileCase(loaded.package.id, ONLINE, values=filled.values)
    filed = cases.file(tx, command, actor, at)
    detail = {"reference": proof.reference}
    append(
        tx,
        Entry(PROVEN, actor, at, case_id=filed.id, office_id=proof.office_id, detail=detail),
    )
    for paper, prepared in files:
        attachments.add(tx, filed.id, prepared, Place(paper), actor, at)
    return filed.id
