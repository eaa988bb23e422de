"""What a package tells the public, beside what its tables and forms say: `public` in package.yaml.

Amounts, days and articles never stand here: the page reads them from the version's own tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """What users see, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PublicApplicants:
    """Who may apply, asked of a decision: the answers of the start form's field `relation` that
    its `allowed` admits, by themselves or through the proxy that the field `proxy` tells of."""

    decision: str
    relation: str
    proxy: str
    ground: Text


@dataclass(frozen=True, slots=True)
class PublicLimit:
    """`clock` of limits.yaml; `begins` says from when it is counted."""

    clock: str
    begins: Text


@dataclass(frozen=True, slots=True)
class PublicFee:
    """One amount: what `decision` answers for `inputs` (and the day, as `on`)."""

    decision: str
    inputs: Mapping[str, Any]
    title: Text
    unit: Text
    ground: Text


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step as the applicant meets it; `at` is the element of the diagram it stands for."""

    at: str
    words: Text


@dataclass(frozen=True, slots=True)
class OnlineFiling:
    """That the matter may be filed on our own pages, and by whom: what `decision` allows for
    `inputs` (FEEL over the start form's values and `data`), the channel `online` and, as
    `daysLate`, the days by which the limit of `clock` has passed. `proofs`: ways to prove who one
    is that are taken for it. `who` says all that in words."""

    decision: str
    inputs: Mapping[str, str]
    clock: str | None
    proofs: tuple[str, ...]
    who: Text


@dataclass(frozen=True, slots=True)
class PublicWords:
    """What the public reads. `what` it is, in one sentence for somebody who never worked in an
    office. `search`: other words people look for it by, separated by spaces. `fine`: the decision
    that says what being late costs. `online`: the address of the form people fill in at home;
    without it and without `filing` nobody is told that they can apply online. `bring`: what to
    bring where no intake check ticks papers, or that nothing is needed, and why. `progress`:
    whoever asks how a case stands is told which of the steps it has come to; not for a step that
    says what was decided.
    """

    online: str | None
    what: Text
    search: Text
    who: Text | None
    bring: tuple[Text, ...]
    applicants: PublicApplicants | None
    limits: tuple[PublicLimit, ...]
    fees: tuple[PublicFee, ...]
    fine: str | None
    steps: tuple[PublicStep, ...]
    afterwards: tuple[Text, ...]
    progress: bool = False
    filing: OnlineFiling | None = None
