"""What the public may know of the processes an office has deployed: the read model of /procedures.

Everything comes from the active version: its manifest, its start form, its tables. Nothing here
is about a case or a person. The limits are beside it, in `sla.procedures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select

from engine import deployments, functions
from engine.clock import TAIPEI, legal_day
from engine.condition_words import in_words
from engine.decisions import Decision
from engine.deployments import Loaded
from engine.errors import NotFound
from engine.forms import Field, Form, Label
from engine.manifests import Manifest, Paper
from engine.public_words import OnlineFiling, PublicFee, PublicWords, Text
from store.tables import definitions, offices

KINDS = ("registration", "document")
"""Kinds of packages that people apply for, in the order of the list."""
ONLINE = "online"
CORRECTION, WAIVER, WAIVER_REASON = "correction-term", "feeWaiver", "waiver_reason"
FEE = "fee"
_MOST_DAYS_LATE = 400  # the table's last step is open; it begins well before


@dataclass(frozen=True, slots=True)
class OpenOffice:
    """An office where something can be filed, and how it is reached: empty is not said."""

    id: str
    name: Text
    address: Text
    telephone: str
    open: Text


@dataclass(frozen=True, slots=True)
class Applicants:
    """`listed`: who may apply by themselves. `by_proxy`: somebody may come in their place."""

    words: Text | None
    listed: tuple[Text, ...]
    by_proxy: bool
    ground: Text | None


@dataclass(frozen=True, slots=True)
class PublicPaper:
    """`when` is None for a paper everybody brings. `instead`: id of the agency we can ask."""

    id: str
    title: Text
    when: Text | None
    instead: str | None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A ground on which the fee may be asked to be waived; `article` as `sla.articles` reads it."""

    reason: Text
    article: str


@dataclass(frozen=True, slots=True)
class Fee:
    """`amount` in NT$, None where the version's table names none for that day."""

    title: Text
    unit: Text
    ground: Text
    amount: Decimal | None
    waivers: tuple[Waiver, ...]


@dataclass(frozen=True, slots=True)
class FineTier:
    """What being `first` to `last` days late costs (NT$). `last` None: or more. Both None: asked
    in writing by the office to apply, and still not applied."""

    first: int | None
    last: int | None
    amount: Decimal
    article: str


@dataclass(frozen=True, slots=True)
class CorrectionTerm:
    """Calendar days the applicant has for missing papers, by the channel they applied through."""

    channel: str
    days: int


@dataclass(frozen=True, slots=True)
class Procedure:
    """One process as the public reads it. `online_at` is the address of its online form elsewhere,
    `filing` that it is filed here; without both `channels` has no `online`. `bring` is said in
    sentences, beside or instead of `papers`."""

    id: str
    version: int
    kind: str
    title: Text
    what: Text
    search: Text
    channels: tuple[str, ...]
    online_at: str | None
    filing: OnlineFiling | None
    applicants: Applicants
    papers: tuple[PublicPaper, ...]
    bring: tuple[Text, ...]
    fees: tuple[Fee, ...]
    fine: tuple[FineTier, ...]
    corrections: tuple[CorrectionTerm, ...]
    steps: tuple[Text, ...]
    afterwards: tuple[Text, ...]
    sources: tuple[str, ...]

    def is_found_by(self, words: str) -> bool:
        """Whether each of the words stands in what the public may look for it by."""
        texts = (self.title, self.what, self.search, *(paper.title for paper in self.papers))
        known = " ".join(f"{text.zh} {text.en}" for text in texts).casefold()
        return all(word in known for word in words.casefold().split())


# --- offices ------------------------------------------------------------------------------------


def open_offices(tx: Connection) -> list[OpenOffice]:
    """The offices at the feet of the tree that have an active process, by their code."""
    rows = tx.execute(select(offices).order_by(offices.c.code)).all()
    above = {row.id: row.parent_id for row in rows}
    own = select(definitions.c.office_id).where(definitions.c.state == "active").distinct()
    deployed = frozenset(tx.scalars(own))
    parents = frozenset(above.values())
    return [
        OpenOffice(
            row.id,
            Text(row.name_zh, row.name_en),
            Text(row.address_zh, row.address_en or row.address_zh),
            row.telephone,
            Text(row.open_zh, row.open_en or row.open_zh),
        )
        for row in rows
        if row.id not in parents and deployed.intersection(_upwards(row.id, above))
    ]


def _upwards(office_id: str, above: Mapping[str, str | None]) -> Iterator[str]:
    here: str | None = office_id
    for _ in range(len(above)):  # a ring of offices ends as well
        if here is None:
            return
        yield here
        here = above.get(here)


# --- procedures ---------------------------------------------------------------------------------


def offered(tx: Connection, office_id: str) -> list[Loaded]:
    """The active versions people can apply for at the office, by kind and id."""
    found = [
        loaded
        for loaded in deployments.all_active(tx, office_id)
        if loaded.package.kind in KINDS and loaded.package.starts and loaded.package.start_form
    ]
    return sorted(found, key=lambda each: (KINDS.index(each.package.kind), each.package.id))


def one_offered(tx: Connection, office_id: str, package_id: str) -> Loaded:
    """The version of one package that people can apply for there. Raises NotFound."""
    for loaded in offered(tx, office_id):
        if loaded.package.id == package_id:
            return loaded
    raise NotFound("procedure.not_found", f"Nobody applies for {package_id} at this office")


def procedure(loaded: Loaded, now: datetime) -> Procedure:
    """What the version tells the public; `now` (aware UTC) picks the amounts in force."""
    package, words = loaded.package, loaded.package.public
    form = loaded.forms[package.start_form or ""]
    return Procedure(
        id=package.id,
        version=loaded.version,
        kind=package.kind,
        title=package.title,
        what=words.what if words else package.summary,
        search=words.search if words else Text("", ""),
        channels=channels_of(package),
        online_at=words.online if words and ONLINE in package.starts else None,
        filing=words.filing if words and ONLINE in package.starts else None,
        applicants=_applicants(loaded, form, words, now),
        papers=tuple(_paper(paper, form) for paper in package.papers),
        bring=words.bring if words else (),
        fees=tuple(_fee(loaded, fee, now) for fee in (words.fees if words else ())),
        fine=_fine(loaded, words, now),
        corrections=tuple(_corrections(loaded, now)),
        steps=tuple(step.words for step in words.steps) if words else (),
        afterwards=words.afterwards if words else (),
        sources=package.sources,
    )


def channels_of(package: Manifest) -> tuple[str, ...]:
    """How people can apply. A case may reach the office online through another system; that is no
    way for the public to apply unless the package says where the form is, or that it is ours."""
    words = package.public
    has_form = words is not None and bool(words.online or words.filing)
    return tuple(
        channel
        for channel in package.starts
        if channel != "message" and (channel != ONLINE or has_form)
    )


def _applicants(loaded: Loaded, form: Form, words: PublicWords | None, now: datetime) -> Applicants:
    asked = words.applicants if words else None
    sentence = words.who if words else None
    field = _field(form, asked.relation) if asked else None
    if asked is None or field is None or asked.decision not in loaded.decisions:
        return Applicants(sentence, (), by_proxy=False, ground=None)

    def admitted(relation: Any, *, proxy: bool) -> bool:
        given = {asked.relation: relation, asked.proxy: proxy}
        answer = _answer(loaded.decisions[asked.decision], given, now)
        return isinstance(answer, Mapping) and answer.get("allowed") is True

    listed = [option for option in field.options if admitted(option.value, proxy=False)]
    by_proxy = any(admitted(option.value, proxy=True) for option in field.options)
    return Applicants(
        sentence, tuple(_text(option.label) for option in listed), by_proxy, asked.ground
    )


def _paper(paper: Paper, form: Form) -> PublicPaper:
    when = None if paper.required == "true" else paper.when or in_words(paper.required, form)
    return PublicPaper(paper.id, paper.title, when, paper.replaced_by)


def _fee(loaded: Loaded, fee: PublicFee, now: datetime) -> Fee:
    decision = loaded.decisions.get(fee.decision)
    given = {**fee.inputs, "on": legal_day(now)}
    answer = None if decision is None else _answer(decision, given, now)
    amount = answer.get("amount") if isinstance(answer, Mapping) else None
    waivers = tuple(_waivers(loaded, fee, now)) if fee.decision == FEE else ()
    return Fee(fee.title, fee.unit, fee.ground, amount, waivers)


def _waivers(loaded: Loaded, fee: PublicFee, now: datetime) -> Iterator[Waiver]:
    """The reasons the form of the waiver offers, as far as the table grants them for the item."""
    decision = loaded.decisions.get(WAIVER)
    fields = [field for form in loaded.forms.values() if (field := _field(form, WAIVER_REASON))]
    if decision is None or not fields:
        return
    for option in fields[0].options:
        given = {"feeItem": fee.inputs.get("feeItem"), "waiverReason": option.value}
        answer = _answer(decision, given, now)
        if isinstance(answer, Mapping) and answer.get("waived") is True:
            yield Waiver(_text(option.label), str(answer.get("article") or ""))


def _fine(loaded: Loaded, words: PublicWords | None, now: datetime) -> tuple[FineTier, ...]:
    decision = loaded.decisions.get(words.fine or "") if words else None
    return () if decision is None else _tiers(decision, legal_day(now))


@lru_cache(maxsize=32)
def _tiers(decision: Decision, today: date) -> tuple[FineTier, ...]:
    """The steps of a table of fines, found by asking it for every number of days."""
    now = datetime.combine(today, time(12), TAIPEI)

    def cost(days: int, *, dunned: bool) -> tuple[Decimal, str]:
        given = {"daysLate": Decimal(days), "dunned": dunned, "on": today}
        answer = _answer(decision, given, now)
        known = answer if isinstance(answer, Mapping) else {}
        return known.get("amount") or Decimal(0), str(known.get("article") or "")

    tiers = []
    days = range(1, _MOST_DAYS_LATE + 1)
    for (amount, article), run in groupby(days, lambda day: cost(day, dunned=False)):
        alike = list(run)
        last = None if alike[-1] == _MOST_DAYS_LATE else alike[-1]
        if amount:
            tiers.append(FineTier(alike[0], last, amount, article))
    amount, article = cost(1, dunned=True)
    return (*tiers, FineTier(None, None, amount, article)) if amount else tuple(tiers)


def _corrections(loaded: Loaded, now: datetime) -> Iterator[CorrectionTerm]:
    decision = loaded.decisions.get(CORRECTION)
    for channel in channels_of(loaded.package) if decision else ():
        answer = _answer(decision, {"case": {"channel": channel}}, now) if decision else None
        if isinstance(answer, Mapping) and answer.get("days"):
            yield CorrectionTerm(channel, int(answer["days"]))


def _answer(decision: Decision, given: Mapping[str, Any], now: datetime) -> Any:
    return decision.decide(given, functions.given(now)).value


def _field(form: Form, key: str) -> Field | None:
    return next((field for field in form.inputs() if field.key == key), None)


def _text(label: Label) -> Text:
    return Text(label.zh, label.en)
