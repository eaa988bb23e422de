"""Calls functions: those of the standard, those of the text, and those handed in from outside."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from feel import syntax
from feel.builtin_table import BUILTINS
from feel.errors import Code, Fault, Position
from feel.registry import Builtin
from feel.runtime import Compiled, Frame, Run
from feel.scope import Scope
from feel.values import Function, kind, to_feel

Target = Function | Builtin | Callable[..., Any]


def call(node: syntax.Call, scope: Scope) -> Compiled:
    target = _target(node.callee, scope)
    arguments = tuple(scope.compile(argument) for argument in node.arguments)
    names, at = node.names, node.at

    def perform(frame: Frame) -> Any:
        function = target(frame)
        if function is None:
            return None
        run = frame.run
        try:
            return invoke(run, function, [argument(frame) for argument in arguments], names)
        except Fault as fault:
            return run.note(fault.code, fault.message, at)

    return perform


def _target(callee: syntax.Node, scope: Scope) -> Callable[[Frame], Target | None]:
    if not isinstance(callee, syntax.Name):
        return _checked(scope.compile(callee), callee.at)
    binding = scope.find(callee.name)
    if binding.depth is not None or binding.hops:
        inner = scope.compile(callee)
        if binding.depth is not None:
            return _checked(inner, callee.at)
    scope.unit.functions_used.add(callee.name)
    return _by_name(callee.name, callee.at)


def _checked(compiled: Compiled, at: Position) -> Callable[[Frame], Target | None]:
    def load(frame: Frame) -> Target | None:
        value = compiled(frame)
        if type(value) is Function:
            return value
        code = Code.NULL_OPERAND if value is None else Code.WRONG_TYPE
        frame.run.note(code, f"Expected a function to call, but got {kind(value)}", at)
        return None

    return load


def _by_name(name: str, at: Position) -> Callable[[Frame], Target | None]:
    builtin = BUILTINS.get(name)

    def load(frame: Frame) -> Target | None:
        run = frame.run
        given = run.functions.get(name) or run.names.get(name)
        if given is not None and (type(given) is Function or name in run.functions):
            return given
        if builtin is not None:
            return builtin
        run.note(
            Code.NO_SUCH_FUNCTION, f"Expected a known function, but none is called {name!r}", at
        )
        return None

    return load


def function_value(run: Run, name: str) -> Function | None:
    """Return the function of that name as a value, so that it can be handed to another one."""
    target: Target | None = run.functions.get(name) or BUILTINS.get(name)
    if target is None or isinstance(target, Function):
        return target
    found = target
    return Function(name, _names_of(found), lambda now, arguments: invoke(now, found, arguments))


def _names_of(target: Target) -> tuple[str, ...]:
    if isinstance(target, Builtin):
        return tuple(parameter.name for parameter in target.signatures[0].parameters)
    return tuple(_shape(target).parameters) if callable(target) else ()


def invoke(
    run: Run, target: Target, arguments: list[Any], names: Sequence[str] | None = None
) -> Any:
    """Call `target` with FEEL values, in order or by name. Raises Fault."""
    if isinstance(target, Builtin):
        return target.invoke(run, arguments, names)
    if isinstance(target, Function):
        return target.call(run, _in_order(target, arguments, names))
    return _call_python(run, target, arguments, names)


def _in_order(function: Function, arguments: list[Any], names: Sequence[str] | None) -> list[Any]:
    if len(arguments) != len(function.parameters):
        raise Fault(
            f"Expected {len(function.parameters)} arguments for '{function.name}', "
            f"but got {len(arguments)}"
        )
    if names is None:
        return arguments
    given = dict(zip(names, arguments, strict=True))
    if given.keys() != set(function.parameters):
        raise Fault(
            f"Expected the arguments {', '.join(function.parameters)} for '{function.name}', "
            f"but got {', '.join(names)}"
        )
    return [given[parameter] for parameter in function.parameters]


@lru_cache(maxsize=256)
def _shape(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _call_python(
    run: Run, function: Callable[..., Any], arguments: list[Any], names: Sequence[str] | None
) -> Any:
    run.meter.spend(10)
    shape = _shape(function)
    try:
        if names is None:
            bound = shape.bind(*arguments)
        else:
            # Python parameters cannot have blanks: `start position` is `start_position` there.
            words = [name.replace(" ", "_") for name in names]
            bound = shape.bind(**dict(zip(words, arguments, strict=True)))
    except TypeError as refusal:
        raise Fault(f"Expected arguments that fit {shape}, but got a {refusal}") from None
    try:
        result = function(*bound.args, **bound.kwargs)
    except ValueError as refusal:
        raise Fault(str(refusal)) from refusal
    return to_feel(result, run.meter)
