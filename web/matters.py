"""The matters that can be filed at a counter, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine import deployments, permissions
from engine.deployments import Loaded
from engine.manifests import Manifest
from engine.sections import SECTIONS, section_of
from web.visits import actor

AT_THE_COUNTER = ("counter", "post", "drive_up", "mobile")
"""Channels on which a person files; the others come in by themselves."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A process that can be filed; `refusal` is the code of why this person cannot. `key` is what
    to type for it: the number in its id, `1` for P01, or the whole id of what no citizen applies
    for, `a1` for A1."""

    package: Manifest
    version: int
    refusal: str | None

    @property
    def key(self) -> str:
        return _short(self.package.id)

    @property
    def section(self) -> str:
        """Which part of the office's work it is, one of `engine.sections`."""
        return section_of(self.package.id)


def matters(tx: Connection) -> list[Matter]:
    """What can be filed at the counters of the office, what the person may file first."""
    found = [
        Matter(loaded.package, loaded.version, refusal_of(loaded))
        for loaded in deployments.all_active(tx, actor().office_id)
        if channels_of(loaded.package)
    ]
    return sorted(found, key=_place)


def by_section(found: Sequence[Matter]) -> list[tuple[str, list[Matter]]]:
    """The matters of each section that has any, in the order of the sections."""
    parts = ((section, [each for each in found if each.section == section]) for section in SECTIONS)
    return [(section, own) for section, own in parts if own]


def _place(matter: Matter) -> tuple[bool, bool, str]:
    """What citizens apply for stands before what the office begins by itself."""
    return matter.refusal is not None, not _is_applied_for(matter.package.id), matter.package.id


def channels_of(package: Manifest) -> Sequence[str]:
    return [channel for channel in AT_THE_COUNTER if channel in package.starts]


def refusal_of(loaded: Loaded) -> str | None:
    """The code of why the person may not file it here; None: they may."""
    package, channels = loaded.package, channels_of(loaded.package)
    if not channels:
        return "case.channel"
    refusal = permissions.may_file(package.id, package.starts, package.groups, channels[0], actor())
    return refusal.code if refusal else None


def _is_applied_for(package_id: str) -> bool:
    return package_id.startswith("P")


def _short(package_id: str) -> str:
    if not _is_applied_for(package_id):
        return package_id.casefold()
    return package_id.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").lstrip("0").casefold()
