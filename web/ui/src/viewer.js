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
import { wordsFor } from './words.js';

const FONT = '"Noto Sans TC Variable", "Noto Sans CJK TC", sans-serif';
const started = new WeakSet();

startAll();
document.addEventListener('htmx:after:swap', startAll);

function startAll() {
  for (const island of document.querySelectorAll('[data-bpmn-viewer]')) {
    if (started.has(island)) continue;
    started.add(island);
    start(island);
  }
}

async function start(island) {
  const words = wordsFor(island);
  const fallback = [...island.childNodes];
  try {
    const xml = await (await answer(island.dataset.xmlUrl, words)).text();
    await fontsFor(xml);
    const { viewer, legend } = furnish(island, words);
    await viewer.importXML(xml);
    viewer.get('canvas').zoom('fit-viewport', 'auto');
    await showFound(island, viewer, words);
    await keepStateFresh(island, viewer, legend, words);
    lookAtWork(viewer);
    island.dataset.ready = 'true';
  } catch (error) {
    island.replaceChildren(...fallback, alert(words.failed + error.message));
  }
}

/** Build tools, canvas and legend; the canvas is a landmark that screen readers can name. */
function furnish(island, words) {
  const canvas = make('div', 'bpmn-canvas');
  canvas.setAttribute('role', 'group');
  canvas.setAttribute('aria-label', island.dataset.label ?? words.diagram);
  const legend = make('p', 'bpmn-legend');
  legend.setAttribute('role', 'status');
  const tools = make('div', 'bpmn-tools');
  island.replaceChildren(tools, canvas, legend);
  const viewer = new NavigatedViewer({
    container: canvas,
    textRenderer: { defaultStyle: { fontFamily: FONT }, externalStyle: { fontFamily: FONT } },
  });
  tools.append(
    button(words.larger, () => viewer.get('zoomScroll').stepZoom(1)),
    button(words.smaller, () => viewer.get('zoomScroll').stepZoom(-1)),
    button(words.whole, () => viewer.get('canvas').zoom('fit-viewport', 'auto')),
  );
  return { viewer, legend };
}

const READABLE = 0.62;

/** Where the whole diagram would be too small to read, begin where the case stands, or at the left. */
function lookAtWork(viewer) {
  const canvas = viewer.get('canvas');
  if (canvas.zoom() >= READABLE) return;
  const box = canvas.viewbox();
  const marked = (element, kind) => element.width && canvas.hasMarker(element, `state-${kind}`);
  const shape = viewer
    .get('elementRegistry')
    .find((element) => marked(element, 'incident') || marked(element, 'active'));
  const width = box.outer.width / READABLE;
  const height = box.outer.height / READABLE;
  const x = shape ? shape.x + shape.width / 2 - width / 2 : box.inner.x - 20;
  const y = shape ? shape.y + shape.height / 2 - height / 2 : box.inner.y - 40;
  canvas.viewbox({ x: Math.max(x, box.inner.x - 20), y, width, height });
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
