"""What can be filed online at an office, and whether it may be as somebody filled it in."""

from __future__ import annotations

from dataclasses import dataclass

from engine import procedures
from engine.deployments import Loaded
from engine.errors import NotFound
from engine.procedures import OpenOffice
from engine.public_words import OnlineFiling
from sla import online_filing
from web.online_forms import Filled
from web.pages import in_language
from web.procedures import offices_of
from web.visits import now, reading


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be filed, and where."""

    loaded: Loaded
    office: OpenOffice
    offices: list[OpenOffice]

    @property
    def filing(self) -> OnlineFiling | None:
        """Who may file it online; None: nobody."""
        words = self.loaded.package.public
        return words.filing if words else None


def matter_of(package_id: str) -> Matter:
    """The matter at the office that the address names. Raises NotFound."""
    with reading() as tx:
        offices, office = offices_of(tx)
        if office is None:
            raise NotFound("procedure.not_found", f"Nobody applies for {package_id} here")
        return Matter(procedures.one_offered(tx, office.id, package_id), office, offices)


def judged(matter: Matter, filled: Filled) -> Filled:
    """The same with why it may not be filed online, once all its fields are in order."""
    if not filled.is_good:
        return filled
    entered = {**filled.checked.values, "data": filled.checked.data}
    with reading() as tx:
        verdict = online_filing.judge(tx, matter.loaded, entered, matter.office.id, now())
    if verdict.allowed:
        return filled
    return filled.judged(in_language(verdict.reason.zh, verdict.reason.en))
