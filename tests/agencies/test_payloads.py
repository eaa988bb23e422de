"""Each agency gets its own fields and no other, on its basis and in its time: the tables, every
diagram and what really leaves are held to `payloads.yaml`, written down apart from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from agencies.directory import DIRECTORY
from agencies.transports import Parcel
from engine import cases
from engine.actors import system
from engine.cases import FileCase, Filed
from engine.yaml_reading import load_yaml
from feel import compile_expression
from store import tables
from store.database import Database, open_database
from tests.processes.library import LIBRARY, outcome_of, scenario_files
from tests.support import databases
from tests.support.agencies import RecordingTransport
from tests.support.clock import GivenClock
from tests.support.factories import OFFICE
from tests.support.office import Office
from tests.support.wiring import wired

pytestmark = pytest.mark.usefixtures("wiring")

RECORD = load_yaml((Path(__file__).parent / "payloads.yaml").read_text(encoding="utf-8"))
TOLD: list[dict[str, Any]] = RECORD["notifications"]
ASKED: list[dict[str, Any]] = RECORD["look_ups"]
BY_MATRIX = [entry for entry in TOLD if "when" in entry]
DMN = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
STRANGE = ("religion", "party_membership", "criminal_record", "income", "spouse_name", "note")
EVERYTHING = sorted({name for entry in (*TOLD, *ASKED) for name in entry["fields"]} | {*STRANGE})
VALUES = {name: f"the {name}" for name in EVERYTHING}
"""A case that knows all that any agency gets, and what none does."""
SOURCES = {name: ["data", "all", name] for name in EVERYTHING} | {
    "case_number": ["case", "number"],
    "bank_account": ["data", "payment", "bank_account"],
}
ACCOUNT = "0070123456789"


def name_of(entry: Mapping[str, Any]) -> str:
    return "-".join([entry["agency"], entry.get("event") or entry["purpose"], *_type(entry)])


def _type(entry: Mapping[str, Any]) -> list[str]:
    return [entry["when"]["type"]] if "when" in entry else []


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("payloads")
    db = open_database(databases.sqlite_copy(sqlite_template, folder))
    with wired():
        made = Office(db, GivenClock(), folder)
        made.deploy_real("C06")
        made.deploy_real("C11")
    yield made
    db.close()


@pytest.fixture
def transport(office: Office) -> RecordingTransport:
    sent = RecordingTransport()
    office.transport = sent
    return sent


def call(office: Office, package_id: str, values: Mapping[str, Any]) -> Filed:
    """The shared part, handed what a process hands it."""
    command = FileCase(package_id, "rung", values, {"all": VALUES})
    with office.db.transaction() as tx:
        return cases.file(tx, command, system(OFFICE), office.clock.now())


ADDRESSES = ("registered", "mailing")


def notify(
    office: Office,
    entry: Mapping[str, Any],
    *,
    agrees: bool,
    addresses: tuple[str, ...] = ADDRESSES,
) -> Filed:
    when = entry["when"]
    matter = {"registration_type": when["type"], "sources": SOURCES, "without": []}
    of_person = {name: when.get(name, []) for name in ("changes", "flags")}
    case = call(office, "C06", {**matter, **of_person})
    if "ask_consent" in office.open_tasks(case):
        asked = agrees and entry["basis"] == "consent"
        name = f"{entry['agency']}:{entry['event']}"
        agreed = [name] if asked else []
        of_both = {"new_address", "mailing_address"} <= {*entry["fields"]}
        told = [f"{name}:{each}" for each in addresses if of_both]
        answers = {"consented": agreed, "addresses_told": told}
        data = {
            "consent": {"signed": True},
            "payment": {"bank_account": ACCOUNT},
            "applicant": {"mailing_address": "示範市東區示範路1號"},
        }
        office.complete(case, "ask_consent", "counter Lin", None, answers, data)
    return case


def sent_for(office: Office, case: Filed, sent: RecordingTransport) -> list[Parcel]:
    ids = {str(promise.id) for promise in office.promises(case)}
    while office.send():
        pass
    return [parcel for parcel in sent.parcels if parcel.id in ids]


# --- what leaves --------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", BY_MATRIX, ids=name_of)
def test_an_agency_gets_exactly_its_fields(
    office: Office, transport: RecordingTransport, entry: dict[str, Any]
) -> None:
    case = notify(office, entry, agrees=True)
    promise = next(
        row
        for row in office.promises(case)
        if (row.peer, row.kind) == (entry["agency"], entry["event"])
    )
    if entry["timing"] == "weekly":
        assert sent_for(office, case, transport) == []
        office.clock.move_to(max(promise.next_attempt_at, office.clock.now()))

    (parcel,) = [
        parcel
        for parcel in sent_for(office, case, transport)
        if (parcel.peer, parcel.kind) == (entry["agency"], entry["event"])
    ]

    expected = {name: VALUES[name] for name in entry["fields"]} | {"case_number": case.number}
    if "bank_account" in expected:
        expected["bank_account"] = ACCOUNT
    assert parcel.body == expected
    assert promise.basis == entry["basis"]
    assert promise.field_names == sorted(entry["fields"])


@pytest.mark.parametrize(
    "entry", [entry for entry in BY_MATRIX if entry["basis"] == "consent"], ids=name_of
)
def test_without_consent_it_gets_nothing(
    office: Office, transport: RecordingTransport, entry: dict[str, Any]
) -> None:
    case = notify(office, entry, agrees=False)

    assert {row.basis for row in office.promises(case)} <= {"duty"}
    assert entry["event"] not in {parcel.kind for parcel in sent_for(office, case, transport)}


@pytest.mark.parametrize("entry", TOLD[:2], ids=name_of)
@pytest.mark.parametrize(
    ("told", "kept_back"),
    [
        ("registered", {"mailing_address"}),
        ("mailing", {"old_address", "new_address"}),
    ],
)
def test_an_agency_is_told_only_the_address_that_was_chosen(
    office: Office,
    transport: RecordingTransport,
    entry: dict[str, Any],
    told: str,
    kept_back: set[str],
) -> None:
    case = notify(office, entry, agrees=True, addresses=(told,))

    (parcel,) = [each for each in sent_for(office, case, transport) if each.kind == entry["event"]]

    assert set(parcel.body) == {*entry["fields"]} - kept_back
    assert kept_back <= {*entry["fields"]}


@pytest.mark.parametrize("entry", ASKED, ids=name_of)
def test_a_look_up_asks_with_its_fields_its_case_and_its_purpose(
    office: Office, transport: RecordingTransport, entry: dict[str, Any]
) -> None:
    asked = {"agency": entry["agency"], "purpose": entry["purpose"], "sources": SOURCES}
    case = call(office, "C11", asked)

    (parcel,) = sent_for(office, case, transport)

    expected = {name: VALUES[name] for name in entry["fields"]} | {"case_number": case.number}
    assert (parcel.operation, parcel.peer, parcel.kind, parcel.body) == (
        "agency.look_up",
        entry["agency"],
        entry["purpose"],
        expected,
    )
    log = next(told for told in office.told(case) if told.action == "notification.queued")
    assert log.detail["purpose"] == entry["purpose"]
    assert log.detail["fields"] == sorted(expected)
    assert "asked_by" in log.detail


# --- when nobody answers, or no -----------------------------------------------------------------


HOUSEHOLD_CHANGE = TOLD[0]
SCHOOL_LIST = next(entry for entry in TOLD if entry["event"] == "school_age_list")


@pytest.fixture
def quiet(db: Database, clock: GivenClock, tmp_path: Path) -> Office:
    """An office of its own, on both databases, whose agencies say nothing unless asked."""
    made = Office(db, clock, tmp_path)
    made.deploy_real("C06")
    return made


def test_what_is_not_confirmed_is_sent_once_more_and_then_the_chief_asks(quiet: Office) -> None:
    quiet.transport = sent = RecordingTransport()
    case = notify(quiet, HOUSEHOLD_CHANGE, agrees=True)

    quiet.go_to("2026-03-03", "23:59")
    assert len(sent.parcels) == 1
    quiet.go_to("2026-03-04")
    assert len(sent.parcels) == 2
    assert len(sent.effects) == 1  # under the same key: for the agency it is one notification
    assert quiet.open_tasks(case) == []
    quiet.go_to("2026-03-06")
    assert quiet.open_tasks(case) == ["ask_agency"]

    quiet.answer(quiet.promises(case)[0])

    assert quiet.status(case) == "closed"


def test_an_entry_of_a_list_leaves_on_its_day_and_a_refused_one_is_an_incident(
    quiet: Office,
) -> None:
    quiet.transport = sent = RecordingTransport()
    case = notify(quiet, SCHOOL_LIST, agrees=False)
    (entry,) = [row for row in quiet.promises(case) if row.kind == "school_age_list"]

    assert quiet.status(case) == "closed"  # it does not wait for the list
    quiet.go_to("2026-03-06", "07:59")
    assert sent.parcels == []
    quiet.go_to("2026-03-06", "08:00")
    assert [parcel.kind for parcel in sent.parcels] == ["school_age_list"]

    assert quiet.answer(entry, "rejected", reason="not in this district") == "accepted"

    (incident,) = quiet.rows(tables.incidents)
    assert (incident.code, incident.source_id) == ("outbox.list_refused", str(entry.id))
    assert "not in this district" in incident.message


# --- the tables, the diagrams, the second line --------------------------------------------------


def test_the_matrix_has_the_rows_of_the_record_and_no_other() -> None:
    rows = {
        (row["agency"], row["purpose"], row["basis"], row["timing"], tuple(sorted(row["fields"])))
        for row in outputs_of("notification-matrix.dmn", "notifications")
    }

    assert rows == {
        (entry["agency"], entry["event"], entry["basis"], entry["timing"], _fields(entry))
        for entry in BY_MATRIX
    }


def test_the_table_of_look_ups_has_the_rows_of_the_record_and_no_other() -> None:
    rows = outputs_of("look-ups.dmn", "lookUp", inputs=("agency", "purpose"))

    assert sorted(
        (row["agency"], row["purpose"], tuple(sorted(row["fields"]))) for row in rows
    ) == (sorted((entry["agency"], entry["purpose"], _fields(entry)) for entry in ASKED))


def test_the_second_line_lets_through_the_fields_of_the_record_and_no_other() -> None:
    for agency in DIRECTORY.values():
        told = {name for each in TOLD if each["agency"] == agency.id for name in each["fields"]}
        asked = {name for each in ASKED if each["agency"] == agency.id for name in each["fields"]}
        assert set(agency.fields) == told, agency.id
        assert set(agency.look_up_fields) == asked | ({"case_number"} if asked else set())
        by_kind = {each["event"]: {*each["fields"]} for each in TOLD if each["agency"] == agency.id}
        assert {kind: set(names) for kind, names in agency.kinds.items()} == (
            by_kind if agency.kinds else {}
        )


def test_no_diagram_tells_or_asks_what_is_not_on_record() -> None:
    told = {(each["agency"], each["event"], each["basis"], _fields(each)) for each in TOLD}
    asked = {(each["agency"], each["purpose"]): {"case_number", *each["fields"]} for each in ASKED}
    looked_at = 0
    for package_id, file in scenario_files():
        for done in outcome_of(package_id, file).performed:
            given = done.inputs
            if done.operation in ("agency.notify", "agency.list"):
                looked_at += 1
                assert any(
                    (given["agency"], given["kind"], given["basis"]) == each[:3]
                    and set(given["fields"]) <= {*each[3]}
                    for each in told
                ), (file, given["agency"], given["kind"], given["basis"], [*given["fields"]])
            elif done.operation == "agency.look_up":
                looked_at += 1
                fields = asked[given["agency"], given["purpose"]]
                assert "case_number" in given["subject"], file
                assert set(given["subject"]) <= fields, file
    assert looked_at > 500


def test_every_package_that_tells_an_agency_itself_is_on_record() -> None:
    named = {package for entry in TOLD for package in entry.get("by", ())}
    telling = {
        package.id
        for package in LIBRARY.packages.values()
        if package.id != "C06" and b'hz:operation="agency.notify"' in package.diagram.content
    }

    # C15 and C16 send what their callers hand over, so the callers stand beside them.
    assert telling <= named


def _fields(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(entry["fields"]))


def outputs_of(table: str, decision_id: str, inputs: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The rows of a table of `bpmn/decisions` as they stand in its file."""
    root = etree.parse(str(LIBRARY.root / "decisions" / table)).getroot()
    (decision,) = root.iterfind(f"d:decision[@id='{decision_id}']", DMN)
    names = [each.get("name") for each in decision.iterfind(".//d:output", DMN)]
    rows = []
    for rule in decision.iterfind(".//d:rule", DMN):
        given = zip(inputs, rule.iterfind("d:inputEntry/d:text", DMN), strict=False)
        made = zip(names, rule.iterfind("d:outputEntry/d:text", DMN), strict=True)
        rows.append(
            {
                name: compile_expression(cell.text).evaluate({}).value
                for name, cell in (*given, *made)
            }
        )
    return rows
