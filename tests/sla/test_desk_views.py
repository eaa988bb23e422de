"""Filters of the desk and views by name: what they list, what they count, whose they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update

from engine.actors import Actor
from engine.cases import Filed
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from sla import desk_views, overdue_desk, overdue_views
from sla.overdue_desk import Page
from sla.overdue_filters import NO_FILTERS, NOBODY, Filters
from sla.overdue_views import Figure, Place, View
from store import tables
from tests.support.clocked import CLOCKED, LIMITS
from tests.support.factories import OFFICE
from tests.support.office import Office
from tests.support.packages import write_package

CHIEF = "chief Wu"


@pytest.fixture
def late(office: Office) -> dict[str, Filed]:
    """Six late cases: of two packages, held by two people of two sections, one by nobody, one
    waiting for an agency."""
    write_package(office.packages, "OTHER", CLOCKED.replace(b"CLOCKED", b"OTHER"), limits=LIMITS)
    office.deploy("OTHER")
    cases: dict[str, Filed] = {}
    for name, package, by in (
        ("lin", "CLOCKED", "counter Lin"),
        ("lin other", "OTHER", "counter Lin"),
        ("ho", "CLOCKED", "counter Ho"),
        ("ho other", "OTHER", "counter Ho"),
        ("nobody", "CLOCKED", None),
        ("asked", "CLOCKED", "counter Ho"),
    ):
        cases[name] = office.file(package)
        if by:
            office.claim(cases[name], "check", by=by)
        office.clock.move(timedelta(hours=1))
    with office.db.transaction() as tx:
        who = office.person("counter Lin").person_id
        row = update(tables.persons).where(tables.persons.c.id == who)
        tx.execute(row.values(section="登記課"))
        tx.execute(insert(tables.outbox), _promise(office, cases["asked"]))
    office.clock.move(timedelta(days=10))
    return cases


def _promise(office: Office, case: Filed) -> dict[str, object]:
    return {
        "id": uuid4(),
        "office_id": OFFICE,
        "case_id": case.id,
        "key": "ask",
        "operation": "agency.notify",
        "peer": "A03",
        "kind": "birth",
        "field_names": [],
        "ciphertext": b"",
        "status": "sent",
        "created_at": office.clock.now(),
    }


def listed(
    office: Office, filters: Filters, view: View = View.OVERDUE, size: int = 2
) -> list[UUID]:
    chief, seen, place = office.person(CHIEF), list[UUID](), None
    with office.db.transaction(read_only=True) as tx:
        while True:
            wanted = Page(place, size, filters)
            page = overdue_desk.desk(tx, chief, office.clock.now(), view, wanted)
            seen += [line.case_id for line in page.lines]
            place: Place | None = page.next_place  # type: ignore[no-redef]
            if place is None:
                return seen


def figure(office: Office, view: View, filters: Filters) -> Figure:
    chief, asked = office.person(CHIEF), [(view, filters)]
    with office.db.transaction(read_only=True) as tx:
        (found,) = overdue_views.counts_of(tx, chief, office.clock.now(), asked)
        return found


def owner(name: str) -> Callable[[Office], Filters]:
    return lambda office: Filters(owner=str(office.person(name).person_id))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (lambda _: NO_FILTERS, ["lin", "lin other", "ho", "ho other", "nobody", "asked"]),
        (owner("counter Lin"), ["lin", "lin other"]),
        (lambda _: Filters(owner=NOBODY), ["nobody"]),
        (lambda _: Filters(section="登記課"), ["lin", "lin other", "nobody"]),
        (lambda _: Filters(package="OTHER"), ["lin other", "ho other"]),
        (lambda _: Filters(agency="A03"), ["asked"]),
        (lambda _: Filters(section="登記課", package="OTHER"), ["lin other"]),
        (lambda _: Filters(agency="A99"), []),
    ],
)
def test_filters_narrow_the_list_and_its_figure(
    office: Office,
    late: dict[str, Filed],
    wanted: Callable[[Office], Filters],
    expected: list[str],
) -> None:
    filters = wanted(office)

    wanted_ids = {late[name].id for name in expected}
    in_order = [each for each in listed(office, NO_FILTERS) if each in wanted_ids]
    assert (len(in_order), listed(office, filters)) == (len(expected), in_order)
    assert figure(office, View.OVERDUE, filters) == Figure(len(expected))
    turned = Filters(**{**_fields(filters), "latest_first": True})
    assert listed(office, turned) == in_order[::-1]


def _fields(filters: Filters) -> dict[str, object]:
    return {name: getattr(filters, name) for name in Filters.__slots__}


@pytest.mark.parametrize("view", list(View))
def test_a_tab_without_filters_is_counted_as_its_tab_is(
    office: Office, late: dict[str, Filed], view: View
) -> None:
    chief = office.person(CHIEF)
    with office.db.transaction(read_only=True) as tx:
        tab = overdue_views.tab_counts(tx, chief, office.clock.now())[view]

    assert figure(office, view, NO_FILTERS) == tab
    assert len(listed(office, NO_FILTERS, view)) == tab.number
    assert late


def test_a_figure_of_many_views_is_at_least_what_was_looked_at(
    office: Office, late: dict[str, Filed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overdue_views, "LOOKED_AT", 4)
    monkeypatch.setattr(overdue_views, "LEAST_LOOKED_AT", 2)

    assert late
    assert figure(office, View.OVERDUE, NO_FILTERS) == Figure(4, is_least=True)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"owner": "no id", "order": "random"}, NO_FILTERS),
        ({"owner": NOBODY, "order": "latest"}, Filters(owner=NOBODY, latest_first=True)),
        ({"package": " P01 ", "agency": "x" * 500}, Filters(package="P01", agency="x" * 120)),
    ],
)
def test_filters_take_what_an_address_says_and_drop_the_rest(
    given: dict[str, str], read: Filters
) -> None:
    assert Filters.of(given) == read
    assert Filters.of(read.written()) == read


# --- by name ------------------------------------------------------------------------------------


def keep(office: Office, name: str, by: str = CHIEF, filters: Filters = NO_FILTERS) -> UUID:
    who, now = office.person(by), office.clock.now()
    with office.db.transaction() as tx:
        return desk_views.keep(tx, name, View.OFFICE, filters, who, now)


def names(office: Office, by: str = CHIEF) -> list[tuple[str, bool]]:
    who = office.person(by)
    with office.db.transaction(read_only=True) as tx:
        return [(each.name, each.mine) for each in desk_views.views(tx, who)]


def test_a_view_is_ones_own_until_it_is_shared(office: Office) -> None:
    view_id = keep(office, " 王課長 \n的 ", filters=Filters(owner=NOBODY))
    other: Actor = office.person("director Ma")
    chief, now = office.person(CHIEF), office.clock.now()
    assert names(office) == [("王課長 的", True)]
    assert names(office, "director Ma") == []

    with office.db.transaction() as tx:
        desk_views.share(tx, view_id, chief, now, shared=True)
        assert [each.filters for each in desk_views.views(tx, other)] == [Filters(owner=NOBODY)]
    assert names(office, "director Ma") == [("王課長 的", False)]

    with office.db.transaction() as tx:
        for deed in (
            lambda: desk_views.rename(tx, view_id, "x", other, now),
            lambda: desk_views.share(tx, view_id, other, now, shared=False),
            lambda: desk_views.drop(tx, view_id, other),
        ):
            with pytest.raises(NotFound, match="no such view"):
                deed()
        desk_views.rename(tx, view_id, "無人承辦", chief, now)
        desk_views.share(tx, view_id, chief, now, shared=False)
    assert (names(office), names(office, "director Ma")) == ([("無人承辦", True)], [])

    with office.db.transaction() as tx:
        desk_views.drop(tx, view_id, chief)
    assert names(office) == []


def test_a_view_of_another_office_is_nobodys_business(office: Office) -> None:
    view_id = keep(office, "一")
    chief, now = office.person(CHIEF), office.clock.now()
    elsewhere = Actor(chief.person_id, None, "elsewhere", chief.groups, chief.name)

    with office.db.transaction() as tx:
        assert desk_views.views(tx, elsewhere) == []
        with pytest.raises(NotFound):
            desk_views.rename(tx, view_id, "x", elsewhere, now)


def test_names_are_said_once_and_are_names(office: Office) -> None:
    keep(office, "一")
    second = keep(office, "二")

    with pytest.raises(Conflict, match="another name"):
        keep(office, "一")
    with (
        pytest.raises(Conflict, match="another name"),
        office.db.transaction() as tx,
    ):
        desk_views.rename(tx, second, "一", office.person(CHIEF), office.clock.now())
    for wrong in ("", "  ", "長" * 41):
        with pytest.raises(Rejected, match="name of 1 to 40"):
            keep(office, wrong)
    keep(office, "一", by="director Ma")


def test_one_person_keeps_a_dozen(office: Office) -> None:
    for number in range(desk_views.MOST):
        keep(office, f"{number}")

    with pytest.raises(Rejected, match="at most 12"):
        keep(office, "more")


def test_only_supervisors_share(office: Office) -> None:
    view_id = keep(office, "一", by="control Li")

    who, now = office.person("control Li"), office.clock.now()
    with office.db.transaction() as tx, pytest.raises(Forbidden):
        desk_views.share(tx, view_id, who, now, shared=True)


def test_a_stored_view_that_is_none_any_more_is_all_that_is_overdue(office: Office) -> None:
    keep(office, "一")
    with office.db.transaction() as tx:
        tx.execute(update(tables.desk_views).values(filters={"view": "gone", "owner": "?"}))
        (found,) = desk_views.views(tx, office.person(CHIEF))

    assert (found.view, found.filters) == (View.OVERDUE, NO_FILTERS)
