"""A decision model: what it holds and how one of its decisions is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from feel.dmn.boxed import Boxed
from feel.dmn.errors import DmnError
from feel.dmn.item_types import ItemType
from feel.dmn.work import TableUse, Work
from feel.errors import BudgetExceeded, Code, Diagnostic, Fault
from feel.limits import MAX_STEPS, Meter
from feel.runtime import Run
from feel.values import Function, to_feel

_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class InputData:
    """What must be given. `prefix` is the name of the import it comes by, if any."""

    id: str
    name: str
    type: ItemType | None


@dataclass(frozen=True, eq=False)
class Requirement:
    """An arrow of the diagram. `prefix` names the import, and the context its value stands in."""

    node: Node
    prefix: str | None = None


@dataclass(eq=False)
class Decision:
    """A decision with its logic and what it requires."""

    id: str
    name: str
    type: ItemType | None
    logic: Boxed
    free: frozenset[str]
    requirements: list[Requirement] = field(default_factory=list)


@dataclass(eq=False)
class Knowledge:
    """A business knowledge model: a function that decisions call."""

    id: str
    name: str
    logic: Boxed
    free: frozenset[str]
    requirements: list[Requirement] = field(default_factory=list)


@dataclass(eq=False)
class DecisionService:
    """Decisions that are called as one function of their inputs."""

    id: str
    name: str
    type: ItemType | None
    parameters: Mapping[str, ItemType | None] = field(default_factory=dict)
    outputs: list[Decision] = field(default_factory=list)
    inputs: list[InputData | Decision] = field(default_factory=list)


Node = InputData | Decision | Knowledge | DecisionService


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The value of a decision, and how it came about.

    `tables` lists every table in the order it was run, with the rows it used; `decisions` the
    values of the decisions on the way, by name.
    """

    value: Any
    diagnostics: tuple[Diagnostic, ...]
    tables: tuple[TableUse, ...]
    decisions: Mapping[str, Any]


class Model:
    """A parsed model. It keeps no values between evaluations and is safe to share."""

    def __init__(
        self,
        name: str,
        namespace: str,
        nodes: Mapping[str, Node],
        types: Mapping[str, ItemType],
        faults: tuple[DmnError, ...] = (),
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.nodes = nodes
        self.types = types
        self.faults = faults
        self._orders: dict[str, list[Node]] = {}

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of the decisions, in the order of the document."""
        return tuple(node.name for node in self.nodes.values() if isinstance(node, Decision))

    def input_names(self, decision: str) -> frozenset[str]:
        """Names that `decision` and what it requires read from the inputs."""
        names: set[str] = set()
        node = self._find(decision)
        order = in_order(node.outputs) if isinstance(node, DecisionService) else in_order([node])
        for required in order:
            if isinstance(required, InputData):
                names.add(required.name)
            elif isinstance(required, Decision):
                arrows = required.requirements
                names |= required.free - {arrow.prefix or arrow.node.name for arrow in arrows}
        return frozenset(names)

    def evaluate(
        self,
        decision: str,
        inputs: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]] | None = None,
        meter: Meter | None = None,
    ) -> DecisionResult:
        """Evaluate a decision, decision service or business knowledge model, by name or id.

        `inputs` are Python values by the names of input data (of parameters, for a knowledge
        model); further names are seen by the texts too. Raises DmnError only if there is no such
        decision; whatever the inputs are, the value is null and a diagnostic says why.
        """
        node = self._find(decision)
        work = Work(functions or _NO_FUNCTIONS, meter or Meter(MAX_STEPS))
        values: dict[Node, Any] = {}
        try:
            if isinstance(node, DecisionService):
                value = _run_service(node, inputs, values, work)
            else:
                run_nodes(self._order(node), inputs, values, work)
                value = values[node]
            if isinstance(node, Knowledge):
                value = _called(value, inputs, node.id, work)
        except BudgetExceeded as refusal:
            value = work.note(Code.BUDGET, str(refusal), node.id)
        except RecursionError:
            value = work.note(Code.BUDGET, "Expected a shallower evaluation", node.id)
        named = {n.name: v for n, v in values.items() if isinstance(n, Decision)}
        return DecisionResult(value, tuple(work.diagnostics), tuple(work.tables), named)

    def _order(self, decision: Decision | Knowledge) -> list[Node]:
        if decision.id not in self._orders:
            self._orders[decision.id] = in_order([decision])
        return self._orders[decision.id]

    def _find(self, decision: str) -> Decision | DecisionService | Knowledge:
        for node in self.nodes.values():
            if decision in (node.id, node.name) and not isinstance(node, InputData):
                return node
        known = ", ".join(self.decisions)
        raise DmnError(f"Expected one of the decisions {known}, but got {decision!r}")


def _converted(node: InputData | Decision, given: Mapping[str, Any], work: Work) -> Any:
    """Return what is given for `node` as a FEEL value of its type."""
    if node.name not in given:
        return work.note(
            Code.MISSING_INPUT, f"Expected the input {node.name!r}, but it is not given", node.id
        )
    try:
        value = to_feel(given[node.name], work.meter)
    except Fault as fault:
        return work.note(fault.code, f"{fault.message} in {node.name!r}", node.id)
    return work.checked(value, node.type, node.id, f"the input {node.name!r}")


def _called(function: Any, given: Mapping[str, Any], element: str, work: Work) -> Any:
    """Call a knowledge model with what is given by the names of its parameters."""
    if type(function) is not Function:
        return None
    run = Run(given, work.functions, work.meter)
    arguments = [run.convert(name, given.get(name), None) for name in function.parameters]
    try:
        return function.call(run, arguments)
    except Fault as fault:
        return work.note(fault.code, fault.message, element)
    finally:
        work.take(run.diagnostics, element)


def in_order(targets: Iterable[Node], stop: Iterable[Node] = ()) -> list[Node]:
    """Return the targets with all they require, each after what it requires. Raises DmnError
    if something requires itself in the end. What is in `stop` is not looked into."""
    order: list[Node] = []
    done: set[Node] = set(stop)
    open_nodes: set[Node] = set()
    pending: list[tuple[Node, bool]] = [(target, False) for target in reversed(list(targets))]
    while pending:
        node, looked_into = pending.pop()
        if looked_into:
            open_nodes.discard(node)
            done.add(node)
            order.append(node)
        elif node in open_nodes:
            raise DmnError(f"Expected {node.name!r} not to require itself", node.id)
        elif node not in done:
            open_nodes.add(node)
            pending.append((node, True))
            pending += [
                (arrow.node, False) for arrow in _requirements(node) if arrow.node not in done
            ]
    return order


def _requirements(node: Node) -> list[Requirement]:
    return node.requirements if isinstance(node, Decision | Knowledge) else []


def run_nodes(
    order: Iterable[Node], given: Mapping[str, Any], values: dict[Node, Any], work: Work
) -> None:
    """Evaluate nodes in an order in which requirements come first, into `values`."""
    for node in order:
        if node in values:
            continue
        work.meter.spend(1)
        match node:
            case InputData():
                values[node] = _converted(node, given, work)
            case DecisionService():
                values[node] = _service_function(node, given, work)
            case Knowledge():
                values[node] = node.logic.evaluate(_scope(node, {}, values), work)
            case Decision():
                value = node.logic.evaluate(_scope(node, given, values), work)
                values[node] = work.checked(value, node.type, node.id, f"{node.name!r}")


def _scope(
    node: Decision | Knowledge, given: Mapping[str, Any], values: Mapping[Node, Any]
) -> dict[str, Any]:
    scope = dict(given)
    for arrow in node.requirements:
        if arrow.prefix is None:
            scope[arrow.node.name] = values[arrow.node]
        else:
            inner = scope.get(arrow.prefix)
            inner = dict(inner) if type(inner) is dict else {}
            inner[arrow.node.name] = values[arrow.node]
            scope[arrow.prefix] = inner
    return scope


def _run_service(
    service: DecisionService, given: Mapping[str, Any], values: dict[Node, Any], work: Work
) -> Any:
    for node in service.inputs:
        value = _converted(node, given, work)
        wanted = service.parameters.get(node.name)
        values[node] = work.checked(value, wanted, node.id, f"the input {node.name!r}")
    run_nodes(in_order(service.outputs, stop=values), given, values, work)
    value = {output.name: values[output] for output in service.outputs}
    if len(value) == 1:
        value = values[service.outputs[0]]
    return work.checked(value, service.type, service.id, f"{service.name!r}")


def _service_function(service: DecisionService, given: Mapping[str, Any], work: Work) -> Function:
    parameters = tuple(node.name for node in service.inputs)

    def call(_run: Run, arguments: list[Any]) -> Any:
        work.meter.enter()
        try:
            inside = {**given, **dict(zip(parameters, arguments, strict=True))}
            return _run_service(service, inside, {}, work)
        finally:
            work.meter.leave()

    return Function(service.name, parameters, call)
