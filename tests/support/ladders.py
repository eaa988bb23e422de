"""Drawn ladders for tests: small diagrams of timers and acts, and those of the library."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from tests.support.clocked import CLOCKED
from tests.support.packages import HEAD, flows, write_package

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn" / "ladders"
Step: TypeAlias = tuple[str, str] | str
"""An act and whom it tells, such as ("warn", "owner"); or a point to wait for, such as "due"."""
LIMITS = (
    "clocks:\n  processing: {rule: PROC_WORKDAY, length: 3, unit: working_day, pausable: true, "
    "ladder: %s}\n"
)
REHEARSED = "clocks:\n  limit: {rule: PROC_WORKDAY, length: 3, unit: working_day, start: filed}\n"


def timer(element_id: str, point: str) -> str:
    return (
        f'<intermediateCatchEvent id="{element_id}"><timerEventDefinition hz:clock="limit" '
        f'hz:point="{point}"/></intermediateCatchEvent>'
    )


def act(element_id: str, do: str, to: str) -> str:
    """A service task of a ladder; `to` is FEEL."""
    return (
        f'<serviceTask id="{element_id}" name="{do}" hz:operation="ladder.{do}">'
        f"<extensionElements><hz:input source='{to}' target=\"to\"/></extensionElements>"
        f"</serviceTask>"
    )


def line(*steps: Step) -> str:
    """The body of a ladder in which one step follows the other."""
    drawn = [
        timer(f"s{n}", step) if isinstance(step, str) else act(f"s{n}", step[0], f'"{step[1]}"')
        for n, step in enumerate(steps)
    ]
    names = ["start", *(f"s{n}" for n in range(len(steps))), "end"]
    pairs = [f"{a}>{b}" for a, b in pairwise(names)]
    return '<startEvent id="start"/>' + "".join(drawn) + '<endEvent id="end"/>' + flows(*pairs)


def write_ladder(root: Path, package_id: str, body: str) -> None:
    """Write a ladder package with this body under `root`."""
    xml = (
        f'{HEAD}<process id="{package_id}" name="Ladder" isExecutable="true">'
        f'<extensionElements><hz:variable name="clock"/><hz:variable name="told"/>'
        f"</extensionElements>{body}</process></definitions>"
    ).encode()
    folder = write_package(root, package_id, xml, starts=(), limits=REHEARSED)
    manifest = (
        f"id: {package_id}\nprocess: {package_id}\nkind: ladder\n"
        f"title: {{zh-TW: 階梯, en: Ladder}}\n"
    )
    (folder / "package.yaml").write_text(manifest, encoding="utf-8")


def copy_ladders(root: Path) -> None:
    """The ladders of the library, to be changed at will."""
    shutil.copytree(LIBRARY, root / "ladders")


def write_process(root: Path, ladder: str) -> None:
    """CLOCKED, with the rungs that `ladder` draws."""
    write_package(root, "CLOCKED", CLOCKED, limits=LIMITS % ladder)
