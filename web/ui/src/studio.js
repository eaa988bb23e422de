/**
 * The diagram editor of the studio: bpmn-js with our properties, our palette, lint on the element,
 * saving with a version, and what is being drawn kept on the server for the day the browser dies.
 *
 *   <div data-studio data-xml-url data-findings-url data-properties-url data-feel-url data-token
 *        data-number data-label data-save-url data-autosave-url>what to show without JavaScript</div>
 *
 * Without data-save-url it is for looking. The bpmn.io mark stays visible: the licence asks for it.
 */
import Modeler from 'bpmn-js/lib/Modeler';

import { showFindings } from './marks.js';
import { HZ } from './studio_hz.js';
import { paletteModule } from './studio_palette.js';
import { Panel } from './studio_panel.js';
import { studioWords, translateModule } from './studio_words.js';
import { wordsFor } from './words.js';

const FONT = '"Noto Sans TC Variable", "Noto Sans CJK TC", sans-serif';
const QUIET = 2500; // milliseconds after the last change before it is kept aside

for (const island of document.querySelectorAll('[data-studio]')) start(island);

async function start(island) {
  const words = studioWords(island);
  const fallback = [...island.childNodes];
  try {
    const [xml, catalogue] = await Promise.all([
      fetched(island.dataset.xmlUrl).then((answer) => answer.text()),
      fetched(island.dataset.propertiesUrl).then((answer) => answer.json()),
    ]);
    await document.fonts.load(`12px ${FONT}`, xml).catch(() => undefined);
    const studio = new Studio(island, words, catalogue);
    await studio.open(xml);
    island.dataset.ready = 'true';
  } catch (error) {
    island.replaceChildren(...fallback, said('p', 'bpmn-failed', wordsFor(island).failed + error.message));
  }
}

class Studio {
  constructor(island, words, catalogue) {
    Object.assign(this, { island, words, catalogue, number: island.dataset.number });
    this.mayEdit = Boolean(island.dataset.saveUrl);
    const canvas = said('div', 'bpmn-canvas studio-canvas');
    canvas.setAttribute('role', 'group');
    canvas.setAttribute('aria-label', island.dataset.label);
    const panel = said('section', 'studio-panel');
    panel.setAttribute('aria-label', words.panel);
    this.told = said('p', 'studio-told');
    this.told.setAttribute('role', 'status');
    this.tools = said('div', 'bpmn-tools');
    const desk = said('div', 'studio-desk');
    desk.append(canvas, panel);
    this.conflict = said('div');
    island.replaceChildren(this.tools, this.told, this.conflict, desk);
    this.modeler = new Modeler({
      container: canvas,
      moddleExtensions: { hz: HZ },
      textRenderer: { defaultStyle: { fontFamily: FONT }, externalStyle: { fontFamily: FONT } },
      additionalModules: [paletteModule(new Set(catalogue.executed), words), translateModule(island)],
    });
    this.box = panel;
  }

  async open(xml) {
    await this.modeler.importXML(xml);
    const canvas = this.modeler.get('canvas');
    canvas.zoom('fit-viewport', 'auto');
    if (canvas.zoom() < 0.62) this.lookAtStart(canvas);
    this.panel = new Panel(this.modeler, this.catalogue, this.words, {
      box: this.box,
      feelUrl: this.island.dataset.feelUrl,
      post: (url, body) => this.post(url, body),
      mayEdit: this.mayEdit,
    });
    this.furnish();
    this.mark(await (await fetched(this.island.dataset.findingsUrl)).json());
    document.addEventListener('click', (event) => this.chosen(event));
    if (this.mayEdit) this.modeler.on('commandStack.changed', () => this.changed());
  }

  lookAtStart(canvas) {
    const { inner, outer } = canvas.viewbox();
    const width = outer.width / 0.7;
    const height = outer.height / 0.7;
    const first = this.modeler.get('elementRegistry').find((each) => each.type === 'bpmn:StartEvent');
    const y = first ? first.y + 18 - height / 2 : inner.y - 40;
    canvas.viewbox({ x: inner.x - 170, y, width, height });
  }

  furnish() {
    const { words, modeler } = this;
    const shown = wordsFor(this.island);
    const stack = modeler.get('commandStack');
    this.tools.append(
      button(shown.larger, () => modeler.get('zoomScroll').stepZoom(1)),
      button(shown.smaller, () => modeler.get('zoomScroll').stepZoom(-1)),
      button(shown.whole, () => modeler.get('canvas').zoom('fit-viewport', 'auto')),
    );
    if (!this.mayEdit) return;
    const save = button(words.save, () => this.save());
    save.classList.add('main');
    this.saveButton = save;
    this.tools.append(
      button(words.undo, () => stack.canUndo() && stack.undo()),
      button(words.redo, () => stack.canRedo() && stack.redo()),
      save,
    );
  }

  /** A link of the page that names an element selects it here, in place of opening its page. */
  chosen(event) {
    const link = event.target.closest?.('a[data-select]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const element = this.modeler.get('elementRegistry').get(link.dataset.select);
    if (!element) return;
    event.preventDefault();
    this.select(element);
  }

  select(element) {
    this.modeler.get('canvas').scrollToElement(element, 120);
    this.modeler.get('selection').select(element);
    this.island.scrollIntoView({ block: 'nearest' });
    this.box.querySelector('input, select, textarea')?.focus();
  }

  changed() {
    this.say(this.words.unsaved);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), QUIET);
  }

  async keep() {
    const { xml } = await this.modeler.saveXML({ format: true });
    try {
      const answer = await this.post(this.island.dataset.autosaveUrl, xml);
      this.say(answer.ok ? `${this.words.unsaved} · ${this.words.kept}` : this.words.notKept + answer.status);
    } catch (error) {
      this.say(this.words.notKept + error.message);
    }
  }

  async save() {
    document.activeElement?.closest('.studio-panel') && document.activeElement.blur();
    clearTimeout(this.timer);
    this.say(this.words.saving);
    this.conflict.replaceChildren();
    const { xml } = await this.modeler.saveXML({ format: true });
    try {
      const answer = await this.post(this.island.dataset.saveUrl, xml);
      if (answer.status === 409) return this.refused(await answer.json());
      if (!answer.ok) throw new Error(String(answer.status));
      const saved = await answer.json();
      this.number = saved.number;
      document.getElementById('unsaved')?.remove();
      this.mark(saved.findings);
      this.say(saved.told);
    } catch (error) {
      this.say(this.words.notSaved + error.message);
    }
  }

  /** Somebody was faster. What is drawn here is kept by the server; the page offers the choices. */
  refused({ told, url, differences }) {
    const box = said('div', 'notice soon');
    box.setAttribute('role', 'alert');
    const list = said('ul');
    for (const each of differences) list.append(said('li', '', each));
    const link = said('a', 'btn main', this.words.decide);
    link.href = url;
    box.append(said('p', '', told), list, link);
    this.conflict.replaceChildren(box);
    this.say(this.words.stale);
    link.focus();
  }

  mark(findings) {
    const words = wordsFor(this.island);
    showFindings(this.modeler, findings, words);
    const box = document.querySelector('[data-studio-findings]');
    if (!box) return;
    const list = said('ul', 'data');
    for (const each of findings) list.append(this.line(each, words));
    box.replaceChildren(findings.length ? list : said('p', 'small', this.words.clean));
  }

  line(finding, words) {
    const item = said('li');
    const severity = { error: 'late', warning: 'soon', info: 'wait' }[finding.severity];
    const mark = said('span', `due ${severity}`, words[finding.severity]);
    item.append(mark, ' ');
    if (finding.element_id) {
      const link = said('a', '', finding.element_id);
      link.href = `#${finding.element_id}`;
      link.dataset.select = finding.element_id;
      item.append(link, ' ');
    }
    item.append(finding.message);
    return item;
  }

  say(text) {
    if (this.told.textContent !== text) this.told.textContent = text;
  }

  post(url, body) {
    const headers = { 'X-CSRFToken': this.island.dataset.token, 'X-Seen-Version': this.number };
    return fetch(url, { method: 'POST', body, headers, credentials: 'same-origin' });
  }
}

async function fetched(url) {
  const answer = await fetch(url, { credentials: 'same-origin', cache: 'no-cache' });
  if (!answer.ok) throw new Error(`${url} ${answer.status}`);
  return answer;
}

function button(text, act) {
  const element = said('button', '', text);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
}

function said(tag, name = '', text = '') {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}
