"""Every diagram is drawn whole and can be read: shapes apart, flows that touch what they join."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import SpiffWorkflow.bpmn.parser as spiff_parser
from lxml import etree

from engine.packages import Package
from tests.processes.library import PACKAGES

IDS = [package.id for package in PACKAGES]
each_package = pytest.mark.parametrize("package", PACKAGES, ids=IDS)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
FRAMES = {"participant", "lane", "subProcess"}
NODES = {
    *("startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent"),
    *(
        "userTask",
        "serviceTask",
        "sendTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
    ),
    *("exclusiveGateway", "parallelGateway", "eventBasedGateway", "participant", "lane"),
}


@dataclass(frozen=True)
class Box:
    id: str
    tag: str
    left: float
    top: float
    right: float
    bottom: float

    def gap(self, other: Box) -> float:
        """How far two boxes are apart; negative where they overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(across, down)

    def touches(self, x: float, y: float) -> bool:
        inside = self.left - 1 <= x <= self.right + 1 and self.top - 1 <= y <= self.bottom + 1
        edge = min(abs(x - self.left), abs(x - self.right), abs(y - self.top), abs(y - self.bottom))
        return inside and edge <= 1

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


@dataclass(frozen=True)
class Drawing:
    boxes: dict[str, Box]
    lines: dict[str, list[tuple[float, float]]]
    root: etree._Element

    def elements(self, *tags: str) -> list[etree._Element]:
        return [each for tag in tags for each in self.root.iter(BPMN + tag)]


def drawing(package: Package) -> Drawing:
    return drawn_from(package.diagram.content)


@cache
def drawn_from(xml: bytes) -> Drawing:
    root = etree.fromstring(xml)
    tags = {each.get("id"): etree.QName(each).localname for each in root.iter() if each.get("id")}
    boxes = {}
    for shape in root.iter(DI + "BPMNShape"):
        bounds = shape.find(DC + "Bounds")
        x, y, w, h = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
        name = shape.get("bpmnElement")
        boxes[name] = Box(name, tags[name], x, y, x + w, y + h)
    lines = {
        edge.get("bpmnElement"): [
            (float(point.get("x")), float(point.get("y"))) for point in edge.iter(DD + "waypoint")
        ]
        for edge in root.iter(DI + "BPMNEdge")
    }
    return Drawing(boxes, lines, root)


@each_package
def test_the_file_is_valid_bpmn(package: Package) -> None:
    schema = Path(spiff_parser.__file__).parent / "schema" / "BPMN20.xsd"

    etree.XMLSchema(etree.parse(schema)).assertValid(etree.fromstring(package.diagram.content))


@each_package
def test_everything_is_drawn(package: Package) -> None:
    drawn = drawing(package)

    assert {each.get("id") for each in drawn.elements(*NODES)} == set(drawn.boxes)
    assert {each.get("id") for each in drawn.elements("sequenceFlow", "messageFlow")} == set(
        drawn.lines
    )


@each_package
def test_no_two_shapes_overlap(package: Package) -> None:
    boxes = [box for box in drawing(package).boxes.values() if box.tag not in FRAMES]
    tight = [
        f"{one.id} and {other.id}"
        for one, other in combinations(boxes, 2)
        if "boundaryEvent" not in (one.tag, other.tag) and one.gap(other) < 40
    ]

    assert tight == []


@each_package
def test_a_boundary_event_sits_on_its_host_and_on_nothing_else(package: Package) -> None:
    drawn = drawing(package)
    for event in drawn.elements("boundaryEvent"):
        box, host = drawn.boxes[event.get("id")], drawn.boxes[event.get("attachedToRef")]
        middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        others = [
            other
            for other in drawn.boxes.values()
            if other.id not in (box.id, host.id) and other.tag not in FRAMES
        ]
        assert host.touches(*middle), box.id
        assert all(box.gap(other) >= 10 for other in others), box.id


@each_package
def test_a_flow_begins_and_ends_at_what_it_joins(package: Package) -> None:
    drawn = drawing(package)
    for flow in drawn.elements("sequenceFlow"):
        line = drawn.lines[flow.get("id")]
        assert drawn.boxes[flow.get("sourceRef")].touches(*line[0]), flow.get("id")
        assert drawn.boxes[flow.get("targetRef")].touches(*line[-1]), flow.get("id")


@each_package
def test_flows_run_straight_and_through_no_shape(package: Package) -> None:
    drawn = drawing(package)
    for flow in drawn.elements("sequenceFlow"):
        line = drawn.lines[flow.get("id")]
        for start, end in pairwise(line):
            assert start[0] == end[0] or start[1] == end[1], f"{flow.get('id')} is slanted"
            assert crossed(drawn, flow, start, end) == [], flow.get("id")


def crossed(
    drawn: Drawing, flow: etree._Element, start: tuple[float, float], end: tuple[float, float]
) -> list[str]:
    """The shapes a piece of a flow runs through, its own two (and their hosts) left out."""
    own = {flow.get("sourceRef"), flow.get("targetRef")}
    own |= {
        event.get("attachedToRef")
        for event in drawn.elements("boundaryEvent")
        if event.get("id") in own
    }
    xs, ys = sorted((start[0], end[0])), sorted((start[1], end[1]))
    piece = Box("", "", xs[0], ys[0], xs[1], ys[1])
    return [
        box.id
        for box in drawn.boxes.values()
        if box.tag not in FRAMES and box.id not in own and box.gap(piece) < -1
    ]


@each_package
def test_what_belongs_together_lies_inside(package: Package) -> None:
    drawn = drawing(package)
    for frame in drawn.elements("subProcess"):
        inner = [drawn.boxes[each.get("id")] for each in frame if each.get("id") in drawn.boxes]
        assert all(drawn.boxes[frame.get("id")].holds(box) for box in inner), frame.get("id")
    for lane in drawn.elements("lane"):
        box = drawn.boxes[lane.get("id")]
        members = [drawn.boxes[ref.text] for ref in lane.iter(BPMN + "flowNodeRef")]
        assert all(box.holds(member) for member in members), lane.get("id")


@each_package
def test_people_can_read_what_every_element_is(package: Package) -> None:
    drawn = drawing(package)
    unnamed = [
        each.get("id")
        for each in drawn.elements(*(NODES - {"startEvent", "boundaryEvent"}))
        if not each.get("name")
    ]

    assert unnamed == []
