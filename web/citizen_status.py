"""The applicant's page: how their matter stands, by the receipt's code and one proof.

No account, no JavaScript, nothing personal, the same answer for every failure, and a bound on how
often anybody may try from one address.
"""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import citizen_status
from web.pages import bare_page
from web.policies import PUBLIC, policy
from web.tries import WITHIN, Tries
from web.visits import context, reading

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
        found = citizen_status.standing(tx, code, request.form.get("proof", ""))
    if found is None:
        return bare_page(
            "citizen_status.html", status=422, code=code, standing=None, failed="wrong"
        )
    return bare_page("citizen_status.html", code=code, standing=found, failed="")
