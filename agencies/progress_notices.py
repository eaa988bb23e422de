"""The applicant hears by itself how the case stands, when that changes (主動告知處理進度).

On the way they agreed to, and only by mail or text message: a letter of every change would be no
service, and a call is somebody's work. Whoever was told anything of the case on the same day is not
told again: the notice of missing papers says by itself that the case waits for them. It serves the
applicant, no article prescribes it, and nothing runs from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, select

from agencies.notices import send, way_to
from engine import case_rows, events
from engine.actors import system
from engine.bpmn.interpreter import load_state, variables
from engine.clock import TAIPEI, legal_day
from engine.events import CaseRef
from engine.notices import FILED, Notice
from store.tables import notices

KIND = "progress"
CONSENTED = ("sms", "email")
RECEIPTS = ("receipt", "fee_receipt")
HELD: Mapping[str, str] = {
    "correction": "waits_for_papers",
    "asking_superior": "asks_superior",
    "other_agency": "asks_agency",
    "no_fault": "held",
    "disaster": "held",
}
GOES_ON: Mapping[str, str] = {
    "correction": "papers_came",
    "asking_superior": "answer_came",
    "other_agency": "answer_came",
    "no_fault": "goes_on",
    "disaster": "goes_on",
}


def held(tx: Connection, event: events.LimitHeld, now: datetime) -> None:
    """What the case waits for. A failure of the national system is told by its own process."""
    if event.ground in HELD:
        _tell(tx, event.case, HELD[event.ground], now)


def goes_on(tx: Connection, event: events.LimitGoesOn, now: datetime) -> None:
    """That what it waited for is there."""
    if event.ground in GOES_ON:
        _tell(tx, event.case, GOES_ON[event.ground], now)


def suspended(tx: Connection, event: events.CaseSuspended, now: datetime) -> None:
    _tell(tx, event.case, "held", now)


def resumed(tx: Connection, event: events.CaseResumed, now: datetime) -> None:
    _tell(tx, event.case, "goes_on", now)


def transferred(tx: Connection, event: events.CaseTransferred, now: datetime) -> None:
    _tell(tx, event.case, "transferred", now)


def _tell(tx: Connection, ref: CaseRef, stands: str, now: datetime) -> None:
    case = case_rows.load(tx, ref.id, system(ref.office_id), lock=False)
    way = variables(load_state(case.state)).get("contact")
    if case.confidential or way not in CONSENTED or way_to(str(way), case.data) != way:
        return
    if _told_today(tx, ref, now):
        return
    notice = Notice(KIND, str(way), {"told": stands}, None, case.data)
    send(tx, ref, f"progress/{stands}/{legal_day(now)}", notice, now)


def _told_today(tx: Connection, ref: CaseRef, now: datetime) -> bool:
    """Whether the applicant heard of the case today; a receipt, or what stays in the file, is no
    news."""
    today = datetime.combine(legal_day(now), time(0), TAIPEI)
    found = tx.scalar(
        select(notices.c.id)
        .where(
            notices.c.case_id == ref.id,
            notices.c.issued_at >= today,
            notices.c.issued_at < today + timedelta(days=1),
            notices.c.kind.not_in(RECEIPTS),
            notices.c.channel != FILED,
        )
        .limit(1)
    )
    return found is not None
