"""The e-counter: what can be filed online, proving who one is, and filling in the start form.

Works without JavaScript and without a sign-in. Nothing of a half-filled application is kept here:
what was entered travels in the applicant's own form from page to page (`no-store`) and first comes
to rest in the case; files are sent with the last page only. See `engine.online_proofs`.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound, TooManyRequests

from agencies.identity import Shown
from engine import online_proofs
from engine.identity_numbers import is_identity_number
from engine.online_proofs import Proof
from web import apply_pages, online_forms, online_papers
from web.online_filing import file_once
from web.online_matters import Matter, judged, matter_of
from web.policies import PUBLIC, policy, takes_files
from web.procedures import for_all
from web.tries import WITHIN, Tries
from web.visits import context

blueprint = Blueprint("apply", __name__)
TRIES, PAGES = 10, 120
"""Proofs and filings, and pages of forms, per address in five minutes and in this process."""
_tries, _pages = Tries(TRIES), Tries(PAGES)
STEP, EDIT, CONFIRM = "step", "edit", "confirm"


@blueprint.get("/apply")
@policy(PUBLIC)
@for_all
def index() -> Response:
    """Everything one can do from home: matters filed here, and how the others are applied for."""
    return apply_pages.index_page()


@blueprint.get("/apply/<package_id>")
@policy(PUBLIC)
def begin(package_id: str) -> ResponseReturnValue:
    """Who may file it online; then prove who you are."""
    _demand_leisure(_pages)
    return apply_pages.proof_page(matter_of(package_id))


@blueprint.post("/apply/<package_id>/card")
@policy(PUBLIC)
def card(package_id: str) -> ResponseReturnValue:
    """The reader of a demonstration: the sandbox's card signs the challenge."""
    _demand_leisure(_tries)
    issuer = context().issuer
    if not context().demo or issuer is None:
        raise NotFound
    id_number, pin, challenge = _typed("id_number", "pin", "challenge")
    at = context().wall_clock.now()
    answer = issuer.card_of_sandbox(id_number, pin, challenge, at)
    return apply_pages.proof_page(matter_of(package_id), answer=answer, failed=not answer)


@blueprint.post("/apply/<package_id>/prove")
@policy(PUBLIC)
def prove(package_id: str) -> ResponseReturnValue:
    """The form for whom the issuer knows; one sentence for every failure."""
    _demand_leisure(_tries)
    matter = matter_of(package_id)
    id_number, challenge, answer = _typed("id_number", "challenge", "answer")
    reference = _reference(Shown(id_number, challenge, answer))
    if reference is None:
        return apply_pages.proof_page(matter, failed=True)
    proof = online_proofs.new_proof(package_id, matter.office.id, id_number, reference)
    if online_forms.is_entered(request.form):
        # An hour was over, and what had been entered came along.
        return apply_pages.form_page(matter, proof, _filled(matter, proof))
    return apply_pages.form_page(matter, proof, online_forms.blank(matter.loaded, id_number))


@blueprint.post("/apply/<package_id>")
@policy(PUBLIC)
def fill(package_id: str) -> ResponseReturnValue:
    """The form again with what is wrong with it, or what was entered to be read once more."""
    _demand_leisure(_pages)
    matter = matter_of(package_id)
    proof = _proof(matter)
    if proof is None:
        return apply_pages.proof_page(matter, ended=True)
    filled = _filled(matter, proof)
    if request.form.get(STEP) == EDIT or not filled.is_good:
        return apply_pages.form_page(matter, proof, filled)
    return apply_pages.confirm_page(matter, proof, filled)


@blueprint.post("/apply/<package_id>/file")
@takes_files
@policy(PUBLIC)
def file(package_id: str) -> ResponseReturnValue:
    """The case, once for each proof, and its receipt."""
    _demand_leisure(_tries)
    matter = matter_of(package_id)
    proof = _proof(matter)
    if proof is None:
        return apply_pages.proof_page(matter, ended=True)
    filled = _filled(matter, proof)
    if not filled.is_good:
        return apply_pages.form_page(matter, proof, filled)
    files = online_papers.files_of(request.files, filled)
    if files.refused:
        return apply_pages.confirm_page(matter, proof, filled, files.refused)
    case_id, code = file_once(matter.loaded, proof, filled, files.prepared)
    return apply_pages.receipt_page(case_id, code)


# --- what was sent ------------------------------------------------------------------------------


def _filled(matter: Matter, proof: Proof) -> online_forms.Filled:
    return judged(matter, online_forms.fill(matter.loaded, request.form, proof))


def _reference(shown: Shown) -> str | None:
    issuer, at = context().issuer, context().wall_clock.now()
    is_whole = is_identity_number(shown.id_number) and online_proofs.is_ours(shown.challenge, at)
    return issuer.proves(shown, at) if issuer is not None and is_whole else None


def _proof(matter: Matter) -> Proof | None:
    return online_proofs.opened(
        request.form.get("proof", ""),
        matter.loaded.package.id,
        matter.office.id,
        context().wall_clock.now(),
    )


def _typed(*names: str) -> tuple[str, ...]:
    return tuple(request.form.get(name, "")[:400].strip() for name in names)


def _demand_leisure(tries: Tries) -> None:
    if not tries.allow(request.remote_addr or "", context().wall_clock.now()):
        raise TooManyRequests(retry_after=int(WITHIN.total_seconds()))
