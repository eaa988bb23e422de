"""The BPMN 2.0 schema as data: every element, every attribute, and a legal place for each.

Read from the XSD that SpiffWorkflow ships. `sample` builds the smallest file in which an element or
attribute stands where the schema allows it; the test validates each against the schema itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import SpiffWorkflow.bpmn.parser as spiff
from lxml import etree

from engine.bpmn import vocabulary
from engine.bpmn.vocabulary import Treatment

XSD = "{http://www.w3.org/2001/XMLSchema}"
FOLDER = Path(spiff.__file__).parent / "schema"
BPMN = f"{{{vocabulary.BPMN}}}"


@dataclass(frozen=True)
class Attribute:
    name: str
    type: str
    required: bool
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Particle:
    """A child: a name and a type; `required` if one must be there."""

    name: str
    type: str
    required: bool


@dataclass
class Type:
    base: str | None
    abstract: bool
    particles: list[Particle] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)


class Schema:
    def __init__(self) -> None:
        roots = [etree.parse(FOLDER / name).getroot() for name in ("Semantic.xsd", "BPMN20.xsd")]
        self.elements: dict[str, str] = {}
        self.substitutes: dict[str, list[str]] = {}
        self.enumerations: dict[str, tuple[str, ...]] = {}
        self.types: dict[str, Type] = {}
        for root in roots:
            for element in root.findall(f"{XSD}element"):
                self.elements[element.get("name")] = element.get("type")
                group = element.get("substitutionGroup")
                self.substitutes.setdefault(group, []).append(element.get("name"))
            for simple in root.findall(f"{XSD}simpleType"):
                values = tuple(v.get("value") for v in simple.iter(f"{XSD}enumeration"))
                self.enumerations[simple.get("name")] = values
        for root in roots:
            for declared in root.findall(f"{XSD}complexType"):
                self.types[declared.get("name")] = self._type(declared)

    def _type(self, declared: etree._Element) -> Type:
        extension = declared.find(f"{XSD}complexContent/{XSD}extension")
        holder = declared if extension is None else extension
        base = None if extension is None else extension.get("base")
        read = Type(base, declared.get("abstract") == "true")
        for child in holder.iter(f"{XSD}element"):
            name = child.get("ref") or child.get("name")
            type_name = child.get("type") or self.elements.get(name, "bpmndi")
            read.particles.append(Particle(name, type_name, child.get("minOccurs", "1") != "0"))
        for attribute in holder.findall(f"{XSD}attribute"):
            type_name = attribute.get("type").removeprefix("xsd:")
            read.attributes.append(
                Attribute(
                    attribute.get("name"),
                    type_name,
                    attribute.get("use") == "required",
                    self.enumerations.get(type_name, ()),
                )
            )
        return read

    def lineage(self, type_name: str) -> list[Type]:
        """The type and its bases, the outermost base first."""
        found: list[Type] = []
        name: str | None = type_name
        while name in self.types:
            found.insert(0, self.types[name])
            name = self.types[name].base
        return found

    def particles(self, type_name: str) -> list[Particle]:
        return [p for one in self.lineage(type_name) for p in one.particles if ":" not in p.name]

    def attributes(self, type_name: str) -> list[Attribute]:
        return [a for one in self.lineage(type_name) for a in one.attributes]

    def alternatives(self, particle: Particle) -> Iterator[tuple[str, str]]:
        """Every element that may stand for the particle, by substitution groups."""
        waiting = [(particle.name, particle.type)]
        while waiting:
            name, type_name = waiting.pop()
            if type_name in self.types and not self.types[type_name].abstract:
                yield name, type_name
            if self.elements.get(name) == type_name:
                waiting += [(n, self.elements[n]) for n in self.substitutes.get(name, [])]

    def declarations(self) -> set[tuple[str, str]]:
        """All (element, type) pairs of the schema, local ones included."""
        every = set(self.elements.items())
        for declared in self.types.values():
            every |= {(p.name, p.type) for p in declared.particles if ":" not in p.name}
        return every

    def places(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """For each declaration that can occur, the way to it from the root, judged places first."""
        start = ("definitions", "tDefinitions")
        ways: dict[tuple[str, str], list[tuple[str, str]]] = {start: [start]}
        for executed_only in (True, False):
            waiting = deque(ways)
            while waiting:
                here = waiting.popleft()
                for particle in self.particles(here[1]):
                    for child in self.alternatives(particle) or ():
                        known = child in ways
                        if not known and not (executed_only and _closed(here[0])):
                            ways[child] = [*ways[here], child]
                            waiting.append(child)
                    simple = (particle.name, particle.type)
                    wanted = particle.type.startswith("xsd:") and simple not in ways
                    if wanted and not (executed_only and _closed(here[0])):
                        ways[simple] = [*ways[here], simple]
        return ways


def _closed(name: str) -> bool:
    """Whether the guard does not look into `name`, so that nothing inside it is judged."""
    entry = vocabulary.of_element(name)
    return entry is None or entry.treatment is not Treatment.EXECUTED


SCHEMA = Schema()
PLACES = SCHEMA.places()


class Sample:
    """A minimal file with `target` in it: `element`; `way` names its ancestors and itself."""

    def __init__(self, target: tuple[str, str], attribute: Attribute | None = None) -> None:
        self.count = 0
        self.way = PLACES[target]
        self.root = self.element = self._make(*self.way[0])
        for at, step in enumerate(self.way[1:], 1):
            parent, parent_type = self.element, self.way[at - 1][1]
            self.element = self._make(*step)
            self._insert(parent, parent_type, self.element, step)
        if not any(name == "process" for name, _ in self.way):
            self._add_process()
        if attribute is not None:
            self.element.set(attribute.name, self.value(attribute))

    def value(self, attribute: Attribute) -> str:
        self.count += 1
        match attribute.type:
            case "ID":
                return f"id{self.count}"
            case "boolean":
                return "true" if attribute.name != "isUnlimited" else "false"
            case "integer" | "int":
                return "7"
            case "anyURI":
                return "urn:sample"
            case "tImplementation" | "tTransactionMethod":
                return "urn:sample"
        return attribute.values[-1] if attribute.values else f"value{self.count}"

    def _make(self, name: str, type_name: str) -> etree._Element:
        element = etree.Element(BPMN + name, nsmap={None: vocabulary.BPMN})
        self.count += 1
        for attribute in SCHEMA.attributes(type_name):
            if attribute.required or attribute.type == "ID":
                element.set(attribute.name, self.value(attribute))
        if name == "process":
            element.set("isExecutable", "true")
        done: set[str] = set()
        for particle in SCHEMA.particles(type_name):
            if particle.required and particle.name not in done and not _in_choice(type_name):
                done.add(particle.name)
                times = 2 if particle.name == "participantRef" else 1
                for _ in range(times):
                    element.append(self._required(particle))
        if type_name.startswith("xsd:"):
            element.text = f"value{self.count}"
        return element

    def _required(self, particle: Particle) -> etree._Element:
        if particle.type.startswith("xsd:"):
            return self._make(particle.name, particle.type)
        return self._make(*next(iter(SCHEMA.alternatives(particle))))

    def _insert(
        self,
        parent: etree._Element,
        parent_type: str,
        child: etree._Element,
        step: tuple[str, str],
    ) -> None:
        particles = SCHEMA.particles(parent_type)
        order = [particle.name for particle in particles]
        slot = next(
            at
            for at, particle in enumerate(particles)
            if (particle.name, particle.type) == step or step in SCHEMA.alternatives(particle)
        )
        alike = {particles[slot].name, *(name for name, _ in SCHEMA.alternatives(particles[slot]))}
        same = [one for one in parent if etree.QName(one).localname in alike]
        if same:
            parent.replace(same[0], child)
            return
        if step[0] == "resourceParameterBinding":
            parent.append(self._make("resourceRef", "xsd:QName"))  # the choice's first member
        before = set(order[:slot])
        at = sum(1 for one in parent if etree.QName(one).localname in before)
        parent.insert(at, child)

    def _add_process(self) -> None:
        process = etree.Element(BPMN + "process", id="p", isExecutable="true")
        etree.SubElement(process, BPMN + "startEvent", id="s")
        behind = [one for one in self.root if etree.QName(one).localname == "relationship"]
        if behind:
            behind[0].addprevious(process)
        else:
            self.root.append(process)

    @property
    def xml(self) -> bytes:
        return etree.tostring(self.root)


def _in_choice(type_name: str) -> bool:
    """tResourceRole alone has a choice with required members; none of them is needed."""
    return any(one is SCHEMA.types["tResourceRole"] for one in SCHEMA.lineage(type_name))
