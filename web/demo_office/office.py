# sizes: exempt — a table of data: the fictional office and its people
"""A fictional office in a fictional city. Nobody here exists; every person is marked so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert

from engine import accounts, desks, office_contacts, ownership, people
from engine.actors import Actor, system
from engine.desks import Kept
from sla.calendars import seed_national_days
from store.tables import office_settings

COUNTRY, CITY, OFFICE = "tw", "demo-city", "demo-south"
OTHER_OFFICE = "demo-north"
PASSWORD = "Kettle-Bridge-115"  # noqa: S105 — known to everybody, demo mode on loopback only


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Who can be played, and what for."""

    login: str
    name: str
    section: str
    groups: tuple[str, ...]
    role_zh: str
    role_en: str


LOGINS: tuple[DemoLogin, ...] = (
    DemoLogin(
        "counter.lin",
        "林示範",
        "登記課",
        ("counter",),
        "櫃檯：收件、登錄、領件",
        "Counter: files, enters, hands over",
    ),
    DemoLogin(
        "counter.gao",
        "高示範",
        "登記課",
        ("counter", "field"),
        "櫃檯與外勤：收件、居住查實",
        "Counter and field: files, visits",
    ),
    DemoLogin(
        "reviewer.chen",
        "陳示範",
        "登記課",
        ("reviewer",),
        "後線：複核登記",
        "Back office: reviews entries",
    ),
    DemoLogin(
        "reviewer.xu",
        "許示範",
        "登記課",
        ("reviewer", "records"),
        "後線與檔案：複核、掃描",
        "Back office and files: reviews, scans",
    ),
    DemoLogin(
        "records.huang",
        "黃示範",
        "資料課",
        ("records",),
        "資料課：檔案、護照",
        "Records: files, passports",
    ),
    DemoLogin(
        "petition.zhou",
        "周示範",
        "行政課",
        ("petition",),
        "陳情專人：登記、分案、追蹤陳情",
        "Petition officer: registers, routes, follows up",
    ),
    DemoLogin(
        "chief.wang",
        "王示範",
        "登記課",
        ("chief",),
        "課長：逾期督導、改派、延長",
        "Section chief: overdue desk, reassigns, extends",
    ),
    DemoLogin(
        "secretary.tsai",
        "蔡示範",
        "秘書室",
        ("secretary",),
        "秘書：查催、核定",
        "Secretary: chases, decides",
    ),
    DemoLogin(
        "director.wu",
        "吳示範",
        "主任室",
        ("director",),
        "主任：逕為登記核定",
        "Director: approves ex-officio registration",
    ),
    DemoLogin(
        "analyst.luo",
        "羅示範",
        "資訊室",
        ("analyst",),
        "流程設計員：流程、版本、檢查",
        "Process analyst: diagrams, versions, lint",
    ),
    DemoLogin(
        "operator.he",
        "何示範",
        "資訊室",
        ("operator",),
        "系統管理：異常、通報、行事曆",
        "Operator: incidents, notifications, calendar",
    ),
)


ELSEWHERE: tuple[DemoLogin, ...] = (
    DemoLogin(
        "counter.north",
        "梁示範",
        "登記課",
        ("counter", "reviewer", "records"),
        "北區所承辦：受移轉的案件",
        "North office: cases handed over to it",
    ),
    DemoLogin(
        "chief.north",
        "宋示範",
        "登記課",
        ("chief",),
        "北區所課長：移轉、延長",
        "Section chief of the north office: hands over, extends",
    ),
)
"""The people of the other office, to whom cases can be handed over; the sign-in page lists those of
the first."""


OFFICES = (
    people.NewOffice(COUNTRY, "TW", "全國", "The country", "—"),
    people.NewOffice(CITY, "DC", "示範市", "Demo City", "示範市", COUNTRY),
    people.NewOffice(
        OFFICE, "DS", "示範市南區戶政事務所", "Demo City South Office", "示範市", CITY
    ),
    people.NewOffice(
        OTHER_OFFICE, "DN", "示範市北區戶政事務所", "Demo City North Office", "示範市", CITY
    ),
)


REACHED: Mapping[str, Mapping[str, str]] = {
    OFFICE: {
        "address_zh": "示範市南區示範一路 1 號 2 樓",
        "address_en": "2F, No. 1, Shifan 1st Rd., South District, Demo City",
        "telephone": "(00) 000-0001 #21",
        "open_zh": "上班日 08:00–17:00，中午不休息",
        "open_en": "Working days 08:00–17:00, also at noon",
    },
    OTHER_OFFICE: {
        "address_zh": "示範市北區示範二路 2 號",
        "address_en": "No. 2, Shifan 2nd Rd., North District, Demo City",
        "telephone": "(00) 000-0002",
    },
}
"""How the fictional offices are reached: numbers that nobody has."""


def found_office(tx: Connection, now: datetime) -> dict[str, Actor]:
    """Make the offices, the people, their accounts and the calendar. Returns actors by login."""
    for office in OFFICES:
        people.create_office(tx, office, system(office.id), now)
        office_contacts.change(tx, office.id, REACHED.get(office.id, {}), system(office.id), now)
    seed_national_days(tx, COUNTRY, now.year - 3, now.year + 3, now)
    _choose(tx, now)
    for login in ELSEWHERE:
        _employ(tx, login, OTHER_OFFICE, now)
    return {login.login: _employ(tx, login, OFFICE, now) for login in LOGINS}


def _choose(tx: Connection, now: datetime) -> None:
    """What the offices have chosen where the law leaves it open, and for a demo."""
    tx.execute(
        insert(office_settings),
        [
            {
                "office_id": office_id,
                "name": name,
                "value": value,
                "source": "示範設定",
                "changed_at": now,
            }
            for office_id, name, value in (
                (OFFICE, "office.hours", {"opens": "08:00", "midday": "12:00", "closes": "17:00"}),
                (OFFICE, "sla.working_day_ends", "closing"),
                *((each, "people.unused_days", 0) for each in (OFFICE, OTHER_OFFICE)),
                *((each, "people.password_days", 0) for each in (OFFICE, OTHER_OFFICE)),
            )
        ],
    )


def _employ(tx: Connection, login: DemoLogin, office_id: str, now: datetime) -> Actor:
    by = system(office_id)
    email = f"{login.login}@demo.invalid"
    new = people.NewPerson(office_id, login.name, login.section, email, fictional=True)
    person_id: UUID = people.create_person(tx, new, by, now)
    for group in login.groups:
        people.join(tx, person_id, group, by, now)
    account = accounts.NewAccount(person_id, login.login, PASSWORD, must_change_password=False)
    account_id = accounts.create_account(tx, account, by, now)
    return Actor(person_id, account_id, office_id, frozenset(login.groups), login.name)


# --- desks ----------------------------------------------------------------------------------------

KEEPER = "chief.wang"
OWNED = ("P01", "P08", "P51")
"""The processes for which one person answers."""
PLATES = ("P26", "P27", "P43")
_BRANCH: Mapping[str, str] = {
    "address_zh": "示範市南區埔頂路 1 號",
    "address_en": "1 Puding Road, South District, Demo City",
    "open_zh": "每週二、四 9 時至 16 時",
    "open_en": "Tuesdays and Thursdays, 9:00 to 16:00",
}


def keep_desks(
    tx: Connection, staff: Mapping[str, Actor], packages: Collection[str], now: datetime
) -> None:
    """Enter the desks, and for which of `packages` a case has an owner."""
    lin, gao = (_id(staff[login]) for login in ("counter.lin", "counter.gao"))
    plates = [each for each in PLATES if each in packages] or ["field"]
    for kept in (
        Kept("愛心櫃檯", "Care counter", needs=desks.NEEDS, people=[lin]),
        Kept("英語櫃檯", "English counter", languages=("en",), people=[gao]),
        Kept("客語櫃檯", "Hakka counter", languages=("hak",), people=[lin]),
        Kept("門牌櫃檯", "Door-plate counter", packages=plates, people=[gao]),
        Kept("埔頂便民工作站", "Puding service station", people=[gao], contact=_BRANCH),
    ):
        desks.keep(tx, None, kept, staff[KEEPER], now)
    ownership.want(tx, [each for each in OWNED if each in packages], packages, staff[KEEPER], now)


def _id(person: Actor) -> UUID:
    if person.person_id is None:
        raise ValueError("The demo office is kept by people")
    return person.person_id
