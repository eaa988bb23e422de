"""The pages of somebody who files online: proof, form, reading it once more, receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from sqlalchemy import Connection, select

from engine import office_contacts, online_proofs, status_codes
from engine.online_proofs import Proof
from sla.procedures import published
from store.tables import cases, definitions
from store.tables import offices as office_rows
from web.online_forms import Filled, carried
from web.online_matters import Matter
from web.pages import bare_page, in_language
from web.procedures import offices_of, words_for_all
from web.status_address import address_of, drawn
from web.visits import context, lang, now, reading, say


def index_page() -> Response:
    """Everything one can do from home: matters filed here, and how the others are applied for."""
    with reading() as tx:
        offices, office = offices_of(tx)
        known = [each.procedure for each in (published(tx, office.id, now()) if office else [])]
    return bare_page(
        "apply.html",
        offices=offices,
        office=office,
        online=[each for each in known if each.filing],
        others=[each for each in known if not each.filing],
        is_open=context().issuer is not None,
        **words_for_all(),
    )


def proof_page(
    matter: Matter, answer: str = "", *, failed: bool = False, ended: bool = False
) -> Response:
    """Who may file it online, and where one proves who one is; else why not, and how instead."""
    filing = matter.filing
    return bare_page(
        "apply_proof.html",
        status=422 if failed or ended else 200,
        failed=failed,
        ended=ended,
        filing=filing,
        verdict=None if filing else _refusal(matter),
        is_open=context().issuer is not None,
        challenge=request.form.get("challenge", "")[:200]
        if answer
        else online_proofs.new_challenge(context().wall_clock.now()),
        id_number=request.form.get("id_number", "")[:20],
        answer=answer,
        hidden_fields=carried(request.form),
        **_around(matter),
    )


def form_page(matter: Matter, proof: Proof, filled: Filled) -> Response:
    """The start form, with what is wrong at its fields."""
    return bare_page(
        "apply_form.html",
        status=422 if filled.errors or filled.refused else 200,
        sheet=filled.sheet(lang(), now()),
        refused=filled.refused,
        proof=_sealed(proof),
        live_at=url_for("web.apply.fill", **_around(matter)["at"]),
        **_around(matter),
    )


def confirm_page(
    matter: Matter, proof: Proof, filled: Filled, refused: tuple[tuple[str, str], ...] = ()
) -> Response:
    """What was entered, to be read once more, and the files of papers."""
    return bare_page(
        "apply_confirm.html",
        status=422 if refused else 200,
        rows=filled.rows(lang()),
        hidden_fields=filled.typed,
        papers=filled.papers,
        refused=refused,
        most=context().files.most_bytes >> 20,
        proof=_sealed(proof),
        **_around(matter),
    )


def receipt_page(case_id: Any, code: str) -> Response:
    """The receipt with its code: nothing personal."""
    with reading() as tx:
        case = _filed(tx, case_id)
        contact = office_contacts.of_office(tx, case.receiving_office_id)
    address = address_of(code) if code else ""
    return bare_page(
        "apply_receipt.html",
        case=case,
        contact=contact,
        code=status_codes.grouped(code),
        address=address,
        qr=drawn(address) if address else "",
    )


def _around(matter: Matter) -> dict[str, Any]:
    return {
        "package": matter.loaded.package,
        "office": matter.office,
        "offices": matter.offices,
        "at": {"package_id": matter.loaded.package.id, "office": request.args.get("office")},
        **words_for_all(),
    }


def _refusal(matter: Matter) -> str:
    name = in_language(matter.office.name.zh, matter.office.name.en)
    return say("apply.not_online", office=name)


def _sealed(proof: Proof) -> str:
    return online_proofs.seal(proof, context().wall_clock.now())


def _filed(tx: Connection, case_id: UUID) -> Any:
    return tx.execute(
        select(
            cases.c.number,
            cases.c.filed_at,
            cases.c.channel,
            cases.c.receiving_office_id,
            definitions.c.title_zh,
            definitions.c.title_en,
            office_rows.c.name_zh,
            office_rows.c.name_en,
        )
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .join(office_rows, office_rows.c.id == cases.c.receiving_office_id)
        .where(cases.c.id == case_id)
    ).one()
