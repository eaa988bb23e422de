"""Reads a DMN document into a Model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from feel.dmn.document import FEEL_LANGUAGES, NAMESPACES, Element, read
from feel.dmn.errors import DmnError, Faults
from feel.dmn.item_types import ItemType, read_types, result_type, type_of
from feel.dmn.model import (
    Decision,
    DecisionService,
    InputData,
    Knowledge,
    Model,
    Node,
    Requirement,
    in_order,
)
from feel.dmn.reader import Reader
from feel.errors import BudgetExceeded

_NO_IMPORTS: Mapping[str, bytes | Model] = {}


def parse(
    xml: bytes, imports: Mapping[str, bytes | Model] = _NO_IMPORTS, *, strict: bool = False
) -> Model:
    """Read a model, or raise DmnError with the id of the element that is not understood.

    `imports` are the imported models by locationURI, namespace or name, as <import> says. A part
    that cannot be evaluated (a text that is no FEEL, a decision without logic, a Java function) is
    null with a diagnostic and told in `Model.faults`; if `strict`, it is refused like the rest.
    """
    definitions = read(xml)
    for attribute in ("expressionLanguage", "typeLanguage"):
        language = definitions.get(attribute)
        if language not in FEEL_LANGUAGES and language.lower() != "feel":
            raise DmnError(f"Expected FEEL as {attribute}, but got {language!r}", definitions.id)
    faults = Faults(strict=strict)
    imported: list[tuple[str, Model]] = []
    for element in definitions.all("import"):
        if element.get("namespace") != definitions.get("namespace"):
            model = _imported(element, imports, strict=strict)
            faults.found += model.faults
            imported.append((element.get("name"), model))
    try:
        return _Parsing(definitions, imported, faults).model()
    except (BudgetExceeded, RecursionError) as refusal:
        raise DmnError(f"Expected a smaller model: {refusal}", definitions.id) from None


def _imported(element: Element, imports: Mapping[str, bytes | Model], *, strict: bool) -> Model:
    kind = element.get("importType")
    if kind and kind not in NAMESPACES:
        raise DmnError(f"Expected to import DMN, but got {kind!r}", element.id)
    for key in (element.get("locationURI"), element.get("namespace"), element.get("name")):
        found = imports.get(key)
        if found is not None:
            model = (
                found
                if isinstance(found, Model)
                else parse(found, _without(imports, key), strict=strict)
            )
            if model.namespace == element.get("namespace"):
                return model
            raise DmnError(
                f"Expected the import to have the namespace {element.get('namespace')!r}, "
                f"but it has {model.namespace!r}",
                element.id,
            )
    shown = element.get("name") or element.get("namespace")
    raise DmnError(f"Expected the imported model {shown!r} to be given", element.id)


def _without(imports: Mapping[str, bytes | Model], key: str) -> dict[str, bytes | Model]:
    # What imports itself finds itself missing, instead of going round for ever.
    return {name: found for name, found in imports.items() if found is not imports[key]}


class _Parsing:
    """One document on its way to a model: nodes first, arrows second, logic last."""

    def __init__(
        self, definitions: Element, imported: list[tuple[str, Model]], faults: Faults
    ) -> None:
        self.definitions = definitions
        self.imported = imported
        self.faults = faults
        self.types = read_types(definitions, dict(_imported_types(imported)), faults)
        self.nodes: dict[str, Node] = {}
        self.known = frozenset(self._names())

    def model(self) -> Model:
        elements = self.definitions.all(*_MAKERS)
        for element in elements:
            if element.id in self.nodes:
                raise DmnError(f"Expected one element with the id {element.id!r}", element.id)
            self.nodes[element.id] = _MAKERS[element.tag](self, element)
        self._refuse_double_names()
        for element in elements:
            self._connect(element, self.nodes[element.id])
        in_order(self.nodes.values())
        return Model(
            self.definitions.get("name"),
            self.definitions.get("namespace"),
            {**self._merged(), **self.nodes},
            self.types,
            tuple(self.faults.found),
        )

    def _merged(self) -> dict[str, Node]:
        """What comes by imports without a name: it is as if it stood here (DMN 1.4, 6.3.3)."""
        own = {node.name for node in self.nodes.values()}
        return {
            identifier: node
            for prefix, model in self.imported
            if not prefix
            for identifier, node in model.nodes.items()
            if node.name not in own
        }

    def _names(self) -> Iterable[str]:
        """Every name that may stand in a text, also behind a point."""
        for element in self.definitions.all(*_MAKERS):
            yield element.named()
            yield from (variable.get("name") for variable in element.all("variable"))
        for prefix, model in self.imported:
            yield prefix
            yield from (node.name for node in model.nodes.values())
            yield from _part_names(model.types.values())
        pending = list(self.definitions.all("itemDefinition"))
        while pending:
            components = pending.pop().all("itemComponent")
            yield from (component.named() for component in components)
            pending += components

    def _refuse_double_names(self) -> None:
        seen: set[str] = set()
        for node in self.nodes.values():
            if node.name in seen:
                raise DmnError(f"Expected one element called {node.name!r}", node.id)
            seen.add(node.name)

    # --- nodes ---------------------------------------------------------------------------

    def input_data(self, element: Element) -> InputData:
        return InputData(element.id, element.named(), self._variable_type(element))

    def _variable_type(self, element: Element) -> ItemType | None:
        variable = element.first("variable")
        self._check_name(element)
        try:
            return type_of(variable, self.types)
        except DmnError as fault:
            self.faults.take(fault)
            return None

    def _check_name(self, element: Element) -> None:
        variable = element.first("variable")
        if variable is not None and variable.get("name", element.named()) != element.named():
            self.faults.take(
                DmnError(
                    f"Expected the variable to be called {element.named()!r} like its element, "
                    f"but it is called {variable.get('name')!r}",
                    variable.id,
                )
            )

    def decision(self, element: Element) -> Decision:
        reader = Reader(element.named(), self.known, self.types, self.faults)
        logic = reader.decision(element)
        return Decision(
            element.id, element.named(), self._variable_type(element), logic, frozenset(reader.free)
        )

    def knowledge(self, element: Element) -> Knowledge:
        reader = Reader(element.named(), self.known, self.types, self.faults)
        logic = reader.knowledge(element)
        return Knowledge(element.id, element.named(), logic, frozenset(reader.free))

    def service(self, element: Element) -> DecisionService:
        whole = type_of(element.first("variable"), self.types)
        result = result_type(element.first("variable"), self.types)
        takes = whole.parameters if whole is not None else {}
        return DecisionService(element.id, element.named(), result, takes)

    # --- arrows --------------------------------------------------------------------------

    def _connect(self, element: Element, node: Node) -> None:
        match node:
            case Decision():
                tags = ("requiredDecision", "requiredInput", "requiredKnowledge")
                node.requirements += self._arrows(element, tags)
            case Knowledge():
                node.requirements += self._arrows(element, ("requiredKnowledge",))
            case DecisionService():
                self._connect_service(element, node)

    def _arrows(self, element: Element, tags: tuple[str, ...]) -> list[Requirement]:
        arrows = element.all("informationRequirement", "knowledgeRequirement")
        return [self._target(end) for arrow in arrows for end in arrow.all(*tags)]

    def _connect_service(self, element: Element, service: DecisionService) -> None:
        # The parameters of the service as a function: first its input data, then its decisions.
        for child in (*element.all("inputData"), *element.all("inputDecision")):
            node = self._target(child).node
            if not isinstance(node, InputData | Decision):
                raise DmnError("Expected input data or a decision as input", element.id)
            service.inputs.append(node)
        for child in element.all("outputDecision"):
            node = self._target(child).node
            if not isinstance(node, Decision):
                raise DmnError("Expected a decision as output", element.id)
            service.outputs.append(node)
        if not service.outputs:
            raise DmnError("Expected a decision service to have an output", element.id)
        for child in element.all("encapsulatedDecision"):
            self._target(child)

    def _target(self, end: Element) -> Requirement:
        namespace, _, identifier = end.get("href").rpartition("#")
        here = not namespace or namespace == self.definitions.get("namespace")
        if here and identifier in self.nodes:
            return self._fitting(end, Requirement(self.nodes[identifier]))
        for prefix, model in self.imported:
            merged = not prefix and here
            if (merged or model.namespace == namespace) and identifier in model.nodes:
                return self._fitting(end, Requirement(model.nodes[identifier], prefix or None))
        raise DmnError(
            f"Expected {end.get('href')!r} to be an element of the model, but there is none",
            end.id,
        )

    def _fitting(self, end: Element, arrow: Requirement) -> Requirement:
        wanted = _ENDS[end.tag]
        if not isinstance(arrow.node, wanted):
            raise DmnError(
                f"Expected <{end.tag}> to lead to the right kind of element, "
                f"but {arrow.node.name!r} is another",
                end.id,
            )
        return arrow


def _imported_types(imported: list[tuple[str, Model]]) -> Iterable[tuple[str, ItemType]]:
    for prefix, model in imported:
        for name, item in model.types.items():
            yield f"{prefix}.{name}" if prefix else name, item


def _part_names(types: Iterable[ItemType]) -> Iterable[str]:
    pending = list(types)
    while pending:
        parts = pending.pop().parts
        yield from parts
        pending += parts.values()


_MAKERS: dict[str, Callable[[_Parsing, Element], Node]] = {
    "inputData": _Parsing.input_data,
    "decision": _Parsing.decision,
    "businessKnowledgeModel": _Parsing.knowledge,
    "decisionService": _Parsing.service,
}
_ENDS: dict[str, tuple[type[Node], ...]] = {
    "requiredDecision": (Decision,),
    "requiredInput": (InputData,),
    "requiredKnowledge": (Knowledge, DecisionService),
    "inputData": (InputData,),
    "inputDecision": (Decision,),
    "outputDecision": (Decision,),
    "encapsulatedDecision": (Decision,),
}
