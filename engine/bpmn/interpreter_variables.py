"""Variables: what an expression sees, where a value is written, and what may be a value at all.

Reading goes innermost-out up to the process; a called process sees only its own. Writing goes to
the scope that has the name (declared there, or given to it as an input), else to the next border:
the process, the called process, the multi-instance item, or a sub-process with explicit outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from engine.bpmn.definition import Element, VariableMapping
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.state import Activation, Role, upwards
from feel import Expression
from feel.errors import BudgetExceeded, Fault
from feel.values import PLAIN, Function, kind, to_feel

RESERVED = frozenset({"data", "case", "now", "today"})
_NAME = re.compile(r"[^\W\d_]\w*(?: \w+)*")
_NO_VALUES: Mapping[str, Any] = {}


class BadValues(ValueError):
    """Values given from outside cannot become variables. The message names the key."""


class View(Mapping[str, Any]):
    """Layers of variables as one mapping, innermost first. Looks up lazily, copies nothing."""

    __slots__ = ("_layers",)

    def __init__(self, *layers: Mapping[str, Any]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> Any:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for layer in reversed(self._layers) for name in layer})

    def __len__(self) -> int:
        return len({name for layer in self._layers for name in layer})


def view(run: Run, place: Activation, over: Mapping[str, Any] = _NO_VALUES) -> View:
    """Return what is visible at `place`, with `over` on top of it."""
    layers = [a.variables for a in upwards(run.activations, place) if a.variables]
    return View(over, *layers, run.given) if over else View(*layers, run.given)


# Expressions


def evaluate(run: Run, expression: Expression, seen: Mapping[str, Any]) -> Any:
    """Return the value of a FEEL expression. Any diagnostic raises Blocked: nothing is guessed."""
    evaluation = expression.evaluate(seen, functions=run.env.functions)
    if evaluation.diagnostics:
        first = evaluation.diagnostics[0]
        raise Blocked(f"feel.{first.code}", f"{first.message}, in `{expression.text}`")
    return evaluation.value


def evaluate_as(
    run: Run, expression: Expression, seen: Mapping[str, Any], kinds: tuple[type, ...], wanted: str
) -> Any:
    """Return the value if it is of one of `kinds`, else raise Blocked saying what was wanted."""
    value = evaluate(run, expression, seen)
    if type(value) not in kinds:
        raise Blocked(
            "feel.wrong-type",
            f"Expected `{expression.text}` to give {wanted}, but it gave a value of type "
            f"{kind(value)}",
        )
    return value


def condition(run: Run, expression: Expression, seen: Mapping[str, Any]) -> bool:
    return bool(evaluate_as(run, expression, seen, (bool,), "true or false"))


def whole_number(run: Run, expression: Expression, seen: Mapping[str, Any], wanted: str) -> int:
    value: Decimal = evaluate_as(run, expression, seen, (Decimal,), wanted)
    if value != value.to_integral_value():
        raise Blocked(
            "feel.wrong-type",
            f"Expected `{expression.text}` to give {wanted}, but it gave {value}",
        )
    return int(value)


# Writing


@lru_cache(maxsize=4096)
def check_name(name: str) -> str | None:
    """Return why `name` cannot be a variable, as a sentence, or None."""
    if name in RESERVED:
        return f"Expected a variable name, but {name!r} always comes from the case"
    if not _NAME.fullmatch(name):
        return (
            f"Expected a variable name of letters, digits and _ that begins with a letter, "
            f"but got {name!r}"
        )
    return None


def own(value: Any) -> Any:
    """Return a copy of `value` in FEEL's types that shares nothing with it. Raises Fault."""
    if type(value) in _SIMPLE:
        return value
    if type(value) in (list, dict) and _holds_function(value):
        raise Fault("Expected a value that can be saved, but there is a function in it")
    if type(value) is Function:
        raise Fault("Expected a value that can be saved, but got a function")
    return to_feel(value)


_SIMPLE: Final = PLAIN - {Function}


def _holds_function(value: Any) -> bool:
    level = [value]
    for each in level:
        if type(each) is list:
            level.extend(each)
        elif type(each) is dict:
            level.extend(each.values())
    return any(type(each) is Function for each in level)


def from_outside(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a caller's values as FEEL values. Raises BadValues naming the key."""
    owned = {}
    for name, value in values.items():
        problem = check_name(name)
        if problem is not None:
            raise BadValues(problem)
        try:
            owned[name] = own(value)
        except (Fault, BudgetExceeded) as fault:
            raise BadValues(f"{fault} (in variable {name!r})") from fault
    return owned


def storable(name: str, value: Any) -> Any:
    """Return a computed value as it may be stored under `name`, or raise Blocked."""
    problem = check_name(name)
    if problem is not None:
        raise Blocked("variable.name", problem)
    try:
        return own(value)
    except (Fault, BudgetExceeded) as fault:
        raise Blocked("variable.value", f"{fault} (in variable {name!r})") from fault


def write(run: Run, scope: Activation, name: str, value: Any) -> None:
    """Set a variable as seen from inside `scope`."""
    for activation in upwards(run.activations, scope):
        if name in activation.variables or _is_border(run, activation):
            activation.variables[name] = value
            return


def write_all(run: Run, scope: Activation, values: Mapping[str, Any]) -> None:
    """Set several variables as seen from inside `scope`."""
    if _is_border(run, scope):
        scope.variables.update(values)
        return
    for name, value in values.items():
        write(run, scope, name, value)


def _is_border(run: Run, activation: Activation) -> bool:
    if activation.role is Role.SCOPE:
        return bool(run.element(activation).outputs)
    if activation.role is Role.ITEM:
        return run.element(activation).loop is None  # a loop's runs write around it
    return activation.role in (Role.ROOT, Role.CALL)


def given_out(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy for a fact: what its reader does to it must not reach the state."""
    copied: dict[str, Any] = to_feel(values)
    return copied


# Mappings


def mapped(
    run: Run, mappings: tuple[VariableMapping, ...], seen: Mapping[str, Any]
) -> dict[str, Any]:
    """Return target → value of explicit mappings, all of them evaluated before any is written."""
    return {
        mapping.target: storable(mapping.target, evaluate(run, mapping.source, seen))
        for mapping in mappings
    }


def take_inputs(run: Run, activation: Activation, element: Element) -> dict[str, Any]:
    """Give an activation its own variables from its explicit inputs."""
    if not element.inputs:
        activation.variables = {}
        return activation.variables
    inputs = mapped(run, element.inputs, view(run, run.parent(activation)))
    activation.variables = inputs
    return inputs
