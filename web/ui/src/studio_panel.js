/**
 * The properties of the selected element, in words, with help: one list from the server for every
 * type. A text that is FEEL is checked by the server when it is left.
 */
import { bpmnName, INSERTED } from './studio_palette.js';
import { insertAfter } from './studio_insert.js';
import { readValue, writeValue } from './studio_values.js';

const PLACES = ['startEvent', 'intermediateCatchEvent', 'intermediateThrowEvent', 'boundaryEvent', 'endEvent', 'receiveTask', 'sendTask'];

export class Panel {
  constructor(modeler, catalogue, words, { box, feelUrl, post, mayEdit }) {
    Object.assign(this, { modeler, catalogue, words, box, feelUrl, post, mayEdit });
    this.runs = new Set(catalogue.executed);
    this.element = null;
    this.known = new Set(modeler.get('elementRegistry').getAll().map((each) => each.id));
    const bus = modeler.get('eventBus');
    bus.on('selection.changed', ({ newSelection }) => this.show(newSelection[0] ?? null));
    bus.on('commandStack.changed', () => this.refresh());
    this.show(null);
  }

  /** Show another element; what is being typed in the one before is taken first. */
  show(element) {
    const shape = element?.labelTarget ?? element;
    if (shape === this.element && this.box.childElementCount) return;
    document.activeElement?.closest('.studio-panel') && document.activeElement.blur();
    this.element = shape ?? this.modeler.get('canvas').getRootElement();
    this.draw();
  }

  draw() {
    const element = this.element;
    if (!element?.businessObject) return;
    const type = bpmnName(element.type.replace(/^bpmndi:.*/, 'process'));
    const head = make('h2', '', this.title(element, type));
    head.append(' ', make('small', 'code', element.businessObject.id ?? ''));
    const fields = this.asked(element, type).map((each) => this.field(each));
    const form = make('div', 'fields');
    form.append(...fields, ...this.special(element, type));
    const hint = element.parent ? [] : [make('p', 'small', this.words.nothing)];
    this.box.replaceChildren(head, ...hint, form, ...this.acts(element));
  }

  /** The name; until there is one, what it is, and that it is new. */
  title(element, type) {
    if (element.businessObject.name) return element.businessObject.name;
    const kind = this.kind(element, type);
    return this.known.has(element.id) ? kind : this.words.fresh(kind);
  }

  kind(element, type) {
    const definition = element.businessObject.eventDefinitions?.[0]?.$type;
    const event = definition && this.catalogue.events[bpmnName(definition).replace('EventDefinition', '')];
    const kind = this.catalogue.kinds[type] ?? type;
    return event ? `${kind} (${event})` : kind;
  }

  asked(element, type) {
    const known = this.catalogue.types[type] ?? this.catalogue.types.textAnnotation ?? [];
    const object = element.businessObject;
    const isTimer = object.eventDefinitions?.[0]?.$type === 'bpmn:TimerEventDefinition';
    const isLoop = object.loopCharacteristics?.$type === 'bpmn:MultiInstanceLoopCharacteristics';
    const last = known.slice(-2);
    return [
      ...known.slice(0, -2),
      ...(isTimer ? this.catalogue.timer : []),
      ...(isLoop ? this.catalogue.loop : []),
      ...last,
    ];
  }

  field(asked) {
    const value = readValue(this.element, asked.key);
    const id = `prop-${asked.key.replace(/[^\w]/g, '-')}`;
    const box = make('div', 'field');
    const control = this.control(asked, id, value);
    box.dataset.key = asked.key;
    if (asked.kind === 'choices') {
      const group = make('fieldset');
      group.append(make('legend', '', asked.label), ...help(asked, id), control);
      box.append(group);
    } else if (asked.kind === 'check') {
      const label = make('label', 'choice');
      label.append(control, make('span', '', asked.label));
      box.append(label, ...help(asked, id));
    } else {
      const label = make('label', '', asked.label);
      label.htmlFor = id;
      box.append(label, ...help(asked, id), control);
    }
    const wrong = make('p', 'error');
    wrong.id = `${id}-error`;
    wrong.hidden = true;
    box.append(wrong);
    return box;
  }

  control(asked, id, value) {
    if (asked.kind === 'choices') return this.choices(asked, value);
    const control =
      asked.kind === 'choice'
        ? this.choice(asked, value)
        : make(asked.kind === 'long' || asked.kind === 'lines' ? 'textarea' : 'input');
    control.id = id;
    control.disabled = !this.mayEdit;
    if (asked.help) control.setAttribute('aria-describedby', `${id}-help`);
    if (asked.kind === 'check') {
      control.type = 'checkbox';
      control.checked = value === 'true';
      control.addEventListener('change', () => this.set(asked, control.checked ? 'true' : ''));
      return control;
    }
    if (asked.kind !== 'choice') control.value = value;
    if (asked.feel) control.className = 'code';
    control.addEventListener('change', () => this.set(asked, control.value, control));
    if (asked.feel) control.addEventListener('blur', () => this.check(asked, control));
    return control;
  }

  choice(asked, value) {
    const control = make('select');
    control.append(option('', this.words.choose));
    for (const each of asked.options) control.append(option(each.value, each.label));
    if (value && !asked.options.some((each) => each.value === value)) control.append(option(value, value));
    control.value = value;
    return control;
  }

  choices(asked, value) {
    const chosen = new Set(value.split(',').map((each) => each.trim()).filter(Boolean));
    const box = make('div', 'choices across');
    for (const each of asked.options) {
      const label = make('label', 'choice');
      const tick = make('input');
      tick.type = 'checkbox';
      tick.value = each.value;
      tick.checked = chosen.has(each.value);
      tick.disabled = !this.mayEdit;
      tick.addEventListener('change', () => {
        const ticked = [...box.querySelectorAll('input:checked')].map((one) => one.value);
        this.set(asked, ticked.join(','));
      });
      label.append(tick, make('span', '', each.label));
      box.append(label);
    }
    return box;
  }

  set(asked, text, control) {
    if (readValue(this.element, asked.key) === text.trim()) return;
    this.writing = true;
    const taken = writeValue(this.modeler, this.element, asked.key, text);
    this.writing = false;
    if (control) tell(control, taken ? '' : this.words.badLines);
    if (asked.key === 'name') {
      const type = bpmnName(this.element.type.replace(/^bpmndi:.*/, 'process'));
      this.box.querySelector('h2').firstChild.textContent = this.title(this.element, type);
    }
  }

  async check(asked, control) {
    const told = await this.post(this.feelUrl, JSON.stringify({ text: control.value, kind: asked.feel }));
    if (told.ok && control.isConnected) tell(control, (await told.json()).told);
  }

  /** What needs more than one value: the default way out, the message, going through a list. */
  special(element, type) {
    const parts = [];
    const object = element.businessObject;
    const source = element.source?.businessObject;
    if (type === 'sequenceFlow' && source && 'default' in source) {
      parts.push(this.tick(this.words.defaultFlow, source.default === object, (on) =>
        this.update(element.source, { default: on ? object : undefined }),
      ));
    }
    const definition = object.eventDefinitions?.[0];
    const speaks = type.endsWith('eTask') && PLACES.includes(type) ? object : definition;
    if (speaks && 'messageRef' in speaks && PLACES.includes(type)) parts.push(this.message(element, speaks));
    return parts;
  }

  message(element, speaks) {
    const { definitions, moddle } = { definitions: this.modeler.getDefinitions(), moddle: this.modeler.get('moddle') };
    const known = definitions.rootElements.filter((each) => each.$type === 'bpmn:Message');
    const asked = {
      key: 'messageRef', kind: 'choice', label: this.words.message, help: '',
      options: known.map((each) => ({ value: each.id, label: each.name || each.id })),
    };
    const box = make('div', 'field');
    const label = make('label', '', asked.label);
    label.htmlFor = 'prop-message';
    const control = this.choice(asked, speaks.messageRef?.id ?? '');
    control.id = 'prop-message';
    control.disabled = !this.mayEdit;
    const fresh = make('input');
    fresh.setAttribute('aria-label', this.words.newMessage);
    fresh.placeholder = this.words.newMessage;
    const refer = (message) =>
      this.modeler.get('modeling').updateModdleProperties(element, speaks, { messageRef: message });
    control.addEventListener('change', () => refer(known.find((each) => each.id === control.value)));
    fresh.addEventListener('change', () => {
      const id = `message_${fresh.value.trim().replace(/[^\w]+/g, '_')}`;
      const message = moddle.create('bpmn:Message', { id, name: fresh.value.trim() });
      message.$parent = definitions;
      definitions.rootElements.unshift(message);
      refer(message);
      this.draw();
    });
    box.append(label, control, fresh);
    return box;
  }

  tick(text, checked, act) {
    const label = make('label', 'choice');
    const control = make('input');
    control.type = 'checkbox';
    control.checked = checked;
    control.disabled = !this.mayEdit;
    control.addEventListener('change', () => act(control.checked));
    label.append(control, make('span', '', text));
    return label;
  }

  update(element, values) {
    this.modeler.get('modeling').updateProperties(element, values);
  }

  /** Insert and delete without a mouse. */
  acts(element) {
    if (!this.mayEdit || !element.parent) return [];
    const acts = make('div', 'btns');
    if (element.outgoing?.length || element.type === 'bpmn:SequenceFlow') {
      const select = make('select', 'short');
      select.setAttribute('aria-label', this.words.insert);
      for (const [name, type] of INSERTED) {
        if (this.runs.has(bpmnName(type))) select.append(option(name, this.words.shapes[name]));
      }
      select.value = 'userTask';
      const go = button(this.words.insert, () => {
        const [, type, , definition] = INSERTED.find(([name]) => name === select.value);
        const made = insertAfter(this.modeler, element, type, definition);
        this.modeler.get('selection').select(made);
        this.box.querySelector('input')?.focus();
      });
      acts.append(select, go);
    }
    if (!element.labelTarget) {
      acts.append(button(this.words.remove, () => this.modeler.get('modeling').removeElements([element])));
    }
    return [acts];
  }

  /** After a change from elsewhere (undo, a drag) the panel says what is true now. */
  refresh() {
    if (this.writing) return;
    const registry = this.modeler.get('elementRegistry');
    if (this.element && !registry.get(this.element.id)) this.element = null;
    if (!this.element) return this.show(null);
    const typing = document.activeElement?.closest('.studio-panel .field');
    if (!typing) this.draw();
  }
}

function help(asked, id) {
  if (!asked.help) return [];
  const told = make('p', 'hint', asked.help);
  told.id = `${id}-help`;
  return [told];
}

function tell(control, told) {
  const box = control.closest('.field');
  const wrong = box.querySelector('.error');
  wrong.textContent = told;
  wrong.hidden = !told;
  box.classList.toggle('bad', Boolean(told));
  if (told) control.setAttribute('aria-invalid', 'true');
  else control.removeAttribute('aria-invalid');
}

function option(value, label) {
  const element = make('option', '', label);
  element.value = value;
  return element;
}

function button(text, act) {
  const element = make('button', 'btn compact', text);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
}

function make(tag, name = '', text = '') {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}
