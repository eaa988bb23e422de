"""Item definitions: the named types of a model, as checks of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feel.dmn.document import FEEL_LANGUAGES, Element
from feel.dmn.errors import DmnError, Faults
from feel.errors import FeelSyntaxError
from feel.expression import UnaryTests, compile_unary_tests, unreadable_tests
from feel.limits import Meter
from feel.syntax import TypeName
from feel.type_names import BASIC, conforms

# The standard's XML names, and those of older editors and Camunda's.
_SPELLINGS = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "days and time duration": "days and time duration",
    "integer": "number",
    "long": "number",
    "double": "number",
    "decimal": "number",
    "text": "string",
    "any": "Any",
    "context": "context",
    "list": "list",
    "function": "function",
    "range": "range",
}
_CONTAINERS = frozenset({"context", "list", "function", "range"})


@dataclass
class ItemType:
    """A type that says of a value whether it is of it. Null is of every type but is not
    checked against allowed values."""

    name: str
    base: str = ""
    is_collection: bool = False
    allowed: UnaryTests | None = None  # of each element, if it is a collection
    constraint: UnaryTests | None = None  # of the whole
    parts: dict[str, ItemType] = field(default_factory=dict)
    types: Mapping[str, ItemType] = field(default_factory=dict)
    result: ItemType | None = None  # of a function type
    parameters: dict[str, ItemType | None] = field(default_factory=dict)  # of a function type

    def __call__(self, value: Any, meter: Meter) -> bool:
        return self.judge(value, meter, constrained=True)

    def shape(self, value: Any, meter: Meter) -> bool:
        """Say whether `value` is of the type, whatever values are allowed: `instance of`."""
        return self.judge(value, meter, constrained=False)

    def judge(self, value: Any, meter: Meter, *, constrained: bool) -> bool:
        meter.spend(1)
        if value is None:
            return True
        if constrained and not _allows(self.constraint, value, meter):
            return False
        if not self.is_collection:
            return self._holds(value, meter, constrained=constrained)
        return type(value) is list and all(
            self._holds(one, meter, constrained=constrained) for one in value
        )

    def _holds(self, value: Any, meter: Meter, *, constrained: bool) -> bool:
        if value is None:
            return True
        # Values allowed here stand in the place of those that the base allows.
        of_base = constrained and self.allowed is None
        if self.base and not self._is_base(value, meter, constrained=of_base):
            return False
        if self.parts and not self._has_parts(value, meter, constrained=constrained):
            return False
        return not constrained or _allows(self.allowed, value, meter)

    def _is_base(self, value: Any, meter: Meter, *, constrained: bool) -> bool:
        if self.base in self.types:
            return self.types[self.base].judge(value, meter, constrained=constrained)
        return conforms(value, TypeName(self.base), {}, meter)

    def _has_parts(self, value: Any, meter: Meter, *, constrained: bool) -> bool:
        return type(value) is dict and all(
            name in value and part.judge(value[name], meter, constrained=constrained)
            for name, part in self.parts.items()
        )


def _allows(tests: UnaryTests | None, value: Any, meter: Meter) -> bool:
    return tests is None or tests.any_value or tests.position(value, meter) is not None


def read_types(
    definitions: Element, imported: Mapping[str, ItemType], faults: Faults
) -> dict[str, ItemType]:
    """Read all <itemDefinition>s; `imported` have their prefix in the name. Raises DmnError.

    A type of this model hides an imported one of the same name, which came without a prefix.
    """
    types: dict[str, ItemType] = dict(imported)
    elements = definitions.all("itemDefinition")
    own: set[str] = set()
    for element in elements:
        if element.named() in own:
            raise DmnError(f"Expected one type called {element.named()!r}", element.id)
        own.add(element.named())
        types[element.named()] = ItemType(element.named())
    for element in elements:
        _fill(types[element.named()], element, types, faults)
    for element in elements:
        _refuse_cycle(element, types)
    return types


def _fill(item: ItemType, element: Element, types: Mapping[str, ItemType], faults: Faults) -> None:
    language = element.get("typeLanguage")
    if language not in FEEL_LANGUAGES and language.lower() != "feel":
        raise DmnError(f"Expected FEEL as the type language, but got {language!r}", element.id)
    item.types = types
    item.is_collection = element.get("isCollection") in {"true", "1"}
    reference = element.first("typeRef")
    if reference is not None:
        item.base = known_type(reference.text(), types, element.id)
    for values in element.all("allowedValues"):
        item.allowed = read_tests(values, faults)
    for values in element.all("typeConstraint"):
        item.constraint = read_tests(values, faults)
    for function in element.all("functionItem"):
        item.base = "function"
        item.result = _named_type(function.get("outputTypeRef"), types, function.id)
        for parameter in function.all("parameters"):
            item.parameters[parameter.named()] = type_of(parameter, types)
    for component in element.all("itemComponent"):
        part = ItemType(component.named())
        _fill(part, component, types, faults)
        item.parts[part.name] = part


def _refuse_cycle(element: Element, types: Mapping[str, ItemType]) -> None:
    seen: set[str] = set()
    name = element.named()
    while name in types:
        if name in seen:
            raise DmnError(f"Expected the type {name!r} not to refer to itself", element.id)
        seen.add(name)
        name = types[name].base


def known_type(reference: str, types: Mapping[str, ItemType], element: str) -> str:
    """Return the plain name of a type reference (`feel:string` is string). Raises DmnError."""
    name = " ".join(reference.split())
    if name in types:
        return name
    name = name.rpartition(":")[2].rpartition("}")[2]
    name = _SPELLINGS.get(name, name)
    if name in types or name in BASIC or name in _CONTAINERS:
        return name
    raise DmnError(f"Expected a known type, but nothing defines {reference!r}", element)


def type_of(element: Element | None, types: Mapping[str, ItemType]) -> ItemType | None:
    """Return the type that `typeRef` names, or None where there is none or it says Any."""
    return None if element is None else _named_type(element.get("typeRef"), types, element.id)


def _named_type(reference: str, types: Mapping[str, ItemType], element: str) -> ItemType | None:
    if not reference:
        return None
    name = known_type(reference, types, element)
    if name == "Any":
        return None
    return types[name] if name in types else ItemType(name, name)


def result_type(element: Element | None, types: Mapping[str, ItemType]) -> ItemType | None:
    """Return what a function must give: the result of the function type that `typeRef` names;
    a type that is no function is taken for the result itself, as many editors write it."""
    found = type_of(element, types)
    if found is None or found.base != "function":
        return found
    return found.result


def read_tests(element: Element, faults: Faults, names: frozenset[str] = frozenset()) -> UnaryTests:
    """Compile the unary tests in the text of `element`."""
    text = element.text()
    try:
        return compile_unary_tests(text, names=names)
    except FeelSyntaxError as refusal:
        faults.take(DmnError.of_text(refusal, text, element.id))
        return unreadable_tests(text)
