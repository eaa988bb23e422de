"""Whether something was filed in time: arrival counts, for applications by post the postmark."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sla.counting import taipei_date
from sla.errors import PeriodError
from sla.rules import Kind, Rule
from sla.steps import Action, Explained, Moment, Step


class Channel(StrEnum):
    """How it came."""

    COUNTER = "counter"
    ONLINE = "online"
    REGISTERED_MAIL = "registered_mail"


@dataclass(frozen=True, slots=True)
class Filing:
    """When and how something was filed.

    `arrived` is a Taipei date or an aware instant; `postmark` the date on a registered letter.
    """

    arrived: Moment | None
    channel: Channel = Channel.COUNTER
    postmark: date | None = None


_CHANNEL_WORDS = {
    Channel.COUNTER: ("臨櫃", "at the counter"),
    Channel.ONLINE: ("線上", "online"),
    Channel.REGISTERED_MAIL: ("掛號郵寄", "registered mail"),
}
_POSTMARK_WORDS = ("掛號郵寄，以郵戳為準", "registered mail, by its postmark")


def judged(explained: Explained, filing: Filing, rule: Rule) -> Explained:
    """The same date, with the verdict `in time` or `late` for `filing`.

    APA 49 lets the postmark count for applications and terms; for an appeal the day the office
    received it counts (Appeals Act 14(3)).
    """
    by_post = filing.channel is Channel.REGISTERED_MAIL and filing.postmark is not None
    postmark_counts = by_post and rule.kind in (Kind.FILING, Kind.TERM, Kind.RESTORATION)
    counts = filing.postmark if postmark_counts else filing.arrived
    if counts is None:
        raise PeriodError(
            "filing.no_date",
            zh="沒有可計的提出日期：請給到達日，掛號郵寄的申請案請給郵戳日。",
            en="Nothing says when it was filed; give the arrival, or the postmark of the letter.",
        )
    in_time = _before_the_end(counts, explained)
    words = _POSTMARK_WORDS if postmark_counts else _CHANNEL_WORDS[filing.channel]
    article = "APA 49" if postmark_counts else "CC 121(1)"
    steps = (
        Step(Action.FILED, article, None, counts, words=words),
        Step(Action.IN_TIME if in_time else Action.LATE, "CC 121(1)", explained.due, counts),
    )
    answer = "in time" if in_time else "late"
    return replace(explained, answer=answer, steps=(*explained.steps, *steps))


def _before_the_end(counts: Moment, explained: Explained) -> bool:
    if explained.due is None or explained.due_at is None:
        raise PeriodError(
            "filing.no_end",
            zh="期間停止進行中，尚無末日可比較。",
            en="The clock stands still: there is no last day yet to compare with.",
        )
    if isinstance(counts, datetime):
        return counts < explained.due_at
    return counts <= taipei_date(explained.due)
