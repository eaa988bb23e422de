"""Application forms to take home: blank ones and samples, as PDF to print and ODT to type into.

For anybody, like the pages of procedures that lead to them; made from the version in use.
"""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, request
from werkzeug.exceptions import TooManyRequests

from engine import notice_odt, procedures
from engine.application_papers import Sheet, application
from engine.errors import NotFound
from engine.notice_papers import Paper
from web.notice_paper import html
from web.pdf import MEDIA_TYPE, PRESS
from web.policies import PUBLIC, policy
from web.procedures import for_all, offices_of
from web.tries import WITHIN, Tries
from web.visits import context, lang, now, reading

blueprint = Blueprint("application_forms", __name__)
TRIES = 20
"""Files per address in five minutes, and in this process: a PDF is dear to make."""
_tries = Tries(TRIES)
_KEPT = 64


@blueprint.get("/procedures/<package_id>/<any(form, sample):which>.pdf")
@policy(PUBLIC)
@for_all
def pdf(package_id: str, which: str) -> Response:
    """The form to print: tagged, its fonts in it."""
    _demand_leisure()
    content = _printed(html(_paper(package_id, which)))
    return _file(content, MEDIA_TYPE, f"{package_id}-{which}.pdf")


@blueprint.get("/procedures/<package_id>/<any(form, sample):which>.odt")
@policy(PUBLIC)
@for_all
def odt(package_id: str, which: str) -> Response:
    """The form to be typed into."""
    _demand_leisure()
    content = notice_odt.odt(_paper(package_id, which))
    return _file(content, notice_odt.MEDIA_TYPE, f"{package_id}-{which}.odt")


def _paper(package_id: str, which: str) -> Paper:
    with reading() as tx:
        _, office = offices_of(tx)
        if office is None:
            raise NotFound("procedure.not_found", f"Nobody applies for {package_id} here")
        loaded = procedures.one_offered(tx, office.id, package_id)
    return application(loaded, Sheet(office, lang(), which == "sample"), now())


@lru_cache(maxsize=_KEPT)
def _printed(page: str) -> bytes:
    """Kept by the whole page: the same form is printed once, however many want it."""
    return PRESS.print(page)


def _file(content: bytes, media_type: str, name: str) -> Response:
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _demand_leisure() -> None:
    # Raised, not answered: no cache may keep it for others.
    if not _tries.allow(request.remote_addr or "", context().wall_clock.now()):
        raise TooManyRequests(retry_after=int(WITHIN.total_seconds()))
