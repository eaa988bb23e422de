"""Service of a letter (APA 68 to 81): when it takes effect, by the table `dunning.dmn`.

What runs from service runs from the day after it takes effect: a deposit on the day it is made, a
public notice when its twenty days (abroad sixty) have passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from engine.minguo import format_date
from sla.counting import taipei_date
from sla.decisions import evaluate
from sla.errors import PeriodError
from sla.periods import due
from sla.rules import Rule, rule
from sla.settings import Settings
from sla.steps import Action, Explained, Step
from sla.working_time import Calendar


class Method(StrEnum):
    """How a letter is served."""

    IN_PERSON = "in_person"
    POST = "post"
    SUBSTITUTE = "substitute"  # handed to somebody of the household (APA 73)
    DEPOSIT = "deposit"  # left with a post office or an authority, two notices (APA 74)
    PUBLIC_NOTICE = "public_notice"  # no address is known (APA 78)


METHOD_WORDS: dict[Method, tuple[str, str]] = {
    Method.IN_PERSON: ("當面送達", "Handed over"),
    Method.POST: ("郵務送達", "Served by post"),
    Method.SUBSTITUTE: ("補充送達", "Handed to a member of the household"),
    Method.DEPOSIT: ("寄存送達", "Deposited"),
    Method.PUBLIC_NOTICE: ("公示送達", "Posted as a public notice"),
}


@dataclass(frozen=True, slots=True)
class Service:
    """One service: `on` is the Taipei day of delivery, deposit or posting."""

    method: Method
    on: date
    abroad: bool = False


def effect(
    service: Service, calendar: Calendar, settings: Settings, entered: Sequence[Rule] = ()
) -> tuple[Step, ...]:
    """The steps up to the day the service takes effect, which the last of them names.

    `entered` are versions of rules that the office entered. Raises PeriodError for a way of
    service the table does not know.
    """
    inputs = {"serviceMethod": service.method.value, "abroad": service.abroad}
    row = evaluate("dunning", "serviceEffect", inputs)
    if row is None:
        raise PeriodError(
            "service.method",
            zh=f"送達方式「{service.method}」未列於 dunning.dmn，請補列。",
            en=f"dunning.dmn knows no effect of service by {service.method}; add it.",
        )
    zh, en = METHOD_WORDS[service.method]
    words = f"於{format_date(service.on, 'zh-TW')}{zh}", f"{en} on {format_date(service.on, 'en')}"
    article = str(row["article"])
    if row["rule"] is None:
        return (Step(Action.SERVED, article, service.on, service.on, words=words),)
    version = rule(str(row["rule"]), service.on, calendar.places, entered)
    waited = due(version, service.on, calendar, settings)
    day = taipei_date(waited.due or service.on)
    return (*waited.steps, Step(Action.SERVED, article, day, day, words=words))


def taken(steps: tuple[Step, ...]) -> date:
    """The day the service took effect, of the steps of `effect`."""
    return taipei_date(steps[-1].after or date.max)


def after_service(explained: Explained, steps: tuple[Step, ...]) -> Explained:
    """A period that ran from a service, with the steps of the service before its own."""
    return replace(explained, steps=(*steps, *explained.steps))
