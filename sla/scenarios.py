"""Runs the scenarios of process packages in memory, with real clocks, decisions and forms' names.

The interpreter's scenario runner (`engine.bpmn.scenario`) knows neither limits nor calendars; here
the clocks of a rehearsed case are ledgers like those of real cases, on the national calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from engine import decisions, functions, operations
from engine.bpmn.environment import Environment
from engine.bpmn.scenario import (
    Result,
    Scenario,
    ScenarioError,
    Surroundings,
    check_scenario,
    parse_scenario,
)
from engine.bpmn.scenario_document import Filing
from engine.clock import legal_day
from engine.manifests import Manifest
from engine.merged_limits import merged_limits
from engine.packages import Closure, Library, compiled, variables_of
from engine.yaml_reading import load_yaml
from sla import ladder_diagrams, outages, plan_items
from sla.limits import NO_LIMITS, Limits, parse
from sla.scenario_clocks import ScenarioClocks

StandIn: TypeAlias = Callable[[Mapping[str, Any], datetime], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A closure made ready to be rehearsed."""

    manifest: Manifest
    closure: Closure
    limits: Limits

    @classmethod
    def of(cls, library: Library, package_id: str) -> Rehearsal:
        """Raises PackageError for what the package lacks, Rejected for a wrong limits.yaml."""
        closure = library.closure(package_id)
        found = {part.name: part.content for part in closure.parts if part.kind == "limits"}
        own = found.pop(package_id, None)
        content = merged_limits(own, [found[name] for name in sorted(found)])
        limits = NO_LIMITS if content is None else parse(content, f"limits of {package_id}")
        return cls(library.package(package_id).manifest, closure, limits)

    def check(self, scenario: Scenario) -> Result:
        """Run a scenario straight through, and saved and loaded between all steps."""
        tables = {part.name: part.content for part in self.closure.parts if part.kind == "dmn"}
        definitions = {
            part.name: compiled(part.content) for part in self.closure.parts if part.kind == "bpmn"
        }
        at = partial(_at, decisions.read_decisions(tables))
        env = at(Environment(definitions=definitions), scenario.at)
        stand_ins: dict[str, StandIn] = {
            "notice.issue": lambda inputs, now: {"notice_id": f"{inputs['kind']} {now:%F}"},
            "look_up.file": lambda inputs, now: {"notice_id": f"look_up_record {now:%F}"},
            "case.annotate": lambda inputs, now: {},
            "case.file": partial(_filed, scenario.file),
            **dict.fromkeys(outages.ACTS, lambda inputs, now: {"looked_at": 0, "moved": 0}),
            "agency.list": lambda inputs, now: {"listed_on": inputs.get("on")},
            "agency.repeat": lambda inputs, now: {"repeated": True},
            "appointment.find": lambda inputs, now: {"appointments": []},
            "booking.hold": _held,
            "booking.settle": lambda inputs, now: {"settled": True},
            "queue.open": lambda inputs, now: {"opened": 0},
            "leave.hand_over": _handed_over,
            "duty.record": lambda inputs, now: {"recorded": True},
            "audit.sample": lambda inputs, now: {"sample": [], "population": 0},
            "process.review": lambda inputs, now: {"processes": []},
            "plan.read": plan_items.read_plan,
            "plan.enter": lambda inputs, now: {"entered": len(inputs["items"])},
            "plan.report": lambda inputs, now: {"recorded": True},
            **dict.fromkeys(ladder_diagrams.ACTS, lambda inputs, now: {"told": inputs.get("to")}),
        }
        forms = {
            part.name: variables_of(part) for part in self.closure.parts if part.kind == "form"
        }
        around = Surroundings(
            stand_ins,
            lambda: ScenarioClocks(self.limits),
            results=operations.RESULTS,
            forms=forms,
            start_variables=forms.get(self.manifest.start_form or "", ()),
            at=at,
        )
        return check_scenario(scenario, definitions[self.manifest.process], env, around)


def _at(tables: Mapping[str, decisions.Decision], env: Environment, now: datetime) -> Environment:
    """The environment of a moment, as each step of the engine has its own."""
    given = functions.given(now)
    return replace(env, functions=given, decisions=decisions.bound(tables, given))


def _filed(filing: Filing, inputs: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A rehearsal knows the offices its filing names, and no other."""
    known = (None, filing.office, filing.household_office)
    is_here = inputs.get("office") in known
    return {"number": f"{inputs['package']} {now:%F}" if is_here else None}


def _held(inputs: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A rehearsal knows no other appointments: every day to come has a place."""
    is_open = inputs["day"] > legal_day(now)
    why = None if is_open else "not_open"
    return {"held": is_open, "why": why, "place": "本所", "papers": []}


def _handed_over(inputs: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A rehearsal knows nobody's tasks, and goes through the days of a leave."""
    day, last = legal_day(now), inputs["last_day"]
    next_on = day + timedelta(days=1) if day < last else None
    return {"handed": 0, "left": 0, "next_on": next_on}


def scenarios_of(library: Library, package_id: str) -> Iterator[tuple[Path, Scenario]]:
    """The scenarios of a package, by file. Raises ScenarioError naming the file."""
    for name in library.package(package_id).scenarios:
        file = library.root / name
        try:
            yield file, parse_scenario(load_yaml(file.read_text(encoding="utf-8")))
        except (yaml.YAMLError, ScenarioError) as wrong:
            raise ScenarioError(f"{name}: {wrong}") from wrong
