"""How built-in functions are declared, and how arguments are fitted to their parameters.

A signature is written as in the standard: `string: string, start position: number, length?:
number`. A `?` after the name makes a parameter optional, `...` before the last one lets it repeat,
`|` joins kinds. `any` takes everything, also null; `null` must be named to be taken otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import NoneType
from typing import Any

from feel.errors import Code, Fault
from feel.runtime import Run
from feel.values import Function, Range, YearsMonths, kind, midnight_of, weight

_KINDS: dict[str, frozenset[type]] = {
    "number": frozenset({Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "null": frozenset({NoneType}),
    "date": frozenset({dt.date}),
    "time": frozenset({dt.time}),
    "moment": frozenset({dt.datetime}),
    "span": frozenset({dt.timedelta}),
    "months": frozenset({YearsMonths}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "range": frozenset({Range}),
    "function": frozenset({Function}),
}
_WORDS = {"moment": "date and time", "span": "days and time duration"}
_WORDS["months"] = "years and months duration"


_ABSENT = object()
"""Stands for an optional argument that a call by name leaves out; null is something else."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`accepts` is None where everything is taken."""

    name: str
    accepts: frozenset[type] | None
    described: str
    optional: bool = False
    repeated: bool = False

    def fit(self, value: Any) -> Any:
        """Return `value`, changed as DMN 1.3 section 10.3.2.9.4 allows, or raise Fault."""
        accepts = self.accepts
        if accepts is None or type(value) in accepts:
            return value
        if value is None:
            raise Fault(
                f"Expected {self.described} for '{self.name}', but got null", Code.NULL_OPERAND
            )
        if list in accepts:
            return [value]
        if type(value) is list and len(value) == 1 and type(value[0]) in accepts:
            return value[0]
        if type(value) is dt.date and dt.datetime in accepts:
            return midnight_of(value)
        raise Fault(
            f"Expected {self.described} for '{self.name}', but got a {kind(value)}",
            Code.WRONG_TYPE,
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function. A `metered` body takes the run before its arguments."""

    parameters: tuple[Parameter, ...]
    body: Callable[..., Any]
    metered: bool

    @property
    def least(self) -> int:
        return sum(not p.optional for p in self.parameters)

    @property
    def most(self) -> int | None:
        repeats = bool(self.parameters) and self.parameters[-1].repeated
        return None if repeats else len(self.parameters)

    def takes(self, count: int) -> bool:
        return self.least <= count and (self.most is None or count <= self.most)

    def fit(self, arguments: Sequence[Any]) -> list[Any]:
        parameters = list(self.parameters)
        missing = len(arguments) - len(parameters)
        if missing > 0:
            parameters += [parameters[-1]] * missing
        return [
            None if value is _ABSENT else parameter.fit(value)
            for parameter, value in zip(parameters, arguments, strict=False)
        ]

    def order(self, names: Sequence[str], arguments: Sequence[Any]) -> list[Any] | None:
        """Return the arguments in the order of the parameters, or None if the names do not fit."""
        given = dict(zip(names, arguments, strict=True))
        ordered: list[Any] = []
        for parameter in self.parameters:
            if parameter.repeated and parameter.name in given:
                value = given.pop(parameter.name)
                ordered += value if type(value) is list else [value]
            elif parameter.name in given or parameter.optional:
                ordered.append(given.pop(parameter.name, _ABSENT))
            elif not parameter.repeated:
                return None
        return None if given else ordered

    def __str__(self) -> str:
        return "(" + ", ".join(parameter.name for parameter in self.parameters) + ")"


@dataclass
class Builtin:
    """A function of the standard, with every way to call it."""

    name: str
    signatures: list[Signature] = field(default_factory=list)

    def invoke(self, run: Run, arguments: list[Any], names: Sequence[str] | None = None) -> Any:
        """Call by the first signature that the arguments fit. Raises Fault."""
        refusal: Fault | None = None
        for signature in self.signatures:
            ordered = arguments if names is None else signature.order(names, arguments)
            if ordered is None or not signature.takes(len(ordered)):
                continue
            try:
                fitted = signature.fit(ordered)
            except Fault as fault:
                refusal = refusal or fault
                continue
            return self._run(signature, run, fitted)
        raise refusal or self._unfit(arguments, names)

    def _run(self, signature: Signature, run: Run, arguments: list[Any]) -> Any:
        run.meter.spend(2 + sum(map(weight, arguments)))
        body = signature.body
        try:
            result = body(run, *arguments) if signature.metered else body(*arguments)
        except (ArithmeticError, OverflowError):
            raise Fault(
                f"Expected '{self.name}' to give a number, date or duration of FEEL, "
                "but the result lies outside them",
                Code.OUT_OF_RANGE,
            ) from None
        run.meter.spend(weight(result))
        return result

    def _unfit(self, arguments: list[Any], names: Sequence[str] | None) -> Fault:
        ways = " or ".join(f"{self.name}{signature}" for signature in self.signatures)
        got = ", ".join(names) if names else str(len(arguments))
        return Fault(f"Expected {ways}, but got {got} as arguments")


class Topic:
    """The functions of one module, by name."""

    def __init__(self) -> None:
        self.builtins: dict[str, Builtin] = {}

    def define(
        self, name: str, parameters: str = "", *, metered: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated body as one way to call `name`."""

        def register(body: Callable[..., Any]) -> Callable[..., Any]:
            builtin = self.builtins.setdefault(name, Builtin(name))
            builtin.signatures.append(Signature(_read(parameters), body, metered))
            return body

        return register


def _read(parameters: str) -> tuple[Parameter, ...]:
    return tuple(_read_one(part) for part in parameters.split(",")) if parameters else ()


def _read_one(text: str) -> Parameter:
    name, _, kinds = (part.strip() for part in text.partition(":"))
    repeated, optional = name.startswith("..."), name.endswith("?")
    words = [word.strip() for word in kinds.split("|")]
    accepts = None if "any" in words else frozenset().union(*(_KINDS[word] for word in words))
    described = "a " + " or ".join(_WORDS.get(word, word) for word in words if word != "null")
    return Parameter(name.strip(".?"), accepts, described, optional, repeated)
