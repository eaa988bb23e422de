"""Who may not: every route by every kind of stranger. A route that is new stops these tests
until it is said here what it takes."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from api.doors import check_policies, policy_of
from engine import deployments, notices
from engine.actors import system
from engine.case_rows import load
from engine.notices import Notice
from engine.packages import load_library
from store.tables import absences, accounts, grants, idempotency_keys
from tests.api.caller import Caller, refusal
from tests.api.house import COUNTRY, HERE, LIBRARY, House, another_version, birth
from tests.support.files import a_pdf
from tests.support.listing import write_packages

SOMEBODY = str(uuid4())
NOWHERE = {"package_id": "P99", "process_id": "P01"}
"""With these ids nothing is found; all others are SOMEBODY."""
FILE = object()  # a form with a file
TAKES: dict[str, Any] = {  # by endpoint: a body that its shape takes; None: it takes none
    "accounts.approve": None,
    "accounts.depart": {"last_day": "2026-03-31", "reason": "retires"},
    "accounts.enable": {"reason": "back"},
    "accounts.end_absence": None,
    "accounts.grant": {"group": "reviewer"},
    "accounts.lock": {"reason": "lost"},
    "accounts.refuse": None,
    "accounts.set_absence": {"first_day": "2026-03-02", "last_day": "2026-03-03"},
    "accounts.take": None,
    "accounts.unlock": None,
    "agencies.answer": None,
    "attachments.add": FILE,
    "attachments.look": {"purpose": "compare"},
    "attachments.withdraw": {"reason": "wrong case"},
    "calendar.approve": None,
    "calendar.propose": {"day": "2026-03-18", "reason": "typhoon", "source": "city 115-3"},
    "calendar.refuse": {"reason": "not here"},
    "calendar.withdraw": None,
    "case_deeds.annotate": {"text": "call back"},
    "case_deeds.file": {"package": "REVIEW", "channel": "counter"},
    "case_deeds.resume": {"reason": "it may go on"},
    "case_deeds.reveal": {"paths": ["data.child"], "purpose": "to compare"},
    "case_deeds.suspend": {"reason": "the court asks"},
    "case_deeds.tell": {"name": "paper"},
    "case_deeds.transfer": {"to_office": "there", "reason": "moved"},
    "case_deeds.withdraw": {"reason": "moved"},
    "case_relations.link": {"number": "X-115-00001", "kind": "other", "reason": "related"},
    "case_relations.search": {"name": "王小", "purpose": "call"},
    "case_relations.unlink": None,
    "bookings.arrive": None,
    "bookings.book": {
        "service": "P01",
        "day": "2026-03-12",
        "at": "10:30",
        "name": "林書豪",
        "phone": "0912-345-678",
    },
    "bookings.cancel": {"reason": "ill"},
    "bookings.move": {"day": "2026-03-12", "at": "10:30"},
    "chases.ask": {"question": "why?"},
    "chases.tell": {"reason": "many cases", "new_date": "2026-03-09"},
    "clocks.extend": {
        "length": 1,
        "unit": "working_day",
        "reason": "late",
        "told_on": "2026-03-02",
    },
    "definitions.deploy": {"package": "C01"},
    "demo_clock.move": {"hours": 1},
    "desk_views.change": {"name": "mine"},
    "desk_views.drop": None,
    "desk_views.keep": {"name": "mine"},
    "extension_requests.ask": {"length": 1, "unit": "working_day", "reason": "late"},
    "extension_requests.grant": None,
    "extension_requests.refuse": {"why": "no"},
    "extension_requests.withdraw": None,
    "incidents.resolve": {"resolution": "by hand"},
    "incidents.retry": {},
    "operations.pause": {"reason": "closed"},
    "operations.resume": None,
    "messages.correlate": {"message_id": "1", "name": "paper"},
    "receipts.renew": None,
    "migrations.approve": {"why": "good"},
    "migrations.propose": {"from_id": SOMEBODY, "to_id": SOMEBODY, "reason": "law"},
    "migrations.refuse": {"why": "no"},
    "migrations.take_back": None,
    "notices.make": {"kind": "progress", "channel": "letter", "values": {"told": "soon"}},
    "notices.make_again": {"reason": "wrong"},
    "notices.returned": {"returned_on": "2026-03-02", "reason": "moved"},
    "notices.send_again": {"channel": "letter", "reason": "moved"},
    "notices.serve": {"served_on": "2026-03-02", "proof": "receipt"},
    "notices.void": {"reason": "wrong"},
    "notifications.add": {"groups": ["chief"]},
    "notifications.choose": {"choices": []},
    "notifications.mark_read": None,
    "notifications.mark_several_read": {"until": "2026-03-02T01:00:00Z"},
    "outbox.replay": None,
    "package_drafts.approve": {"why": "good"},
    "package_drafts.begin": {"package": "C01"},
    "package_drafts.branch": {"name": "mine"},
    "package_drafts.propose": {"reason": "law"},
    "package_drafts.refuse": {"why": "no"},
    "package_drafts.save": {"changes": [{"path": "limits.yaml", "text": "clocks: {}"}]},
    "package_drafts.set_aside": None,
    "package_drafts.take_up": None,
    "rules.approve": None,
    "rules.propose": {
        "rows": [{"rule": "RESIDENCE_CHECK_6WD", "valid_from": "2026-03-02", "length": "8"}],
        "reason": "amended",
        "source": "city 115-9",
    },
    "rules.refuse": {"reason": "not here"},
    "rules.withdraw": None,
    "sessions.change_password": {"old_password": "a", "password": "b"},
    "sessions.sign_in": {"login": "nobody", "password": "nothing"},
    "sessions.sign_out": None,
    "task_acts.hand_over": {"text": "call on Friday"},
    "task_acts.undo_claim": None,
    "tokens.add": {"token": "a#1", "to": "b", "reason": "wrong way"},
    "tokens.cancel": {"token": "a#1", "reason": "wrong way"},
    "tokens.move": {"token": "a#1", "to": "b", "reason": "wrong way"},
    "tokens.repeat": {"token": "a#1", "reason": "wrong way"},
    "tokens.skip": {"token": "a#1", "reason": "wrong way"},
    "user_tasks.assign": {"person": SOMEBODY, "reason": "ill"},
    "user_tasks.bulk": {"act": "claim", "tasks": [SOMEBODY]},
    "user_tasks.claim": None,
    "user_tasks.complete": {},
    "user_tasks.release": None,
    "user_tasks.send_back": {"reason": "wrong", "error_class": "name"},
    "user_tasks.take_next": None,
    "wordings.choose": {
        "title": {"zh-TW": "催告書", "en": "Demand"},
        "basis": [{"zh-TW": "第 48 條", "en": "Art. 48"}],
        "body": {"zh-TW": "請申請。", "en": "Please apply."},
        "seen": 0,
        "reason": "ours",
    },
    "wordings.take_back": {"seen": 0, "reason": "theirs"},
}
PUBLIC = {
    "agencies.answer",
    "health.live",
    "health.ready",
    "metrics.metrics",
    "openapi",
    "procedures.index",
    "procedures.show",
    "sessions.sign_in",
}


@pytest.fixture(scope="module")
def house(module_house: House) -> House:
    return module_house


@pytest.fixture(scope="module")
def things(house: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Ids of things that are in the one office."""
    here = house.sign_in("all.here")
    late = here.post("/cases", birth()).get_json()["id"]
    house.clock.move(timedelta(days=7))
    with house.db.transaction() as tx:
        deployments.deploy(tx, load_library(LIBRARY), "C13", system(COUNTRY), house.clock.now())
    chase = here.post(f"/cases/{late}/chases", TAKES["chases.ask"]).get_json()["case_id"]
    old, new = another_version(house, tmp_path_factory.mktemp("another"))
    asked = {"from_id": old, "to_id": new, "reason": "law"}
    migration = here.post("/migrations", asked).get_json()["id"]
    case = here.post("/cases", birth()).get_json()["id"]
    for agency in ("tax", "nobody"):
        here.file("NOTIFY", note=agency)
    with house.db.transaction() as tx:
        issued = Notice("receipt", "counter", {})
        ref = load(tx, UUID(case), system(HERE)).ref
        notice = notices.issue(tx, ref, "policies", issued, house.clock.now())
    definitions = here.get("/definitions").get_json()["items"]
    return {
        "case_id": case,
        "task_id": here.task(case)["id"],
        "clock_id": here.case(case)["clocks"][0]["id"],
        "incident_id": here.get("/incidents").get_json()["items"][0]["id"],
        "outbox_id": here.get("/outbox").get_json()["items"][0]["id"],
        "notice_id": str(notice),
        "migration_id": migration,
        "definition_id": next(row["id"] for row in definitions if row["office_id"] == HERE),
        "process_id": "P01",
        "package_id": "P01",
        "rule_id": "STAT_BIRTH_60D",
        "kind": "dunning",
        "agency": "tax",
        "point": "0.8",
        "attachment_id": _file(here, case),
        "chase_id": chase,
        "list_id": _list(house, here, tmp_path_factory.mktemp("listed")),
        **_asked_for(here, case),
        **_of_people(house, here),
    }


def _asked_for(here: Caller, case: str) -> dict[str, str]:
    """What waits for somebody's decision or answer, or stands beside a case."""
    clock = next(each for each in here.case(case)["clocks"] if each["status"] == "running")
    other = here.post("/cases", birth()).get_json()["number"]
    made = {
        "request_id": (f"/clocks/{clock['id']}/extension-requests", "extension_requests.ask"),
        "link_id": (f"/cases/{case}/links", "case_relations.link"),
        "edit_id": ("/calendar/edits", "calendar.propose"),
        "change_id": ("/rules/changes", "rules.propose"),
        "draft_id": ("/package-drafts", "package_drafts.begin"),
        "view_id": ("/overdue/views", "desk_views.keep"),
    }
    ids = {}
    for name, (path, endpoint) in made.items():
        body = {**TAKES[endpoint], **({"number": other} if name == "link_id" else {})}
        answer = here.post(path, body)
        assert answer.status_code == 201, (name, answer.get_data())
        ids[name] = str(answer.get_json()["id"])
    return ids


def _of_people(house: House, here: Caller) -> dict[str, str]:
    """A colleague with an account, who asks for a group and is on leave."""
    person = house.person_id("counter.wu")
    here.post(f"/persons/{person}/groups", {"group": "chief", "reason": "stands in"})
    here.post(f"/persons/{person}/absences", TAKES["accounts.set_absence"])
    (account,) = house.rows(accounts, person_id=person)
    (grant,) = house.rows(grants, person_id=person)
    (absence,) = house.rows(absences, person_id=person)
    return {
        "person_id": str(person),
        "account_id": str(account.id),
        "grant_id": str(grant.id),
        "absence_id": str(absence.id),
    }


def _list(house: House, here: Caller, folder: Path) -> str:
    """A list of persons that is not read yet."""
    write_packages(folder)
    library = load_library(folder)
    with house.db.transaction() as tx:
        for package_id in ("EACH", "LISTED"):
            deployments.deploy(tx, library, package_id, system(HERE), house.clock.now())
    case = here.file("LISTED")
    here.complete(here.claim(case["id"]), values={}, data={})
    (listed,) = here.get(f"/cases/{case['id']}/lists").get_json()["items"]
    return str(listed["id"])


def _file(caller: Caller, case: str) -> str:
    form = {"file": (io.BytesIO(a_pdf()), "a.pdf")}
    answer = caller.call("POST", f"/cases/{case}/attachments", data=form)
    return str(answer.get_json()["id"])


def _routes(house: House) -> list[tuple[str, str, str]]:
    """(endpoint, method, rule) of everything there is."""
    own: Flask = house.app.extensions["huzheng.api.application"]
    return [
        (rule.endpoint, method, rule.rule)
        for rule in own.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _policy(house: House, endpoint: str) -> Any:
    own: Flask = house.app.extensions["huzheng.api.application"]
    return policy_of(own.view_functions[endpoint])


def _call(caller: Caller, endpoint: str, method: str, rule: str, ids: dict[str, str]) -> Any:
    path = rule
    while "<" in path:
        start, end = path.index("<"), path.index(">")
        name = path[start + 1 : end].rpartition(":")[2]
        path = path[:start] + ids.get(name, SOMEBODY) + path[end + 1 :]
    body = {} if method == "GET" or TAKES[endpoint] is None else {"json": TAKES[endpoint]}
    if body.get("json") is FILE:
        body = {"data": {"file": (io.BytesIO(a_pdf()), "a.pdf")}}
    return caller.call(method, path, version=1, **body)


def _ids_in(rule: str) -> list[str]:
    """The ids in a route of what an office has."""
    return re.findall(r"<uuid:(\w+)>", rule)


def test_there_is_a_thing_for_every_id_of_a_route(house: House, things: dict[str, str]) -> None:
    wanted = {name for _, _, rule in _routes(house) for name in _ids_in(rule)}

    assert wanted <= set(things)
    assert SOMEBODY not in things.values()


def test_every_unsafe_route_is_said_here(house: House) -> None:
    unsafe = {endpoint for endpoint, method, _ in _routes(house) if method != "GET"}

    assert unsafe == set(TAKES)


def test_only_these_routes_are_open_to_all_and_each_says_why(house: House) -> None:
    routes = {endpoint: _policy(house, endpoint) for endpoint, _, _ in _routes(house)}

    assert {endpoint for endpoint, policy in routes.items() if policy.public} == PUBLIC


def test_without_a_session_no_route_answers(house: House, things: dict[str, str]) -> None:
    stranger = house.stranger()
    tried = 0
    for endpoint, method, rule in _routes(house):
        if endpoint in PUBLIC:
            continue
        for ids in (things, NOWHERE):
            answer = _call(stranger, endpoint, method, rule, ids)

            assert refusal(answer) == (401, "session.none"), (method, rule)
            tried += 1
    assert tried > 80


def test_who_is_in_none_of_the_groups_is_refused_before_anything_is_looked_up(
    house: House, things: dict[str, str]
) -> None:
    ma = house.sign_in("auditor.ma")
    groups = [(route, _policy(house, route[0]).groups) for route in _routes(house)]
    guarded = [route for route, those in groups if those and "auditor" not in those]
    assert len(guarded) >= 15
    for endpoint, method, rule in guarded:
        there = _call(ma, endpoint, method, rule, things)
        nowhere = _call(ma, endpoint, method, rule, NOWHERE)

        assert refusal(there) == (403, "policy.group"), (method, rule)
        assert there.get_data() == nowhere.get_data()


def test_what_is_in_another_office_is_not_there(house: House, things: dict[str, str]) -> None:
    """The same answer for what another office has and for what nobody has, but for the id asked."""
    elsewhere = house.sign_in("all.elsewhere")
    tried = 0
    for endpoint, method, rule in _routes(house):
        names = _ids_in(rule)
        if not names or endpoint in PUBLIC:
            continue
        there = _call(elsewhere, endpoint, method, rule, things)
        nowhere = _call(elsewhere, endpoint, method, rule, NOWHERE)

        assert there.status_code == 404, (method, rule, there.get_data())
        said = there.get_data(as_text=True)
        for name in names:
            said = said.replace(things[name], SOMEBODY)
        assert said == nowhere.get_data(as_text=True), (method, rule)
        tried += 1
    assert tried >= 28


def test_lists_show_nothing_of_another_office(house: House, things: dict[str, str]) -> None:
    here, elsewhere = house.sign_in("all.here"), house.sign_in("all.elsewhere")
    for path in ("/cases", "/user-tasks?view=group", "/overdue?which=overdue", "/incidents"):
        assert here.get(path).get_json()["items"] != [], path
        assert elsewhere.get(path).get_json()["items"] == [], path
    assert here.get("/outbox").get_json()["items"] != []
    assert elsewhere.get("/outbox").get_json()["items"] == []
    number = here.case(things["case_id"])["number"]
    assert elsewhere.get(f"/cases?number={number}").get_json()["items"] == []


def test_a_refused_call_leaves_nothing_behind(house: House, things: dict[str, str]) -> None:
    before = len(house.rows(idempotency_keys))
    ma = house.sign_in("auditor.ma")

    ma.post(f"/cases/{things['case_id']}/notes", {"text": "I was here"})

    assert len(house.rows(idempotency_keys)) == before


def test_a_route_without_a_door_stops_the_start() -> None:
    app = Flask("open", static_folder=None)
    app.add_url_rule("/open", "open", lambda: "come in")

    with pytest.raises(RuntimeError, match="/open says nothing"):
        check_policies(app)
