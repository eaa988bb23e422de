"""Turns the XML of boxed expressions into something that evaluates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from feel.dmn import boxed
from feel.dmn.boxed import Boxed, Text
from feel.dmn.document import Element
from feel.dmn.errors import DmnError, Faults
from feel.dmn.hit_policy import AGGREGATORS, HitPolicy
from feel.dmn.item_types import ItemType, read_tests, result_type, type_of
from feel.dmn.table import Cell, DecisionTable, Input, Output, Rule
from feel.errors import FeelSyntaxError
from feel.expression import UnaryTests, compile_expression


class Reader:
    """Reads the logic of one decision or knowledge model.

    `known` are the names that may occur anywhere in the model; `free` collects those that the
    texts really read and that no surrounding context, function or loop binds.
    """

    def __init__(
        self, owner: str, known: Collection[str], types: Mapping[str, ItemType], faults: Faults
    ) -> None:
        self.free: set[str] = set()
        self._owner = owner
        self._known = frozenset(known)
        self._types = types
        self._faults = faults

    def read(self, element: Element, local: frozenset[str] = frozenset()) -> Boxed:
        """Read one boxed expression; `local` are the names bound around it. Raises DmnError."""
        return self._typed(_READERS[element.tag](self, element, local), element)

    def _typed(self, inner: Boxed, element: Element) -> Boxed:
        wanted = None if isinstance(inner, boxed.BoxedFunction) else type_of(element, self._types)
        return inner if wanted is None else boxed.Typed(inner, wanted, element.id)

    # --- texts ---------------------------------------------------------------------------

    def text(self, element: Element, local: frozenset[str], *, needed: bool = True) -> Text:
        text = element.text()
        if not text:
            if needed:
                raise DmnError(f"Expected a text in <{element.tag}>, but it is empty", element.id)
            return Text(None, element.id)
        try:
            expression = compile_expression(text, names=self._known | local, types=self._types)
        except FeelSyntaxError as refusal:
            fault = DmnError.of_text(refusal, text, element.id)
            self._faults.take(fault)
            return Text(None, element.id, fault.message)
        self.free |= expression.names_used - local
        return Text(expression, element.id)

    def _tests(self, element: Element | None, local: frozenset[str]) -> UnaryTests | None:
        if element is None:
            return None
        tests = read_tests(element, self._faults, self._known | local)
        self.free |= tests.names_used - local
        return None if tests.any_value else tests

    # --- boxed ---------------------------------------------------------------------------

    def context(self, element: Element, local: frozenset[str]) -> Boxed:
        entries: list[boxed.ContextEntry] = []
        for entry in element.all("contextEntry"):
            if entries and entries[-1].name is None:
                raise DmnError("Expected the entry without a name to be the last", entry.id)
            variable = entry.first("variable")
            name = variable.named() if variable is not None else None
            value = entry.expression()
            # A function may call itself by the name of its entry.
            inside = local | {name} if name and value.tag == "functionDefinition" else local
            entries.append(
                boxed.ContextEntry(
                    name,
                    self._named_function(value, name, inside, None)
                    if name and value.tag == "functionDefinition"
                    else self.read(value, inside),
                    type_of(variable, self._types),
                    entry.id,
                )
            )
            local |= {name} if name else set()
        return boxed.BoxedContext(tuple(entries))

    def list_(self, element: Element, local: frozenset[str]) -> Boxed:
        return boxed.BoxedList(tuple(self.read(item, local) for item in element.children))

    def relation(self, element: Element, local: frozenset[str]) -> Boxed:
        columns = element.all("column")
        rows = tuple(
            tuple(self.read(cell, local) for cell in row.children) for row in element.all("row")
        )
        if any(len(row) != len(columns) for row in rows):
            raise DmnError(f"Expected {len(columns)} cells in every row", element.id)
        names = tuple(column.named() for column in columns)
        types = tuple(type_of(column, self._types) for column in columns)
        return boxed.BoxedRelation(names, types, element.id, rows)

    def function(self, element: Element, local: frozenset[str]) -> Boxed:
        return self._named_function(element, "function", local, None)

    def _named_function(
        self, element: Element, name: str, local: frozenset[str], result: ItemType | None
    ) -> Boxed:
        if element.get("kind", "FEEL") not in {"FEEL", "F"}:
            raise DmnError("Expected a FEEL function; Java and PMML are not run here", element.id)
        parameters = element.all("formalParameter")
        names = tuple(parameter.named() for parameter in parameters)
        types = tuple(type_of(parameter, self._types) for parameter in parameters)
        body = self.read(element.expression(), local | set(names) | {name})
        result = result or result_type(element, self._types)
        return boxed.BoxedFunction(name, names, types, body, result, element.id)

    def decision(self, element: Element) -> Boxed:
        """Read the logic of a decision; what cannot be read is null when it is asked."""
        try:
            return self.read(element.expression())
        except DmnError as fault:
            return self._missing(fault, element)

    def knowledge(self, element: Element) -> Boxed:
        """Read the encapsulated logic of a business knowledge model."""
        try:
            result = result_type(element.first("variable"), self._types)
            logic = element.only("encapsulatedLogic")
            return self._named_function(logic, element.named(), frozenset(), result)
        except DmnError as fault:
            return self._missing(fault, element)

    def _missing(self, fault: DmnError, element: Element) -> Boxed:
        self._faults.take(fault)
        return Text(None, fault.element or element.id, fault.message)

    def invocation(self, element: Element, local: frozenset[str]) -> Boxed:
        bindings = element.all("binding")
        parameters = [binding.only("parameter") for binding in bindings]
        return boxed.BoxedInvocation(
            self.read(element.expression(), local),
            tuple(parameter.named() for parameter in parameters),
            tuple(type_of(parameter, self._types) for parameter in parameters),
            tuple(self.read(binding.expression(), local) for binding in bindings),
            element.id,
        )

    def conditional(self, element: Element, local: frozenset[str]) -> Boxed:
        return boxed.BoxedConditional(
            self._inner(element, "if", local),
            self._inner(element, "then", local),
            self._inner(element, "else", local),
            element.id,
        )

    def _inner(self, element: Element, tag: str, local: frozenset[str]) -> Boxed:
        child = element.only(tag)
        return self._typed(self.read(child.expression(), local), child)

    def iterator(self, element: Element, local: frozenset[str]) -> Boxed:
        body, join = _ITERATORS[element.tag]
        variable = element.get("iteratorVariable", "item")
        source = self._inner(element, "in", local)
        inside = local | {variable} | ({"partial"} if element.tag == "for" else set())
        if element.tag == "filter":
            free = set(self.free)
            inner = self._inner(element, body, inside)
            # Entries of the items look like variables; only known names are surely those.
            self.free = free | (self.free & self._known)
            return boxed.BoxedIterator(variable, source, inner, join, element.id, is_filter=True)
        return boxed.BoxedIterator(
            variable, source, self._inner(element, body, inside), join, element.id
        )

    # --- tables --------------------------------------------------------------------------

    def table(self, element: Element, local: frozenset[str]) -> Boxed:
        policy = _policy(element)
        inputs = tuple(self._input(column, local) for column in element.all("input"))
        columns = element.all("output")
        if not columns:
            raise DmnError("Expected a decision table to have an output", element.id)
        outputs = tuple(self._output(column, local, alone=len(columns) == 1) for column in columns)
        _check_outputs(element, policy, outputs)
        notes = [note.get("name") for note in element.all("annotation")]
        rules = tuple(
            self._rule(row, (len(inputs), len(outputs)), notes, local)
            for row in element.all("rule")
        )
        aggregation = element.get("aggregation") if policy is HitPolicy.COLLECT else ""
        return DecisionTable(element.id, self._owner, policy, aggregation, inputs, outputs, rules)

    def _input(self, element: Element, local: frozenset[str]) -> Input:
        expression = element.only("inputExpression")
        return Input(
            expression.text(),
            self.text(expression, local),
            type_of(expression, self._types),
            self._tests(element.first("inputValues"), local),
            element.id,
        )

    def _output(self, element: Element, local: frozenset[str], *, alone: bool) -> Output:
        default = element.first("defaultOutputEntry")
        return Output(
            element.get("name") if alone else element.named(),
            type_of(element, self._types),
            self._tests(element.first("outputValues"), local),
            self._cell(default, local) if default is not None else None,
            element.id,
        )

    def _cell(self, element: Element, local: frozenset[str]) -> Boxed:
        return self._typed(self.text(element, local, needed=False), element)

    def _rule(
        self, element: Element, shape: tuple[int, int], notes: list[str], local: frozenset[str]
    ) -> Rule:
        conditions, results = element.all("inputEntry"), element.all("outputEntry")
        if (len(conditions), len(results)) != shape:
            raise DmnError(
                f"Expected a row with {shape[0]} conditions and {shape[1]} results, "
                f"but it has {len(conditions)} and {len(results)}",
                element.id,
            )
        texts = [note.text() for note in element.all("annotationEntry")]
        names = notes + [f"annotation {at}" for at in range(len(notes) + 1, len(texts) + 1)]
        return Rule(
            element.id,
            tuple(Cell(self._tests(cell, local), cell.id) for cell in conditions),
            tuple(self._cell(cell, local) for cell in results),
            dict(zip(names, texts, strict=False)),
        )


def _policy(element: Element) -> HitPolicy:
    word = element.get("hitPolicy", "UNIQUE")
    if word not in set(HitPolicy):
        raise DmnError(f"Expected a hit policy of DMN, but got {word!r}", element.id)
    policy = HitPolicy(word)
    aggregation = element.get("aggregation")
    if aggregation and aggregation not in AGGREGATORS:
        raise DmnError(f"Expected SUM, COUNT, MIN or MAX, but got {aggregation!r}", element.id)
    if aggregation and policy is not HitPolicy.COLLECT:
        raise DmnError(f"Expected no aggregation with hit policy {policy}", element.id)
    return policy


def _check_outputs(element: Element, policy: HitPolicy, outputs: tuple[Output, ...]) -> None:
    if len(outputs) > 1 and element.get("aggregation"):
        raise DmnError("Expected one output where results are aggregated", element.id)
    if len({output.name for output in outputs}) != len(outputs):
        raise DmnError("Expected every output to have a name of its own", element.id)
    if policy.ordered and all(output.allowed is None for output in outputs):
        raise DmnError(
            f"Expected output values, from the most to the least important, for {policy}",
            element.id,
        )


_ITERATORS = {
    "for": ("return", boxed.collected),
    "some": ("satisfies", boxed.some),
    "every": ("satisfies", boxed.every),
    "filter": ("match", boxed.kept),
}

_READERS: dict[str, Callable[[Reader, Element, frozenset[str]], Boxed]] = {
    "literalExpression": Reader.text,
    "decisionTable": Reader.table,
    "context": Reader.context,
    "invocation": Reader.invocation,
    "functionDefinition": Reader.function,
    "list": Reader.list_,
    "relation": Reader.relation,
    "conditional": Reader.conditional,
    **dict.fromkeys(_ITERATORS, Reader.iterator),
}
