"""The rules of law and of the office that set a period, from the table `legal-limits.dmn`.

A rule has versions; the one that counts is picked by the date the law names (the event, the
payment, the receipt), so that old events keep old rules. No version, no date: where the table
does not know what was in force on a day, the look-up refuses instead of guessing.

A rule may differ from place to place: the row of the office counts before that of its city, and
that before the nation's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from engine.minguo import format_date
from sla.decisions import evaluate, rows
from sla.errors import RuleError
from sla.spans import Span, Unit, parse_spans
from sla.steps import RowName, RuleName


class Starts(StrEnum):
    """Which day is day 1."""

    NEXT_DAY = "next_day"  # the day after the event (APA 48(2))
    SAME_DAY = "same_day"  # the day itself: "from that day", or the day of birth
    AT_ONCE = "at_once"  # hours
    POSTING_DAY = "posting_day"  # a setting decides whether the day of posting counts
    PERMISSION_DAY = "permission_day"  # a setting decides whether the day of the permit counts


class Roll(StrEnum):
    """What happens when the last day is a rest day."""

    FORWARD = "forward"  # APA 48(4): somebody has to act, so the last day moves
    STANDS = "stands"  # a mere lapse of time, a fixed day, or a day counted backwards
    OPPOSITE_UNLESS_LATER_HELPS = "opposite_unless_later_helps"  # APA 48(5), longer is better
    OPPOSITE_UNLESS_EARLIER_HELPS = "opposite_unless_earlier_helps"  # APA 48(5), shorter is better


class Kind(StrEnum):
    """What the period is for."""

    FILING = "filing"  # a person applies; the postmark counts (APA 49)
    RESTORATION = "restoration"  # a person asks to be put back where a term was missed (APA 50)
    APPEAL = "appeal"  # arrival counts, never the postmark (Appeals Act 14(3))
    TERM = "term"  # set by the office, never shorter than the rule
    LAPSE = "lapse"  # time passes, nobody acts
    PROCESSING = "processing"  # the office acts on an application; can pause and be extended
    DUTY = "duty"  # the office acts by itself
    DOCUMENT = "document"  # internal control of documents
    AGE = "age"
    OPENS = "opens"  # the first day on which something may be done
    BEFORE = "before"  # the last day on which something may be done before another day
    REPORT = "report"
    SANCTION = "sanction"  # APA 48(5)
    FINE = "fine"


class ComputedBy(StrEnum):
    """Which law says how to count."""

    APA = "APA"  # Administrative Procedure Act, art. 48
    CC = "CC"  # Civil Code, arts. 119-124: appeals, change of nationality, ages


class Certainty(StrEnum):
    """How sure the rule is."""

    PAGE = "page"  # a law text or an official page was read
    MEMORY = "memory"
    READING = "reading"  # our reading of a confirmed text
    SEED = "seed"  # an office's own plan says so
    SETTING = "setting"  # an office decides


NATIONAL = "national"
UNNAMED = ("office", "city")
"""Jurisdictions without a name: the plan of some office, or a local rule seen in several cities.
They hold where nothing nearer is on file."""

Places = tuple[str, ...]
"""Where a matter is, nearest first: `office:…` with the office's name, `city:…` with its city."""


def places_of(office: str, city: str) -> Places:
    """The places of an office, by its Chinese name and its city's."""
    return (f"office:{office}", f"city:{city}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of one rule.

    `length` is text as in the table (`60`, `3m+30`, `01-15`), or None where each matter brings
    its own. `valid_from` None means that no earlier text is on file, `valid_to` None that the rule
    is in force. `article` is a reference that `sla.articles` can write out. `jurisdiction` is
    `national`, or whose rule it is: `city:臺北市`, `office:…`, or unnamed (`city`, `office`).
    """

    id: str
    unit: Unit
    length: str | None
    starts: Starts
    roll: Roll
    kind: Kind
    computed_by: ComputedBy
    article: str
    title_zh: str
    title_en: str
    valid_from: date | None
    valid_to: date | None
    source: str
    certainty: Certainty
    jurisdiction: str = NATIONAL
    edit: str = ""
    """By which approved edit an office entered this version; empty for one of the table."""

    @property
    def name(self) -> RuleName:
        """The rule as an explanation names it."""
        return RuleName(
            self.id,
            self.title_zh,
            self.title_en,
            self.article,
            self.certainty.value,
            RowName(self.jurisdiction, self.valid_from, self.valid_to, self.source),
        )

    def title(self, lang: str) -> str:
        """The title in `lang`."""
        return self.title_zh if lang.startswith("zh") else self.title_en

    def with_length(self, length: str | None, unit: Unit | None = None) -> "Rule":
        """The rule with the length of one matter, such as the published limit of an office."""
        return replace(self, length=length or self.length, unit=unit or self.unit)

    def spans(self) -> tuple[Span, ...]:
        """The length, read; raises RuleError when there is none."""
        if self.length is None:
            raise RuleError(
                "rule.length_missing",
                zh=f"規則 {self.id} 沒有固定長度，請另給長度與單位。",
                en=f"Rule {self.id} has no length of its own; give a length and a unit.",
            )
        return _spans(self.length, self.unit)

    def in_force(self, on: date) -> bool:
        """Whether this version counts for a matter of that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@lru_cache(maxsize=512)
def _spans(length: str, unit: Unit) -> tuple[Span, ...]:
    return parse_spans(length, unit)


def rule(rule_id: str, on: date, places: Places = (), entered: Sequence[Rule] = ()) -> Rule:
    """The version of `rule_id` that counts for a matter of the day `on`, at `places`.

    `entered` are versions that offices entered beside the table (`sla.rule_edits`); the last of
    them counts, before that of the table for the same place. `on` is the day the law counts from
    (the event, the payment, the receipt). A rule that only one city or office has is found by its
    name from anywhere: who names it has chosen it. Raises RuleError when there is no such rule, no
    version of it is known to have been in force on that day, or several places have one and none
    of them is ours.
    """
    known = (*versions(rule_id), *(each for each in entered if each.id == rule_id))
    in_force = {each.jurisdiction: each for each in known if each.in_force(on)}
    for place in (*places, NATIONAL, *UNNAMED):
        if place in in_force:
            return in_force[place]
    if len(in_force) == 1:
        return next(iter(in_force.values()))
    if in_force:
        raise _elsewhere(rule_id, tuple(in_force))
    raise RuleError(
        "rule.not_in_force",
        zh=(
            f"規則 {rule_id} 沒有適用於 {format_date(on)} 的版本；"
            "請查明當時的規定，補列於 legal-limits.dmn。"
        ),
        en=(
            f"No version of rule {rule_id} is known to have been in force on {on}; find out what"
            " the law was and add it to legal-limits.dmn."
        ),
    )


def processing_limit(item: str, on: date, places: Places = ()) -> Rule | None:
    """How long an office may take over `item` (`english_transcript`), received on `on`.

    None where it is done at once. Where nobody has set a limit, it is two months (APA 51(2)).
    """
    for place in (*places, NATIONAL, *UNNAMED):
        row = evaluate(
            "processing-limits", "processingLimit", {"caseItem": item, "on": on, "place": place}
        )
        if row is None:
            continue
        if row["serviceClass"] == "immediate":
            return None
        base = rule("PROC_CALENDAR", on)
        return replace(
            base,
            length=str(row["length"]),
            unit=Unit(row["unit"]),
            source=str(row["source"]),
            certainty=Certainty(row["certainty"]),
            jurisdiction=place,
        )
    return rule("PROC_DEFAULT_2M", on)


def _elsewhere(rule_id: str, known: Places) -> RuleError:
    return RuleError(
        "rule.elsewhere",
        zh=(
            f"規則 {rule_id} 只有 {'、'.join(known)} 的規定，本機關適用者尚未列入；"
            "請補列於 legal-limits.dmn。"
        ),
        en=(
            f"Rule {rule_id} is on file for {', '.join(known)} only; add the one of this office or"
            " its city to legal-limits.dmn."
        ),
    )


def versions(rule_id: str) -> tuple[Rule, ...]:
    """All versions of one rule, as the table lists them. Raises RuleError for an unknown id."""
    known = all_rules()
    if rule_id not in known:
        near = get_close_matches(rule_id.upper(), known, n=3, cutoff=0.5) or sorted(known)
        raise RuleError(
            "rule.unknown",
            zh=f"沒有規則「{rule_id}」；是否為 {'、'.join(near)}？",
            en=f"There is no rule {rule_id!r}; did you mean {', '.join(near)}?",
        )
    return known[rule_id]


@lru_cache(maxsize=1)
def all_rules() -> Mapping[str, tuple[Rule, ...]]:
    """Every rule by its id, each with its versions, from the decision table `legalLimit`."""
    known: dict[str, tuple[Rule, ...]] = {}
    for row in rows("legal-limits", "legalLimit"):
        version = of_row(row)
        known[version.id] = (*known.get(version.id, ()), version)
    return MappingProxyType(known)


def of_row(row: Mapping[str, object]) -> Rule:
    """A rule from one row of outputs; a cell that no rule can have is named in the refusal."""
    try:
        return Rule(
            id=str(row["id"]),
            unit=Unit(str(row["unit"])),
            length=None if row["length"] is None else str(row["length"]),
            starts=Starts(str(row["starts"])),
            roll=Roll(str(row["roll"])),
            kind=Kind(str(row["kind"])),
            computed_by=ComputedBy(str(row["computedBy"])),
            article=str(row["article"]),
            title_zh=str(row["titleZh"]),
            title_en=str(row["titleEn"]),
            valid_from=_day(row["validFrom"]),
            valid_to=_day(row["validTo"]),
            source=str(row["source"]),
            certainty=Certainty(str(row["certainty"])),
            jurisdiction=str(row["jurisdiction"]),
            edit=str(row.get("edit", "")),
        )
    except (KeyError, ValueError) as error:
        raise RuleError(
            "rule.row",
            zh=f"legal-limits.dmn 的規則列 {row.get('id')} 有誤：{error}。",
            en=f"Row {row.get('id')} of legal-limits.dmn is no rule: {error}.",
        ) from error


def plain(version: Rule) -> dict[str, str | None]:
    """A version as JSON keeps it; `of_row` reads it again."""
    row = {
        _COLUMNS.get(field.name, field.name): getattr(version, field.name)
        for field in fields(version)
    }
    return {
        name: value.isoformat()
        if isinstance(value, date)
        else None
        if value is None
        else str(value)
        for name, value in row.items()
    }


_COLUMNS = {
    "computed_by": "computedBy",
    "title_zh": "titleZh",
    "title_en": "titleEn",
    "valid_from": "validFrom",
    "valid_to": "validTo",
}
"""What the fields of a rule are called in the table, where it calls them otherwise."""


def _day(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError(f"{value!r} is not a date")
