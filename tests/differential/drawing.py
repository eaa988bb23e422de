"""Writes a model as BPMN, once as we read it and once as SpiffWorkflow does.

Both texts are the same diagram with the same expressions (those that mean the same in FEEL and in
Python); they differ in where a script, a multi-instance and a call keep their particulars.
"""

from __future__ import annotations

from tests.differential.models import Block, Model

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:hz="urn:huzheng:bpmn:1" id="d" targetNamespace="urn:test">'
)


def for_us(model: Model) -> dict[str, bytes]:
    """Return process id → diagram."""
    return {
        process_id: _document(process_id, body, ours=True)
        for process_id, body in {"main": model.main, **model.called}.items()
    }


def for_spiff(model: Model) -> dict[str, bytes]:
    return {
        process_id: _document(process_id, body, ours=False)
        for process_id, body in {"main": model.main, **model.called}.items()
    }


def _document(process_id: str, body: Block, *, ours: bool) -> bytes:
    drawing = Drawing(process_id, ours=ours)
    drawing.scope(body, process_id)
    inner = "".join(drawing.out)
    return (
        f'{HEAD}<process id="{process_id}" name="{process_id}" isExecutable="true">{inner}'
        "</process></definitions>"
    ).encode()


class Drawing:
    """Collects the XML of one process."""

    def __init__(self, process_id: str, *, ours: bool) -> None:
        self.process_id = process_id
        self.ours = ours
        self.out: list[str] = []
        self.flows = 0

    def scope(self, body: Block, name: str) -> None:
        self.out.append(f'<startEvent id="start_{name}"/>')
        last = self.draw(body, f"start_{name}")
        self.out.append(f'<endEvent id="end_{name}"/>')
        self.flow(last, f"end_{name}")

    def flow(self, source: str, target: str, condition: str = "", flow_id: str = "") -> None:
        self.flows += 1
        flow_id = flow_id or f"f{self.flows}_{self.process_id}"
        inner = ""
        if condition:
            escaped = condition.replace("<", "&lt;").replace(">", "&gt;")
            inner = (
                f'<conditionExpression xsi:type="tFormalExpression">{escaped}</conditionExpression>'
            )
        self.out.append(
            f'<sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}'
            "</sequenceFlow>"
        )

    def draw(self, block: Block, source: str, condition: str = "", flow_id: str = "") -> str:
        """Draw a block behind `source`; return the element it ends with."""
        if block.kind == "seq":
            for part in block.parts:
                source = self.draw(part, source, condition, flow_id)
                condition = flow_id = ""
            return source
        shape = getattr(self, f"_{block.kind}", None)
        if shape is not None:
            ends: str = shape(block, source, condition, flow_id)
            return ends
        self.flow(source, block.name, condition, flow_id)
        self.out.append(getattr(self, f"activity_{block.kind}")(block))
        return block.name

    # Blocks with gateways

    def _xor(self, block: Block, source: str, condition: str, flow_id: str) -> str:
        split, merge = f"{block.name}_split", f"{block.name}_merge"
        default = f"default_{block.name}"
        self.flow(source, split, condition, flow_id)
        self.out.append(f'<exclusiveGateway id="{split}" default="{default}"/>')
        self.out.append(f'<exclusiveGateway id="{merge}"/>')
        for part, test in zip(block.parts, [*block.conditions, ""], strict=True):
            self.flow(self.draw(part, split, test, "" if test else default), merge)
        return merge

    def _and(self, block: Block, source: str, condition: str, flow_id: str) -> str:
        split, join = f"{block.name}_split", f"{block.name}_join"
        self.flow(source, split, condition, flow_id)
        self.out.append(f'<parallelGateway id="{split}"/><parallelGateway id="{join}"/>')
        for part in block.parts:
            self.flow(self.draw(part, split), join)
        return join

    def _loop(self, block: Block, source: str, condition: str, flow_id: str) -> str:
        begin, again = f"{block.name}_begin", f"{block.name}_again"
        zero = Block("script", f"{block.name}_zero", variable=block.variable, expression="0")
        count = Block(
            "script",
            f"{block.name}_count",
            variable=block.variable,
            expression=f"{block.variable} + 1",
        )
        self.flow(self.draw(zero, source, condition, flow_id), begin)
        self.out.append(f'<exclusiveGateway id="{begin}"/>')
        last = self.draw(count, self.draw(block.parts[0], begin))
        default = f"default_{block.name}"
        self.out.append(f'<exclusiveGateway id="{again}" default="{default}"/>')
        self.flow(last, again)
        self.flow(again, begin, block.conditions[0])
        self.out.append(f'<exclusiveGateway id="{block.name}_out"/>')
        self.flow(again, f"{block.name}_out", flow_id=default)
        return f"{block.name}_out"

    # Activities

    def activity_user(self, block: Block, inner: str = "") -> str:
        attributes = ' hz:candidateGroups="counter" hz:form="f"' if self.ours else ""
        return f'<userTask id="{block.name}" name="{block.name}"{attributes}>{inner}</userTask>'

    def activity_script(self, block: Block, inner: str = "") -> str:
        if self.ours:
            return (
                f'<scriptTask id="{block.name}" scriptFormat="feel" '
                f'hz:resultVariable="{block.variable}">{inner}'
                f"<script>{block.expression}</script></scriptTask>"
            )
        return (
            f'<scriptTask id="{block.name}">{inner}'
            f"<script>{block.variable} = {block.expression}</script></scriptTask>"
        )

    def activity_sub(self, block: Block) -> str:
        inside = Drawing(f"{self.process_id}_{block.name}", ours=self.ours)
        inside.scope(block.parts[0], block.name)
        return f'<subProcess id="{block.name}">{"".join(inside.out)}</subProcess>'

    def activity_call(self, block: Block) -> str:
        mappings = ""
        if self.ours:  # the oracle copies everything in and out
            mappings = "<extensionElements>"
            mappings += "".join(f'<hz:input source="{n}" target="{n}"/>' for n in block.inputs)
            mappings += "".join(f'<hz:output source="{n}" target="{n}"/>' for n in block.outputs)
            mappings += "</extensionElements>"
        return (
            f'<callActivity id="call_{block.name}" calledElement="{block.name}">{mappings}'
            "</callActivity>"
        )

    def _call(self, block: Block, source: str, condition: str, flow_id: str) -> str:
        self.flow(source, f"call_{block.name}", condition, flow_id)
        self.out.append(self.activity_call(block))
        return f"call_{block.name}"

    def _mi_user(self, block: Block, source: str, condition: str, flow_id: str) -> str:
        return self._multi_instance(block, source, condition, flow_id, self.activity_user)

    def _mi_script(self, block: Block, source: str, condition: str, flow_id: str) -> str:
        return self._multi_instance(block, source, condition, flow_id, self.activity_script)

    def _multi_instance(
        self, block: Block, source: str, condition: str, flow_id: str, activity: object
    ) -> str:
        item, result = f"{block.name}_item", f"{block.name}_result"
        collection = f"{block.name}_list"
        give = Block(
            "script", f"{block.name}_give", variable=collection, expression=block.expression
        )
        given = self.draw(give, source, condition, flow_id)
        each = Block(block.kind, block.name, variable=result, expression=f"{item} * 2")
        self.flow(given, block.name)
        loop = self._loop_characteristics(block, collection, item, result)
        self.out.append(activity(each, loop))  # type: ignore[operator]
        return block.name

    def _loop_characteristics(self, block: Block, collection: str, item: str, result: str) -> str:
        sequential = f'isSequential="{str(block.sequential).lower()}"'
        if self.ours:
            return (
                f'<multiInstanceLoopCharacteristics {sequential} hz:collection="{collection}" '
                f'hz:elementVariable="{item}" hz:outputCollection="{block.variable}" '
                f'hz:outputElement="{result}"/>'
            )
        return (
            f"<multiInstanceLoopCharacteristics {sequential}>"
            f"<loopDataInputRef>{collection}</loopDataInputRef>"
            f"<loopDataOutputRef>{block.variable}</loopDataOutputRef>"
            f'<inputDataItem id="{item}" name="{item}"/>'
            f'<outputDataItem id="{result}" name="{result}"/>'
            "</multiInstanceLoopCharacteristics>"
        )
