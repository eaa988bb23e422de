/**
 * What is shown on top of a diagram: where the case stands, and what lint has found.
 *
 * Each mark is a class for the colour and a written label, so that nothing is said by colour alone.
 */
const SYMBOLS = { active: '▶', done: '✓', incident: '!' };
const SEVERITIES = ['error', 'warning', 'info'];

/**
 * Mark elements by `{active: [id], done: [id], incidents: [id]}`; an id given twice holds two
 * tokens. What an earlier call marked is taken off first. Returns how many there are of each kind,
 * flows not counted, and the ids this diagram lacks: `{active, done, incident, missing: [id]}`.
 */
export function showState(viewer, state, words) {
  const marks = { active: state.active ?? [], done: state.done ?? [], incident: state.incidents ?? [] };
  const shown = { active: 0, done: 0, incident: 0, missing: [] };
  clear(viewer, 'state');
  for (const [kind, ids] of Object.entries(marks)) {
    for (const [id, times] of tally(ids)) {
      const element = viewer.get('elementRegistry').get(id);
      if (element) markState(viewer, element, kind, times, words);
      else if (!shown.missing.includes(id)) shown.missing.push(id);
      if (!element?.waypoints) shown[kind] += times;
    }
  }
  return shown;
}

/**
 * Mark elements by `[{element_id, severity, message}]` with severity error, warning or info.
 * Returns the findings that have no place in this diagram.
 */
export function showFindings(viewer, findings, words) {
  clear(viewer, 'finding');
  const registry = viewer.get('elementRegistry');
  const homeless = [];
  for (const [id, own] of byElement(findings)) {
    const element = registry.get(id);
    if (element && element.parent) markFindings(viewer, element, own, words);
    else homeless.push(...own);
  }
  return homeless;
}

export function findingText(finding, words) {
  return `${words[finding.severity] ?? finding.severity}${words.colon}${finding.message}`;
}

function markState(viewer, element, kind, times, words) {
  viewer.get('canvas').addMarker(element, `state-${kind}`);
  remember(viewer, 'state', element, `state-${kind}`);
  if (element.waypoints) return; // a flow that was taken is drawn stronger; a label would hide it
  const label = document.createElement('span');
  label.className = `bpmn-label bpmn-label-${kind}`;
  const told = `${words[kind]}${times > 1 ? ` ×${times}` : ''}`;
  if (isSmall(element) && kind === 'done') {
    // Around events and gateways stand their names and those of their flows: a sign has room in the
    // corner beside the shape, a word has not. The word is still said, and the list has it.
    label.setAttribute('role', 'img');
    label.setAttribute('aria-label', told);
    label.title = told;
    label.textContent = SYMBOLS[kind];
  } else {
    label.textContent = `${SYMBOLS[kind]} ${told}`;
  }
  viewer.get('overlays').add(element, 'state', { position: place(element, kind), html: label });
}

/** Events and gateways have their name outside, above or below; what is said of them stands on the
    other side. */
function place(element, kind) {
  if (!isSmall(element)) {
    if (kind === 'finding') return { top: -16, left: -8 };
    return kind === 'incident' ? { top: -14, right: 12 } : { bottom: 10, left: -6 };
  }
  if (kind === 'finding') return { top: -24, left: 56 };
  const isNamedAbove = element.labels.some((label) => middle(label) < middle(element));
  if (kind === 'done') return isNamedAbove ? { bottom: 14, left: -10 } : { top: -6, left: -10 };
  return isNamedAbove ? { bottom: -4, left: -8 } : { top: -24, left: -8 };
}

function isSmall(element) {
  return element.labels?.length > 0;
}

function middle(shape) {
  return shape.y + shape.height / 2;
}

function markFindings(viewer, element, findings, words) {
  const worst = SEVERITIES.find((s) => findings.some((f) => f.severity === s)) ?? 'info';
  viewer.get('canvas').addMarker(element, `finding-${worst}`);
  remember(viewer, 'finding', element, `finding-${worst}`);
  const box = document.createElement('details');
  box.className = `bpmn-finding bpmn-finding-${worst}`;
  const summary = document.createElement('summary');
  summary.textContent = `${words[worst]} ${findings.length}`;
  const list = document.createElement('ul');
  for (const finding of findings) list.append(line(findingText(finding, words)));
  box.append(summary, list);
  viewer.get('overlays').add(element, 'finding', { position: place(element, 'finding'), html: box });
}

function byElement(findings) {
  const groups = new Map();
  for (const finding of findings) {
    groups.set(finding.element_id, [...(groups.get(finding.element_id) ?? []), finding]);
  }
  return groups;
}

function line(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

function tally(ids) {
  const times = new Map();
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
  return times;
}

const given = new WeakMap(); // viewer -> kind -> [[element, class]], to take off what we put on

function remember(viewer, kind, element, name) {
  if (!given.has(viewer)) given.set(viewer, new Map());
  const kinds = given.get(viewer);
  kinds.set(kind, [...(kinds.get(kind) ?? []), [element, name]]);
}

function clear(viewer, kind) {
  viewer.get('overlays').remove({ type: kind });
  for (const [element, name] of given.get(viewer)?.get(kind) ?? []) {
    viewer.get('canvas').removeMarker(element, name);
  }
  given.get(viewer)?.delete(kind);
}
