/**
 * What an element says, read and set by the keys the server uses (engine/diagram_edits.py), as
 * commands of the editor: every change can be undone.
 */
const LEGAL_BASIS = 'text/x-legal-basis';
const TIMERS = ['timeDuration', 'timeDate', 'timeCycle'];
const PARTS = { inputs: 'hz:Input', outputs: 'hz:Output', variables: 'hz:Variable' };

export function readValue(element, key) {
  const object = element.businessObject;
  const [part, name] = key.split('.');
  if (name) return shown(holder(object, part)?.get(name));
  switch (key) {
    case 'documentation':
    case 'legalBasis':
      return documentation(object, key === 'legalBasis')?.text ?? '';
    case 'condition':
      return object.conditionExpression?.body ?? '';
    case 'timer':
      return timer(object)?.body ?? '';
    case 'timerKind':
      return timerKind(object) ?? '';
    case 'inputs':
    case 'outputs':
    case 'variables':
      return mappings(object, key).map((each) => line(each, key)).join('\n');
    default:
      return shown(object.get(key));
  }
}

/** Set a value; what cannot be read as lines of mappings is left as it was, and false is told. */
export function writeValue(modeler, element, key, text) {
  const modeling = modeler.get('modeling');
  const object = element.businessObject;
  const [part, name] = key.split('.');
  const value = text.trim() || undefined;
  if (name) {
    modeling.updateModdleProperties(element, holder(object, part), { [name]: value });
    return true;
  }
  switch (key) {
    case 'documentation':
    case 'legalBasis':
      writeDocumentation(modeler, element, value, key === 'legalBasis');
      return true;
    case 'condition':
      modeling.updateProperties(element, { conditionExpression: expression(modeler, value) });
      return true;
    case 'timer':
    case 'timerKind':
      writeTimer(modeler, element, key, value);
      return true;
    case 'inputs':
    case 'outputs':
    case 'variables':
      return writeMappings(modeler, element, key, text);
    case 'script':
      modeling.updateProperties(element, { script: value, scriptFormat: value ? 'feel' : undefined });
      return true;
    default:
      modeling.updateProperties(element, { [key]: value });
      return true;
  }
}

function shown(value) {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? (value.id ?? '') : String(value);
}

function holder(object, part) {
  if (part === 'loop') return object.loopCharacteristics;
  return object.eventDefinitions?.[0];
}

function documentation(object, legal) {
  return (object.documentation ?? []).find((each) => (each.textFormat === LEGAL_BASIS) === legal);
}

function writeDocumentation(modeler, element, text, legal) {
  const object = element.businessObject;
  const others = (object.documentation ?? []).filter(
    (each) => (each.textFormat === LEGAL_BASIS) !== legal,
  );
  if (text) {
    const about = legal ? { text, textFormat: LEGAL_BASIS } : { text };
    const added = modeler.get('moddle').create('bpmn:Documentation', about);
    added.$parent = object;
    if (legal) others.push(added);
    else others.unshift(added);
  }
  modeler.get('modeling').updateProperties(element, { documentation: others });
}

function expression(modeler, body) {
  return body ? modeler.get('moddle').create('bpmn:FormalExpression', { body }) : undefined;
}

function timerKind(object) {
  const definition = object.eventDefinitions?.[0];
  return definition && TIMERS.find((kind) => definition[kind]);
}

function timer(object) {
  const kind = timerKind(object);
  return kind && object.eventDefinitions[0][kind];
}

function writeTimer(modeler, element, key, value) {
  const object = element.businessObject;
  const kind = key === 'timerKind' ? value : (timerKind(object) ?? 'timeDuration');
  const body = key === 'timer' ? value : timer(object)?.body;
  const changes = Object.fromEntries(TIMERS.map((each) => [each, undefined]));
  if (TIMERS.includes(kind)) changes[kind] = expression(modeler, body ?? 'P1D');
  if (key === 'timer' && !value) changes[kind] = undefined;
  modeler.get('modeling').updateModdleProperties(element, object.eventDefinitions[0], changes);
}

function mappings(object, key) {
  const values = object.extensionElements?.values ?? [];
  return values.filter((each) => each.$type === PARTS[key]);
}

function line(each, key) {
  return key === 'variables' ? each.name : `${each.target ?? ''} = ${each.source ?? ''}`;
}

function writeMappings(modeler, element, key, text) {
  const object = element.businessObject;
  const moddle = modeler.get('moddle');
  const lines = text.split('\n').map((each) => each.trim()).filter(Boolean);
  if (key !== 'variables' && lines.some((each) => !/^[^=]*[^=\s][^=]*=\s*\S/.test(each))) return false;
  const made = lines.map((each) => moddle.create(PARTS[key], attributes(each, key)));
  const all = object.extensionElements?.values ?? [];
  const rest = all.filter((each) => each.$type !== PARTS[key]);
  const values = key === 'outputs' ? [...rest, ...made] : [...made, ...rest];
  const extension = moddle.create('bpmn:ExtensionElements', { values });
  values.forEach((each) => (each.$parent = extension));
  extension.$parent = object;
  modeler
    .get('modeling')
    .updateProperties(element, { extensionElements: values.length ? extension : undefined });
  return true;
}

function attributes(each, key) {
  if (key === 'variables') return { name: each };
  const at = each.indexOf('=');
  return { target: each.slice(0, at).trim(), source: each.slice(at + 1).trim() };
}
