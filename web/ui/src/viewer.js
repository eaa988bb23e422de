/**
 * The diagram island: shows a process, where its case stands, and what lint found in it.
 *
 *   <div data-bpmn-viewer
 *        data-xml-url="…"               BPMN 2.0 XML with a diagram
 *        data-state-url="…"             optional: {"active": [id], "done": [id], "incidents": [id]}
 *        data-findings-url="…"          optional: [{"element_id", "severity", "message"}]
 *        data-refresh-seconds="20"      optional: ask for the state again
 *        data-label="…">                optional: the accessible name
 *     what to show without JavaScript
 *   </div>
 *
 * The bpmn.io mark at the lower right belongs to the licence: it stays visible and uncovered.
 */
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import { findingText, showFindings, showState } from './marks.js';
import { HZ } from './studio_hz.js';
import { wordsFor } from './words.js';

const FONT = '"Noto Sans TC Variable", "Noto Sans CJK TC", sans-serif';
const NARROW = matchMedia('(max-width: 44rem)');
const READABLE = 0.92; // labels of 12 px are then 11 px high; smaller ones are not read at ease
const MARGIN = 24;
const [LOWEST, HIGHEST] = [176, 416]; // px; the box takes the height that the diagram has
const STEP = 60; // px per arrow key
const [LETTER, LINE, LABEL] = [6.2, 14, 86]; // px, of a Latin letter, a line, a label's width
const started = new WeakSet();

startAll();
document.addEventListener('htmx:after:swap', startAll);

function startAll() {
  for (const island of document.querySelectorAll('[data-bpmn-viewer]')) {
    if (started.has(island)) continue;
    started.add(island);
    if (NARROW.matches && island.querySelector('ol')) offer(island);
    else start(island);
  }
}

/** On a small window the list of steps is the better picture; the drawing comes when asked for. */
function offer(island) {
  const words = wordsFor(island);
  const asked = button(words.show, () => {
    asked.remove();
    start(island);
  });
  island.append(asked);
}

async function start(island) {
  const words = wordsFor(island);
  const fallback = [...island.childNodes];
  try {
    const xml = await (await answer(island.dataset.xmlUrl, words)).text();
    await fontsFor(xml);
    const { viewer, legend } = furnish(island, words, fallback);
    if (words.isEnglish) nameInEnglish(viewer);
    await viewer.importXML(xml);
    fitHeight(viewer);
    viewer.get('canvas').zoom('fit-viewport', 'auto');
    await showFound(island, viewer, words);
    await keepStateFresh(island, viewer, legend, words);
    lookAtWork(viewer);
    island.dataset.ready = 'true';
  } catch (error) {
    island.replaceChildren(...fallback, alert(words.failed + error.message));
  }
}

/** Build tools, canvas, legend and the list of steps; screen readers can name the canvas. */
function furnish(island, words, fallback) {
  const canvas = make('div', 'bpmn-canvas');
  canvas.setAttribute('role', 'group');
  canvas.setAttribute('aria-label', `${island.dataset.label ?? words.diagram} ${words.moving}`);
  canvas.tabIndex = 0;
  const legend = make('p', 'bpmn-legend');
  legend.setAttribute('role', 'status');
  const tools = make('div', 'bpmn-tools');
  const list = make('details', 'bpmn-steps');
  list.append(make('summary', '', words.steps), ...fallback);
  island.replaceChildren(tools, canvas, legend, list);
  const viewer = draw(canvas);
  tools.append(
    button(words.larger, () => zoom(viewer, 1)),
    button(words.smaller, () => zoom(viewer, -1)),
    ...(island.dataset.stateUrl ? [button(words.here, () => lookAtWork(viewer))] : []),
    button(words.whole, () => viewer.get('canvas').zoom('fit-viewport', 'auto')),
  );
  if (document.fullscreenEnabled) tools.append(button(words.screen, () => fill(island, viewer)));
  listen(canvas, viewer);
  return { viewer, legend };
}

/** Lines and letters take the colours of the page, light or dark. */
function draw(container) {
  const { color, backgroundColor } = getComputedStyle(container);
  return new NavigatedViewer({
    container,
    moddleExtensions: { hz: HZ },
    textRenderer: { defaultStyle: { fontFamily: FONT }, externalStyle: { fontFamily: FONT } },
    bpmnRenderer: {
      defaultFillColor: backgroundColor,
      defaultStrokeColor: color,
      defaultLabelColor: color,
    },
    zoomScroll: { enabled: false }, // the wheel scrolls the page, also over a diagram
  });
}

/** Draw the English names; what has none keeps its Chinese one. The file itself stays as it is. */
function nameInEnglish(viewer) {
  viewer.on('import.parse.complete', ({ elementsById }) => {
    for (const element of Object.values(elementsById ?? {})) {
      const told = element.$descriptor.propertiesByName['hz:nameEn'] && element.get('hz:nameEn');
      if (told) element.name = told;
    }
    for (const drawn of Object.values(elementsById ?? {})) {
      const name = drawn.label?.bounds && drawn.bpmnElement?.name;
      if (name) makeRoom(drawn, name);
    }
  });
}

/** Labels beside events, gateways and flows have room for Chinese; the same middle, but wider. */
function makeRoom({ label, bounds: shape }, name) {
  const box = label.bounds;
  const longest = Math.max(...name.split(/\s+/).map((word) => word.length));
  const width = Math.min(Math.max(longest, name.length) * LETTER, Math.max(LABEL, longest * LETTER)) + 4;
  const height = Math.ceil((name.length * LETTER) / (width - 4)) * LINE;
  const isAbove = !shape || box.y + box.height <= shape.y + shape.height / 2;
  if (isAbove) box.y += box.height - height;
  Object.assign(box, { x: box.x + (box.width - width) / 2, width, height });
}

/** The keys of a map: arrows move, + and - zoom, 0 shows all. With Ctrl the wheel zooms. */
function listen(canvas, viewer) {
  const moves = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) viewer.get('canvas').scroll({ dx: moves[event.key][0], dy: moves[event.key][1] });
    else if (event.key === '+' || event.key === '=') zoom(viewer, 1);
    else if (event.key === '-') zoom(viewer, -1);
    else if (event.key === '0') viewer.get('canvas').zoom('fit-viewport', 'auto');
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey) zoom(viewer, event.deltaY < 0 ? 1 : -1);
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
        viewer.get('canvas').scroll({ dx: -(event.deltaX || event.deltaY), dy: 0 });
      } else return;
      event.preventDefault();
    },
    { passive: false },
  );
}

function zoom(viewer, steps) {
  viewer.get('zoomScroll').stepZoom(steps);
}

async function fill(island, viewer) {
  await island.requestFullscreen();
  viewer.get('canvas').resized();
  viewer.get('canvas').zoom('fit-viewport', 'auto');
  island.addEventListener(
    'fullscreenchange',
    () => {
      viewer.get('canvas').resized();
      lookAtWork(viewer);
    },
    { once: true },
  );
}

/** A flat diagram gets a flat box: no room is held for what is not drawn. */
function fitHeight(viewer) {
  const canvas = viewer.get('canvas');
  const box = canvas.viewbox();
  const scale = Math.min(1, Math.max(READABLE, box.outer.width / (box.inner.width + 2 * MARGIN)));
  const height = (box.inner.height + 2 * MARGIN) * scale;
  const frame = canvas.getContainer().closest('.bpmn-canvas');
  frame.style.blockSize = `${Math.min(Math.max(height, LOWEST), HIGHEST)}px`;
  canvas.resized();
}

/** Show everything if it can be read so; else begin where the case stands, or at the left. */
function lookAtWork(viewer) {
  const canvas = viewer.get('canvas');
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min(1, outer.width / (inner.width + 2 * MARGIN), outer.height / (inner.height + 2 * MARGIN));
  if (scale >= READABLE) {
    canvas.zoom('fit-viewport', 'auto');
    return;
  }
  const [width, height] = [outer.width / READABLE, outer.height / READABLE];
  const at = placeOfWork(viewer);
  canvas.viewbox({
    x: within(at.x - width / 2, inner.x - MARGIN, inner.x + inner.width + MARGIN - width),
    y: within(at.y - height / 2, inner.y - MARGIN, inner.y + inner.height + MARGIN - height),
    width,
    height,
  });
}

/** `value` between two ends; where there is more room than diagram, the middle. */
function within(value, lowest, highest) {
  if (highest < lowest) return (lowest + highest) / 2;
  return Math.min(Math.max(value, lowest), highest);
}

/** The middle of what is stuck or active, or done last; of a process without a case, its beginning. */
function placeOfWork(viewer) {
  const canvas = viewer.get('canvas');
  const shapes = viewer.get('elementRegistry').filter((element) => element.width && element.parent);
  for (const kind of ['incident', 'active', 'done']) {
    const found = shapes.filter((element) => canvas.hasMarker(element, `state-${kind}`));
    const shape = kind === 'done' ? found.at(-1) : found[0];
    if (shape) return middle(shape);
  }
  return middle(shapes.reduce((left, shape) => (shape.x < left.x ? shape : left)));
}

function middle(shape) {
  return { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 };
}

async function showFound(island, viewer, words) {
  if (!island.dataset.findingsUrl) return;
  const findings = await (await answer(island.dataset.findingsUrl, words)).json();
  const homeless = showFindings(viewer, findings, words);
  if (homeless.length === 0) return;
  const list = make('ul', 'bpmn-findings');
  for (const finding of homeless) list.append(make('li', '', findingText(finding, words)));
  island.append(list);
}

/** Show the state now, and again every `data-refresh-seconds` while the island is on the page. */
async function keepStateFresh(island, viewer, legend, words) {
  if (!island.dataset.stateUrl) return;
  try {
    const state = await (await answer(island.dataset.stateUrl, words)).json();
    say(legend, legendText(showState(viewer, state, words), words));
  } catch (error) {
    say(legend, words.stale + error.message);
  }
  const seconds = Number(island.dataset.refreshSeconds);
  if (!(seconds > 0)) return;
  setTimeout(() => island.isConnected && keepStateFresh(island, viewer, legend, words), seconds * 1000);
}

function legendText(shown, words) {
  const parts = ['active', 'done', 'incident'].map((kind) => `${words[kind]} ${shown[kind]}`);
  if (shown.missing.length > 0) parts.push(words.elsewhere + shown.missing.join(', '));
  return parts.join(' · ');
}

/** Screen readers announce a status that changes, so an unchanged one is left alone. */
function say(legend, text) {
  if (legend.textContent !== text) legend.textContent = text;
}

async function answer(url, words) {
  const response = await fetch(url, { credentials: 'same-origin', cache: 'no-cache' });
  if (!response.ok) throw new Error(words.answered(url, response.status));
  return response;
}

/** Text is measured when it is drawn, so the slices of the font must be there before. */
async function fontsFor(text) {
  try {
    await document.fonts.load(`12px ${FONT}`, text);
  } catch {
    // A page without our fonts draws with those of the system.
  }
}

function alert(text) {
  const paragraph = make('p', 'bpmn-failed', text);
  paragraph.setAttribute('role', 'alert');
  return paragraph;
}

function button(text, act) {
  const element = make('button', '', text);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
}

function make(tag, name, text = '') {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}
