"""What the scenarios of a package say of it, draft or not: run in memory, one or all.

The answer depends on nothing but the files, so it is remembered by their hashes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

import yaml

from engine.artifacts import hash_of
from engine.bpmn import facts
from engine.bpmn.definition import Flow
from engine.bpmn.scenario import Result, ScenarioError, parse_scenario
from engine.errors import EngineError, NotFound
from engine.packages import Library, Package
from engine.yaml_reading import load_yaml
from sla.scenarios import Rehearsal

_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One scenario's run. No `failures`: it holds.

    `visited` are the elements of the package's own diagram it came to and `taken` the sequence
    flows its tokens travelled; `open` are the user tasks that were open at its end (of any
    process). `step` is the number of the step it failed at, from 1.
    """

    path: str
    title_zh: str
    title_en: str
    failures: tuple[str, ...]
    visited: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    open: tuple[str, ...] = ()
    step: int | None = None

    @property
    def holds(self) -> bool:
        return not self.failures


def paths(package: Package) -> list[str]:
    """The scenarios of a package by their paths in it."""
    return sorted(path for path in package.files if path.startswith("scenarios/"))


def title(package: Package, path: str) -> tuple[str, str]:
    """What a scenario is called, in Chinese and English; its path where it does not say."""
    try:
        document = load_yaml(package.files[path])
        told = document["title"]
        return str(told["zh-TW"]), str(told["en"])
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        return path, path


def rehearse(library: Library, package_id: str, path: str) -> Rehearsed:
    """Run one scenario, twice: straight through, and saved and loaded between all steps.

    A package that cannot run, or a file that is no scenario, fails with the sentence that says so.
    Raises NotFound for a path that is not there.
    """
    package = library.package(package_id)
    if path not in package.files:
        raise NotFound("scenario.not_found", f"The package has no scenario {path}")
    try:
        rehearsal = Rehearsal.of(library, package_id)
        key = (rehearsal.closure.hash, path, hash_of(package.files[path]))
        return _known(key) or _keep(key, _run(rehearsal, package, path))
    except EngineError as refused:
        return _failed(package, path, refused.message)


def rehearse_all(library: Library, package_id: str) -> list[Rehearsed]:
    """Run every scenario of the package."""
    return [rehearse(library, package_id, path) for path in paths(library.package(package_id))]


def told(results: Iterable[Rehearsed]) -> list[dict[str, object]]:
    """The results as they are kept with a proposal."""
    return [
        {
            "path": each.path,
            "zh": each.title_zh,
            "en": each.title_en,
            "failures": list(each.failures),
        }
        for each in results
    ]


def unvisited(package: Package, library: Library, results: Sequence[Rehearsed]) -> list[str]:
    """The elements of the package's own diagram that no scenario came to."""
    visited = {element for each in results for element in each.visited}
    return [element for element in library.definition(package).elements if element not in visited]


def untaken(package: Package, library: Library, results: Sequence[Rehearsed]) -> list[Flow]:
    """The sequence flows between elements that are visited, on which no scenario went."""
    visited = {element for each in results for element in each.visited}
    taken = {flow for each in results for flow in each.taken}
    return [
        flow
        for element in library.definition(package).elements.values()
        for flow in element.outgoing
        if flow.id not in taken and {flow.source, flow.target} <= visited
    ]


def _run(rehearsal: Rehearsal, package: Package, path: str) -> Rehearsed:
    try:
        scenario = parse_scenario(load_yaml(package.files[path]))
    except (yaml.YAMLError, ScenarioError, UnicodeDecodeError) as wrong:
        return _failed(package, path, str(wrong))
    return _rehearsed(package, path, rehearsal.check(scenario))


def _rehearsed(package: Package, path: str, result: Result) -> Rehearsed:
    own = package.manifest.process
    zh, en = title(package, path)
    return Rehearsed(
        path=path,
        title_zh=zh,
        title_en=en,
        failures=result.failures,
        visited=frozenset(element for process, element in result.visited if process == own),
        taken=frozenset(flow for process, flow in result.taken if process == own),
        open=_open(result),
        step=_step(result.failures),
    )


def _open(result: Result) -> tuple[str, ...]:
    tasks: dict[str, str] = {}
    for fact in result.facts:
        if isinstance(fact, facts.UserTaskCreated):
            tasks[fact.key] = fact.element_id
        elif isinstance(fact, facts.UserTaskCompleted | facts.UserTaskCancelled):
            tasks.pop(fact.key, None)
    return tuple(tasks.values())


def _step(failures: Sequence[str]) -> int | None:
    for failure in failures:
        words = failure.split(" ", 2)
        if words[0] == "Step" and words[1].isdecimal():
            return int(words[1])
    return None


def _failed(package: Package, path: str, why: str) -> Rehearsed:
    zh, en = title(package, path)
    return Rehearsed(path, zh, en, (why,))


_results: OrderedDict[tuple[str, str, str], Rehearsed] = OrderedDict()
_lock = Lock()


def _known(key: tuple[str, str, str]) -> Rehearsed | None:
    return _results.get(key)


def _keep(key: tuple[str, str, str], result: Rehearsed) -> Rehearsed:
    with _lock:
        _results[key] = result
        while len(_results) > _KEPT:
            _results.popitem(last=False)
    return result
