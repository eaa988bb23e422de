"""A story: a small diagram, how an instance came to where it was saved, and how it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import yaml

from engine.bpmn import compile_definition
from engine.bpmn.codec import FORMAT
from engine.bpmn.definition import Definition
from engine.bpmn.interpreter import dump_state, incidents, load_state
from engine.bpmn.triggers import RetryIncident
from tests.support.instances import Instance

HERE = Path(__file__).parent
STORIES, GOLDEN = HERE / "stories", HERE / "golden"
Steps = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Story:
    """`open` are the user tasks and `incidents` the elements that are stuck, once it is loaded."""

    name: str
    story: str
    open: Sequence[str]
    ended_at: Sequence[str]
    given: Mapping[str, Any] = field(default_factory=dict)
    calls: Sequence[str] = ()
    before: Steps = ()
    after: Steps = ()
    incidents: Sequence[str] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)

    def begin(self) -> Instance:
        """A fresh instance, taken to where it is to be saved."""
        called = [_definition(name) for name in self.calls]
        instance = Instance(_definition(self.name), self.given, *called)
        play(instance, self.before)
        return instance

    def resume(self, golden: Path) -> Instance:
        """The instance as it was saved then."""
        saved = orjson.loads(golden.read_bytes())
        instance = self.begin()
        instance.now = datetime.fromisoformat(saved["at"])
        instance.state = load_state(orjson.dumps(saved["state"]))
        instance.facts = []
        return instance


def stories() -> list[Story]:
    return [
        Story(file.stem, **yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in sorted(STORIES.glob("*.yaml"))
    ]


def golden_files() -> list[tuple[Story, Path]]:
    """Every saved state of every format, with its story."""
    return [
        (story, file)
        for story in stories()
        for file in sorted(GOLDEN.glob(f"{story.name}.format-*.json"))
    ]


def golden_now(story: Story) -> Path:
    """Where the state of today's format lies."""
    return GOLDEN / f"{story.name}.format-{FORMAT}.json"


def saved(instance: Instance) -> dict[str, Any]:
    return {
        "at": instance.now.isoformat(),
        "state": orjson.loads(dump_state(instance.state)),
    }


def play(instance: Instance, steps: Steps) -> None:
    for step in steps:
        _play(instance, dict(step))


def _play(instance: Instance, step: dict[str, Any]) -> None:
    values = step.pop("values", {})
    match step:
        case {"complete": element}:
            instance.complete(element, step.get("item", 1) - 1, **values)
        case {"receive": element}:
            instance.receive(element, **values)
        case {"fire": element}:
            instance.fire(element)
        case {"fail": element, "code": code}:
            instance.fail(element, code)
        case {"retry": element}:
            (key,) = [each.key for each in incidents(instance.state) if each.element_id == element]
            instance.send(RetryIncident(key, values))
        case {"pass_hours": hours}:
            instance.pass_time(hours=hours)
        case _:
            raise ValueError(f"Expected a step of a story, but got {step}")


def _definition(name: str) -> Definition:
    return compile_definition((STORIES / f"{name}.bpmn").read_bytes())
