"""The applicant's page: how their matter stands, by the receipt's code and one proof.

No account, no JavaScript, nothing personal, the same answer for every failure, and a bound on how
often anybody may try from one address.
"""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import citizen_status
from sla import booking_list
from web.pages import bare_page
from web.policies import PUBLIC, policy
from web.tries import WITHIN, Tries
from web.visits import context, now, reading

blueprint = Blueprint("citizen_status", __name__)
TRIES = 10
"""Per address in five minutes and in this process; in all `TRIES` × nodes."""
_tries = Tries(TRIES)


@blueprint.get("/status")
@blueprint.get("/status/<code>")
@policy(PUBLIC)
def ask(code: str = "") -> ResponseReturnValue:
    """The form; a receipt's QR code fills in the code."""
    return bare_page("citizen_status.html", code=code[:40], standing=None, failed="")


@blueprint.post("/status")
@policy(PUBLIC)
def tell() -> ResponseReturnValue:
    """How the matter stands, or one sentence for everything that was wrong."""
    code = request.form.get("code", "")[:40]
    if not _tries.allow(request.remote_addr or "", context().wall_clock.now()):
        page = bare_page(
            "citizen_status.html", status=429, code=code, standing=None, failed="often"
        )
        page.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
        return page
    with reading() as tx:
        found = citizen_status.standing(tx, code, _proof())
        booking = None if found is None else booking_list.by_code(tx, code, _proof())
    if found is None:
        return bare_page(
            "citizen_status.html", status=422, code=code, standing=None, failed="wrong"
        )
    return bare_page(
        "citizen_status.html",
        code=code,
        proof=_proof(),
        standing=found,
        booking=booking,
        failed="",
    )


@blueprint.post("/status/cancel")
@policy(PUBLIC)
def cancel() -> ResponseReturnValue:
    """Whoever booked takes the appointment back, with the code and the proof once more."""
    code = request.form.get("code", "")[:40]
    if not _tries.allow(request.remote_addr or "", context().wall_clock.now()):
        page = bare_page(
            "citizen_status.html", status=429, code=code, standing=None, failed="often"
        )
        page.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
        return page
    moment = now()
    done = context().db.run(lambda tx: booking_list.cancel_by_code(tx, code, _proof(), moment))
    return bare_page(
        "citizen_status.html",
        status=200 if done else 422,
        code=code,
        standing=None,
        failed="",
        cancelled=done,
    )


def _proof() -> str:
    return request.form.get("proof", "")[:20]
