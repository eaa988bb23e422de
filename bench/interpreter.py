"""The interpreter alone, in memory: load the saved state, advance by one trigger, dump it again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bench.ours import LIBRARY, now
from bench.sampling import Sample
from bench.work import DATA, FORMS, START
from engine import functions
from engine.bpmn import Definition, advance, start
from engine.bpmn.codec import dump_state, load_state
from engine.bpmn.environment import Environment
from engine.bpmn.state import active_elements
from engine.bpmn.triggers import CompleteUserTask
from engine.packages import load_library


def definition_of(package_id: str) -> Definition:
    library = load_library(LIBRARY)
    return library.definition(library.package(package_id))


def run(cases: int) -> Sample:
    """So many cases of W; each completion is load, advance and dump."""
    definition, moment = definition_of("W"), now()
    env = Environment(functions=functions.given(moment), data=DATA)
    sample = Sample("interpreter", "memory", cases)
    before = time.process_time()
    for _ in range(cases):
        state, _facts = start(definition, START, moment, env)
        saved = dump_state(state)
        for element_id, form in FORMS.items():
            began = time.perf_counter()
            saved = _step(definition, saved, f"{element_id}#1", form, env)
            sample.wall["complete"].append(time.perf_counter() - began)
        if active_elements(load_state(saved)):
            raise SystemExit("interpreter: expected a finished case, but something is active")
    sample.cpu["complete"] = time.process_time() - before
    return sample


def _step(
    definition: Definition, saved: bytes, key: str, form: Mapping[str, Any], env: Environment
) -> bytes:
    trigger = CompleteUserTask(key, form)
    state, _facts = advance(definition, load_state(saved), trigger, now(), env)
    return dump_state(state)
