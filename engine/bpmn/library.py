"""What lint may know beside the diagram: the names a diagram can refer to."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Library:
    """Names by kind. A part that is None is not known, and references to it are not checked.

    `processes`, `decisions`, `clocks` (of the package's limits.yaml), `limits` (its tasks) and
    `groups` are names. `forms` maps a form id to the case variables its fields write (keys under
    `data.` left out). `operations` maps an operation to the names in its result. `start_variables`
    are what a case has when it is filed: the fields of the start form. `functions` are the names of
    the functions given to FEEL from above, beside its own.
    """

    processes: Set[str] | None = None
    decisions: Set[str] | None = None
    forms: Mapping[str, Set[str]] | None = None
    operations: Mapping[str, Set[str]] | None = None
    clocks: Set[str] | None = None
    limits: Set[str] | None = None
    groups: Set[str] | None = None
    start_variables: Set[str] | None = None
    functions: Set[str] | None = None
