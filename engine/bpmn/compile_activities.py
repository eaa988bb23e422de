"""What every activity may have: repetition, quantities of tokens, a part in compensation."""

from __future__ import annotations

import re
from typing import Any, Final

from engine.bpmn.compile_data import data_name, variable_name
from engine.bpmn.compile_events import event_of
from engine.bpmn.compile_expressions import Compiling
from engine.bpmn.definition import Behaviour, BehaviourRule, MultiInstance, StandardLoop
from engine.bpmn.normalise import DiagramNode, bpmn, flag, hz, local, text_of
from feel import Expression

MOST_ITEMS: Final = 1_000
"""A literal cardinality above this is refused; at run time the step budget has the last word."""
MOST_TOKENS: Final = 100


def activity_parts(node: DiagramNode, compiling: Compiling) -> dict[str, Any]:
    """The parts of an element that any activity may have, by their names in `Element`."""
    return {
        "multi_instance": _multi_instance(node, compiling),
        "loop": _standard_loop(node, compiling),
        "for_compensation": flag(node.xml, "isForCompensation", default=False),
        "start_quantity": _quantity(node, "startQuantity", compiling),
        "completion_quantity": _quantity(node, "completionQuantity", compiling),
    }


def _quantity(node: DiagramNode, attribute: str, compiling: Compiling) -> int:
    text = node.xml.get(attribute, "1").strip()
    number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    if not 1 <= number <= MOST_TOKENS:
        compiling.report.add(
            "activity.bad-quantity", node.id, name=attribute, value=text, most=MOST_TOKENS
        )
        return 1
    return number


def _standard_loop(node: DiagramNode, compiling: Compiling) -> StandardLoop | None:
    loop = node.xml.find(bpmn("standardLoopCharacteristics"))
    if loop is None:
        return None
    maximum = loop.get("loopMaximum")
    if maximum is not None and not re.fullmatch(r"[1-9][0-9]{0,8}", maximum.strip()):
        compiling.report.add("loop.bad-maximum", node.id, value=maximum)
        maximum = None
    condition = _child(loop, "loopCondition", node, compiling)
    if condition is None and maximum is None:
        compiling.report.add("loop.endless", node.id)
    if node.is_event_sub_process:
        compiling.report.add("multi-instance.not-here", node.id)
    return StandardLoop(
        condition,
        test_before=flag(loop, "testBefore", default=False),
        maximum=None if maximum is None else int(maximum),
    )


def _multi_instance(node: DiagramNode, compiling: Compiling) -> MultiInstance | None:
    loop = node.xml.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    cardinality = loop.find(bpmn("loopCardinality"))
    collection = loop.get(hz("collection")) or _data(loop, "loopDataInputRef", compiling)
    output = loop.get(hz("outputCollection")) or _data(loop, "loopDataOutputRef", compiling)
    element = loop.get(hz("outputElement")) or _item(loop, "outputDataItem")
    item = loop.get(hz("elementVariable")) or _item(loop, "inputDataItem")
    if (cardinality is None) == (collection is None):
        compiling.report.add("multi-instance.one-source", node.id)
    if (output is None) != (element is None):
        compiling.report.add("multi-instance.output-pair", node.id)
    if item is not None and collection is None:
        compiling.report.add("multi-instance.element-without-collection", node.id)
    if node.is_event_sub_process:
        compiling.report.add("multi-instance.not-here", node.id)
    return MultiInstance(
        sequential=loop.get("isSequential", "false").strip() in {"true", "1"},
        cardinality=_cardinality(cardinality, node, compiling),
        collection=compiling.feel(collection, node.id, "hz:collection"),
        element_variable=_optional_variable(item, "elementVariable", node, compiling),
        output_collection=_optional_variable(output, "outputCollection", node, compiling),
        output_element=compiling.feel(element, node.id, "hz:outputElement"),
        completion_condition=_child(loop, "completionCondition", node, compiling),
        behaviour=Behaviour(loop.get("behavior", "All").strip()),
        rules=_rules(loop, node, compiling),
    )


def _rules(loop: Any, node: DiagramNode, compiling: Compiling) -> tuple[BehaviourRule, ...]:
    """The events that completed items throw (table 10.30)."""
    behaviour = Behaviour(loop.get("behavior", "All").strip())
    if behaviour is Behaviour.ALL:
        return ()
    if behaviour is Behaviour.COMPLEX:
        rules = [
            _complex_rule(each, node, compiling)
            for each in loop.findall(bpmn("complexBehaviorDefinition"))
        ]
    else:
        reference = loop.get(f"{behaviour.lower()}BehaviorEventRef", "")
        rules = [_rule(compiling.diagram.global_elements.get(reference), None, node, compiling)]
    return tuple(rule for rule in rules if rule is not None)


def _complex_rule(definition: Any, node: DiagramNode, compiling: Compiling) -> BehaviourRule | None:
    condition = _child(definition, "condition", node, compiling)
    thrown = definition.find(bpmn("event"))
    events = [] if thrown is None else [e for e in thrown if _is_event_definition(e)]
    return _rule(events[0] if len(events) == 1 else None, condition, node, compiling)


def _is_event_definition(element: Any) -> bool:
    return local(element).endswith("EventDefinition")


def _rule(
    definition: Any | None, condition: Expression | None, node: DiagramNode, compiling: Compiling
) -> BehaviourRule | None:
    if definition is None or not _is_event_definition(definition):
        compiling.report.add("multi-instance.no-event", node.id)
        return None
    event = event_of(node, definition, compiling)
    return None if event is None else BehaviourRule(event, condition)


def _cardinality(element: Any, node: DiagramNode, compiling: Compiling) -> Expression | None:
    if element is None:
        return None
    text = text_of(element)
    if re.fullmatch(r"=?\s*\d+", text) and int(text.lstrip("= ")[:20]) > MOST_ITEMS:
        compiling.report.add("multi-instance.too-many", node.id, count=text, most=MOST_ITEMS)
    return compiling.feel(text, node.id, "loopCardinality")


def _child(holder: Any, tag: str, node: DiagramNode, compiling: Compiling) -> Expression | None:
    element = holder.find(bpmn(tag))
    return None if element is None else compiling.feel(text_of(element), node.id, tag)


def _optional_variable(
    value: str | None, name: str, node: DiagramNode, compiling: Compiling
) -> str | None:
    return None if value is None else compiling.variable(value, node.id, f"hz:{name}")


def _data(loop: Any, tag: str, compiling: Compiling) -> str | None:
    """The variable that the standard's own reference to a collection means (10.3.8)."""
    reference = loop.find(bpmn(tag))
    return None if reference is None else data_name(text_of(reference), compiling)


def _item(loop: Any, tag: str) -> str | None:
    item = loop.find(bpmn(tag))
    return None if item is None else variable_name(item)
