"""The procedures with their time: how long the applicant has, and how long the office.

The lengths come from the version's own limits.yaml and the rule of law it names, as cases are
counted by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import Connection

from engine import procedures
from engine.clock import legal_day
from engine.deployments import Loaded
from engine.procedures import Procedure
from engine.public_words import PublicLimit as NamedLimit
from engine.public_words import Text
from sla import limits
from sla.articles import render
from sla.calendars import rules_of
from sla.limits import ClockPlan
from sla.rules import Kind, Places, Rule, rule
from sla.spans import Span
from sla.wording import UNIT_WORDS

APPLICANT, OFFICE, AFTERWARDS = "applicant", "office", "afterwards"
_WHOSE = {Kind.FILING: APPLICANT, Kind.PROCESSING: OFFICE}


@dataclass(frozen=True, slots=True)
class PublicLimit:
    """`whose` time it is: `applicant`, `office`, or `afterwards` (a right that lapses). `article`
    is empty where the rule rests on none."""

    clock: str
    whose: str
    title: Text
    length: Text
    begins: Text
    article: Text
    may_pause: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A procedure and its limits, in the order the package lists them."""

    procedure: Procedure
    limits: tuple[PublicLimit, ...]

    def of(self, whose: str) -> tuple[PublicLimit, ...]:
        return tuple(limit for limit in self.limits if limit.whose == whose)


def published(tx: Connection, office_id: str, now: datetime) -> list[Published]:
    """Everything people can apply for at the office, by kind and id; `now` is aware UTC."""
    here = rules_of(tx, office_id)
    return [_published(loaded, here, now) for loaded in procedures.offered(tx, office_id)]


def one_published(tx: Connection, office_id: str, package_id: str, now: datetime) -> Published:
    """One of them. Raises NotFound."""
    loaded = procedures.one_offered(tx, office_id, package_id)
    return _published(loaded, rules_of(tx, office_id), now)


_Here: TypeAlias = tuple[Places, tuple[Rule, ...]]
"""The places of an office, and the versions of rules that were entered there."""


def _published(loaded: Loaded, here: _Here, now: datetime) -> Published:
    found = tuple(_limits(loaded, here, legal_day(now)))
    return Published(procedures.procedure(loaded, now), found)


def _limits(loaded: Loaded, here: _Here, today: date) -> Iterator[PublicLimit]:
    words = loaded.package.public
    if words is None or loaded.limits is None:
        return
    plans = limits.parse(loaded.limits, f"{loaded.package.id}/limits.yaml").clocks
    for named in words.limits:
        plan = plans.get(named.clock)
        if plan is not None:
            law = rule(plan.rule, today, *here).with_length(plan.length, plan.unit)
            yield _limit(plan, law, named)


def _limit(plan: ClockPlan, version: Rule, named: NamedLimit) -> PublicLimit:
    return PublicLimit(
        clock=plan.name,
        whose=_WHOSE.get(version.kind, AFTERWARDS),
        title=Text(version.title_zh, version.title_en),
        length=_length(version.spans()),
        begins=named.begins,
        article=Text(render(version.article, "zh-TW"), render(version.article, "en")),
        may_pause=plan.pausable,
    )


def _length(spans: tuple[Span, ...]) -> Text:
    """`60 日`; of two parts the second begins when the first is full: `滿 3 個月後 30 日`.

    `當日` stands for no day at all: what is due when the day of the filing ends.
    """
    zh, en = [], []
    for span in spans:
        if span.amount == 0:  # nobody reads “0 working days”
            zh.append("當日")
            en.append("the same day")
            continue
        unit_zh, unit_en = UNIT_WORDS[span.unit]
        zh.append(f"{span.amount} {unit_zh}")
        en.append(f"{span.amount} {unit_en}{'' if span.amount == 1 else 's'}")
    last_zh, last_en = zh.pop(), en.pop()
    if not zh:
        return Text(last_zh, last_en)
    return Text(
        f"滿 {'又 '.join(zh)}後 {last_zh}", f"{last_en} once {' and '.join(en)} have passed"
    )
