/** Put a new element behind another, with room for it: what a mouse does by hand. */
const GAP = 150;

export function insertAfter(modeler, element, type, eventDefinitionType) {
  const flow = element.waypoints ? element : element.outgoing.find((each) => each.type === 'bpmn:SequenceFlow');
  const { source, target } = flow;
  const shape = modeler.get('elementFactory').createShape({ type, ...(eventDefinitionType && { eventDefinitionType }) });
  makeRoom(modeler, source, target, shape.width);
  const points = flow.waypoints;
  const [from, to] = [points[0], points[points.length - 1]];
  const isAhead = target.x > source.x + source.width;
  const at = isAhead
    ? { x: (source.x + source.width + target.x) / 2, y: isLevel(from, to) ? from.y : middle(source) }
    : { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return modeler.get('modeling').createShape(shape, round(at), flow);
}

/** Everything right of the source moves on, if the two stand too near for a third between. */
function makeRoom(modeler, source, target, width) {
  const right = source.x + source.width;
  const free = target.x - right;
  if (free < 0 || free >= width + 80) return;
  const tool = modeler.get('spaceTool');
  const canvas = modeler.get('canvas');
  const all = canvas.getRootElement().children.filter((each) => !each.waypoints);
  const delta = { x: Math.max(GAP, width + 80 - free), y: 0 };
  const start = right + Math.min(10, free / 2);
  const { movingShapes, resizingShapes } = tool.calculateAdjustments(all, 'x', delta.x, start);
  tool.makeSpace(movingShapes, resizingShapes, delta, 'e', start);
}

function isLevel(from, to) {
  return Math.abs(from.y - to.y) < 2;
}

function middle(shape) {
  return shape.y + shape.height / 2;
}

function round({ x, y }) {
  return { x: Math.round(x), y: Math.round(y) };
}
