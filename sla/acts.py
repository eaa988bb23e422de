"""Acts of law that change a running period: pauses, the one extension, a term that was set."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sla.errors import PeriodError
from sla.settings import PauseConvention
from sla.spans import Unit

ONE_DAY = timedelta(days=1)
FAR_AWAY = date.max


class PauseGround(StrEnum):
    """Why a processing clock may stand still."""

    CORRECTION = "correction"  # the applicant completes the papers (MOJ 1999-11-19)
    ASKING_SUPERIOR = "asking_superior"  # the Ministry is asked (Taichung rules for applications)
    DISASTER = "disaster"  # APA 51(5)
    NO_FAULT = "no_fault"  # APA 51(5): a cause the agency cannot answer for
    SYSTEM_DOWN = "system_down"  # the national system is down: such a cause


GROUND_WORDS: dict[PauseGround, tuple[str, str]] = {
    PauseGround.CORRECTION: ("通知申請人補正", "waiting for the applicant's papers"),
    PauseGround.ASKING_SUPERIOR: ("請示上級機關", "the superior agency was asked"),
    PauseGround.DISASTER: ("天災", "natural disaster"),
    PauseGround.NO_FAULT: (
        "不可歸責於機關之事由",
        "a cause the agency cannot answer for",
    ),
    PauseGround.SYSTEM_DOWN: ("戶役政資訊系統異常", "the national system was down"),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count, `first` to `last` inclusive; `last` is None while it goes on.

    `notice` is the day of the notice that stopped the clock, where it is a day that counts.
    """

    first: date
    last: date | None
    ground: PauseGround
    notice: date | None = None

    @classmethod
    def between(
        cls,
        notice: date,
        returned: date | None,
        ground: PauseGround,
        convention: PauseConvention = PauseConvention.NOTICE_COUNTS,
    ) -> "Pause | None":
        """The pause from the day of the notice to the day the papers are back.

        By the default convention the day of the notice counts and the day of return does not.
        None when no whole day is left out (returned on the day of the notice, for example).
        """
        notice_counts = convention is not PauseConvention.NEITHER_COUNTS
        first = notice + ONE_DAY if notice_counts else notice
        if returned is None:
            return cls(first, None, ground, notice)
        if returned < notice:
            raise PeriodError(
                "pause.reversed",
                zh=f"補件日 {returned} 早於通知日 {notice}，請檢查日期。",
                en=f"The papers came back on {returned}, before the notice of {notice}.",
            )
        last = returned - ONE_DAY if convention is PauseConvention.BOTH_COUNT else returned
        return cls(first, last, ground, notice) if first <= last else None


@dataclass(frozen=True, slots=True)
class Extension:
    """The one extension of a processing period (APA 51(3)); `told_on` is the day of notice.

    One that was `granted` was lawful when it was: another calendar, setting or rule that the period
    is counted anew by moves it, and does not take it back.
    """

    length: int
    unit: Unit
    told_on: date | None = None
    granted: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """A legal period that was missed without fault: its last day, and its length in days where it
    was shorter than ten (APA 50)."""

    last_day: date
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Acts:
    """What happened while the period ran. There can be one extension only."""

    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    term_set_to: date | None = None
    missed: Missed | None = None


NOTHING_HAPPENED = Acts()


def apart(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The pauses in order, cut so that no day belongs to two (a disaster during a correction)."""
    cut: list[Pause] = []
    free = date.min
    for pause in sorted(pauses, key=lambda pause: (pause.first, pause.last or FAR_AWAY)):
        if pause.last is not None and pause.last < pause.first:
            raise PeriodError(
                "pause.reversed",
                zh=f"停止期間的末日 {pause.last} 早於始日 {pause.first}，請檢查日期。",
                en=f"A pause ends on {pause.last}, before it begins on {pause.first}.",
            )
        first = max(pause.first, free)
        if pause.last is None:
            return (*cut, Pause(first, None, pause.ground, pause.notice))
        if first <= pause.last:
            cut.append(Pause(first, pause.last, pause.ground, pause.notice))
            free = pause.last + ONE_DAY
    return tuple(cut)
