"""What people ask of the pages over a million cases: every page of a day's work, by role."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bench.million import HALF, Grown
from engine.cases import Filed
from sla.overdue_views import View
from tests.web.house import ANALYST, BIRTH, CHIEF, COUNTER, OPERATOR, REVIEWER
from tests.web.visitor import Visitor

Ask: TypeAlias = Callable[[Visitor, int], None]


class NotShownError(Exception):
    """A page was refused, or gave up."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: who asks, and how; its number varies what is looked for.

    `found_on` are pages on which those that are opened are found first, and `link` the pattern of
    their addresses; that is not timed.
    """

    login: str
    ask: Ask
    found_on: tuple[str, ...] = ()
    link: str = ""


def kinds(grown: Grown, played: list[Filed]) -> Mapping[str, Kind]:
    """Each kind of request by its name."""
    return {
        **_at_the_counter(grown),
        **_lists(),
        **_work(played[HALF:]),
        **_supervision(played[HALF:]),
        **_operation(),
        **_analysis(),
        "citizen: the form": _shown("", "/status"),
        "citizen: how it stands": Kind("", lambda visitor, n: _status(visitor, n, played[HALF:])),
    }


def _at_the_counter(grown: Grown) -> dict[str, Kind]:
    names, numbers = grown.names, grown.numbers

    def find(words: Callable[[int], str], **more: str) -> Kind:
        return Kind(
            COUNTER,
            lambda visitor, n: _send(visitor, "/cases/find", text=words(n), purpose="call", **more),
        )

    return {
        "counter": _shown(COUNTER, "/counter"),
        "counter: what lies at hand": Kind(
            COUNTER, lambda visitor, n: _send(visitor, "/counter/find", text=names[n])
        ),
        "counter: form of a birth": _shown(COUNTER, "/counter/P01"),
        "search: case number": find(lambda n: f"DS-{90 - n % 9}-{n * 977 + 1:05}"),
        "search: ID number": find(lambda n: numbers[n]),
        "search: whole name": find(lambda n: names[n]),
        "search: two characters of a name": find(lambda n: names[n][:2]),
        "search: given name": find(lambda n: names[n][1:]),
        "search: name, closed, one process": find(
            lambda n: names[n], status="closed", package="P01"
        ),
        "search: name that nobody has": find(lambda n: f"甲{names[n][1:]}"),
        "search: date of birth": find(lambda n: f"{1950 + n}-03-12"),
    }


def _lists() -> dict[str, Kind]:
    return {
        "list: newest": _shown(COUNTER, "/cases"),
        "list: closed": _shown(COUNTER, "/cases?status=closed"),
        "list: one process": _shown(COUNTER, "/cases?package=P08"),
        "list: one process, closed": _shown(COUNTER, "/cases?package=P08&status=closed"),
        "list: filed in one week": _shown(COUNTER, "/cases?filed_from=110/3/1&filed_to=110/3/7"),
        "list: overdue": _shown(COUNTER, "/cases?due=overdue"),
        "list: due in seven days": _shown(COUNTER, "/cases?due=week"),
        "list: page after page": _page_after_page(COUNTER, "/cases"),
    }


def _work(open_ones: list[Filed]) -> dict[str, Kind]:
    def of_case(end: str = "") -> Kind:
        return Kind(
            COUNTER, lambda visitor, n: _opened(visitor, f"/cases/{open_ones[n % HALF].id}{end}")
        )

    def of_task(login: str) -> Kind:
        """Copied cases have no sealed data, so of the played ones."""
        cases = tuple(f"/cases/{case.id}" for case in open_ones)
        return Kind(login, _found, cases, r"/user-tasks/[0-9a-f-]{36}")

    return {
        "worklist: mine": _shown(COUNTER, "/worklist"),
        "worklist: group": _shown(REVIEWER, "/worklist?tab=group"),
        "worklist: group, one process": _shown(REVIEWER, "/worklist?tab=group&package=P08"),
        "worklist: group, overdue": _shown(REVIEWER, "/worklist?tab=group&due=overdue"),
        "worklist: waiting": _shown(COUNTER, "/worklist?tab=waiting"),
        "worklist: returned": _shown(COUNTER, "/worklist?tab=returned"),
        "worklist: page after page": _page_after_page(REVIEWER, "/worklist?tab=group"),
        "worklist: is there news": _shown(COUNTER, "/live?list=worklist"),
        "task page": of_task(COUNTER),
        "task page: review": of_task(REVIEWER),
        "case page": of_case(),
        "case for print": of_case("/print"),
        "case: receipt": of_case("/receipt"),
        "notifications": _shown(COUNTER, "/notifications"),
        "notifications: settings": _shown(COUNTER, "/notifications/settings"),
    }


def _supervision(open_ones: list[Filed]) -> dict[str, Kind]:
    desk = {
        "overdue desk" + ("" if view is View.OVERDUE else f": {view}"): _shown(
            CHIEF, f"/overdue?view={view}"
        )
        for view in View
    }
    return {
        **desk,
        "overdue desk: page after page": _page_after_page(CHIEF, "/overdue"),
        "overdue desk: list for print": _shown(CHIEF, "/overdue/print"),
        "overdue desk: figures": _shown(CHIEF, "/overdue/figures"),
        "overdue desk: is there news": _shown(CHIEF, "/live?list=overdue"),
        "notifications of a supervisor": _shown(CHIEF, "/notifications"),
        "looks at one case": Kind(
            CHIEF, lambda visitor, n: _opened(visitor, f"/cases/{open_ones[n % HALF].id}/looks")
        ),
        "looks in the office": _shown(CHIEF, "/looks"),
    }


def _operation() -> dict[str, Kind]:
    one = "[0-9a-f-]{36}"
    return {
        "incidents": _shown(OPERATOR, "/operations"),
        "incidents: one": Kind(OPERATOR, _found, ("/operations",), f"/operations/incidents/{one}"),
        "outbox": _shown(OPERATOR, "/operations/outbox"),
        "timers: waiting": _shown(OPERATOR, "/operations/timers"),
        "timers: resting": _shown(OPERATOR, "/operations/timers?view=resting"),
        "timers: fired": _shown(OPERATOR, "/operations/timers?view=fired"),
        "messages": _shown(OPERATOR, "/operations/inbox"),
        "workers": _shown(OPERATOR, "/operations/system"),
        "people": _shown(OPERATOR, "/operations/people"),
        "people: one": Kind(OPERATOR, _found, ("/operations/people",), f"/operations/people/{one}"),
        "people: review": _shown(OPERATOR, "/operations/people/review"),
        "calendar": _shown(OPERATOR, "/operations/calendar"),
        "offices": _shown(OPERATOR, "/operations/offices"),
    }


def _analysis() -> dict[str, Kind]:
    return {
        "studio: processes": _shown(ANALYST, "/definitions"),
        "studio: one process": _shown(ANALYST, "/definitions/P08"),
        "studio: draft": Kind(ANALYST, _found, ("/definitions",), "/studio/[0-9a-f-]{36}"),
    }


# --- asking -------------------------------------------------------------------------------------


def look(visitor: Visitor, address: str) -> str:
    """Open a page. Raises NotShownError."""
    answer = visitor.client.get(address, base_url="http://localhost")
    if answer.status_code != 200:
        raise NotShownError(f"{address} answers {answer.status_code}")
    return answer.get_data(as_text=True)


def addresses(visitor: Visitor, kind: Kind) -> None:
    """Find the pages of the kind, so that only their own opening is timed."""
    found: list[str] = []
    for address in kind.found_on:
        found += re.findall(f'href="({kind.link})[?"#]', look(visitor, address))
    if kind.found_on and not found:
        raise NotShownError(f"{kind.found_on[0]} has no link like {kind.link}")
    visitor.found = list(dict.fromkeys(found))  # type: ignore[attr-defined]


def _shown(login: str, address: str) -> Kind:
    return Kind(login, lambda visitor, _: _opened(visitor, address))


def _opened(visitor: Visitor, address: str) -> None:
    look(visitor, address)


def _found(visitor: Visitor, n: int) -> None:
    known: list[str] = visitor.found  # type: ignore[attr-defined]
    look(visitor, known[n % len(known)])


def _send(visitor: Visitor, address: str, **values: str) -> None:
    _posted(visitor, address, {"csrf_token": visitor.token, **values})  # type: ignore[attr-defined]


def _status(visitor: Visitor, n: int, filed: list[Filed]) -> None:
    """Each time from another address: an address may try a few times only."""
    proof = str(BIRTH["data.applicant.id_number"])[-4:]
    form = {"code": filed[n % HALF].status_code, "proof": proof}
    form["csrf_token"] = visitor.token  # type: ignore[attr-defined]
    _posted(visitor, "/status", form, {"REMOTE_ADDR": f"192.0.2.{n}"})


def _posted(
    visitor: Visitor, address: str, form: dict[str, Any], where: dict[str, str] | None = None
) -> None:
    answer = visitor.client.post(
        address, base_url="http://localhost", data=form, environ_overrides=where or {}
    )
    if answer.status_code not in (200, 303):
        raise NotShownError(f"{address} answers {answer.status_code}")


def _page_after_page(login: str, first: str) -> Kind:
    """The list, from where the page before ended."""

    def ask(visitor: Visitor, _: int) -> None:
        text = look(visitor, getattr(visitor, "next_page", first))
        found = re.search(r'href="([^"]*(?:cursor|after)=[^"]*)"', text)
        visitor.next_page = found[1].replace("&amp;", "&") if found else first  # type: ignore[attr-defined]

    return Kind(login, ask)
