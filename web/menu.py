"""The menu at the left: the desks a person has, with how much lies on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.actors import Actor
from web.policies import (
    ANALYSIS,
    CASES,
    HANDLING,
    OPERATION,
    SIGNED_IN,
    SUPERVISION,
    Policy,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """`key` is its text and the name of its count; `places` are its blueprints."""

    key: str
    endpoint: str
    policy: Policy
    places: tuple[str, ...]


STUDIO = (
    "definitions",
    "migrations",
    "migrations_compare",
    "studio",
    "studio_diagram",
    "studio_editor",
    "studio_feel",
    "studio_files",
    "studio_forms",
    "studio_limits",
    "studio_proposals",
    "studio_scenarios",
    "studio_tables",
    "studio_unsaved",
)
"""Everything the analyst has."""

OPERATIONS = (
    *("operations", "outbox", "timers", "inbox", "system"),
    *("calendar", "people", "staff", "offices", "desks", "wordings"),
)

DESKS = (
    Desk(
        "counter",
        "web.counter.choose",
        HANDLING,
        ("counter", "filing", "draft_windows", "receipts"),
    ),
    Desk("bookings", "web.bookings.day", HANDLING, ("bookings",)),
    Desk("worklist", "web.worklist.show", HANDLING, ("worklist", "user_tasks", "route_sheet")),
    Desk(
        "cases",
        "web.case_search.show",
        CASES,
        (
            "cases",
            "case_search",
            "case_acts",
            "case_looks",
            "case_diagram",
            "notices",
            "clock_paper",
            "tokens",
        ),
    ),
    Desk(
        "overdue",
        "web.overdue.desk",
        SUPERVISION,
        (
            "overdue",
            "overdue_acts",
            "overdue_figures",
            "monthly_lists",
            "delays",
            "extensions",
            "duties",
        ),
    ),
    Desk(
        "notifications",
        "web.notifications.show",
        SIGNED_IN,
        ("notifications", "notice_settings", "office_notices"),
    ),
    Desk(
        "petitions",
        "web.petitions.show",
        Policy(frozenset({"petition", "control"})),
        ("petitions",),
    ),
    Desk("definitions", "web.definitions.index", ANALYSIS, STUDIO),
    Desk("operations", "web.operations.index", OPERATION, OPERATIONS),
    Desk("people", "web.people.show", Policy(frozenset({"auditor"})), ("people", "offices")),
)


def desks_of(actor: Actor) -> Iterator[Desk]:
    """The desks the actor may open, in the order of the menu."""
    return (desk for desk in DESKS if desk.policy.admits(actor))


def first_desk(actor: Actor) -> Desk:
    """Where somebody lands after signing in: supervisors on the overdue desk, others on theirs.

    Who runs the installation may also look at processes, but begins with what has gone wrong.
    """
    found = list(desks_of(actor))
    if SUPERVISION.admits(actor):
        return next(desk for desk in found if desk.key == "overdue")
    mending = ("operations",) if "operator" in actor.groups else ()
    for key in ("worklist", *mending, "definitions", "operations", "cases"):
        for desk in found:
            if desk.key == key:
                return desk
    return found[0]
