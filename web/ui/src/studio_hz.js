/**
 * Our extension namespace as bpmn-moddle knows it, so that what the engine runs keeps its place and
 * its order when a diagram is drawn anew. The list follows engine/bpmn/vocabulary.py.
 */
const attribute = (name) => ({ name, isAttr: true, type: 'String' });
const extended = (name, types, ...attributes) => ({
  name,
  extends: types.map((type) => `bpmn:${type}`),
  properties: attributes.map(attribute),
});

export const HZ = {
  name: 'Huzheng',
  uri: 'urn:huzheng:bpmn:1',
  prefix: 'hz',
  xml: { tagAlias: 'lowerCase' },
  types: [
    extended('NamePart', ['FlowNode', 'SequenceFlow', 'Participant', 'Lane', 'Process'], 'nameEn'),
    extended('ProcessPart', ['Process'], 'versionTag'),
    extended(
      'PersonTask',
      ['UserTask', 'ManualTask'],
      ...['candidateGroups', 'form', 'duty', 'outcomes', 'assignee', 'priority', 'limit', 'wait'],
    ),
    extended('ScriptPart', ['ScriptTask'], 'resultVariable'),
    extended('ServicePart', ['ServiceTask'], 'operation'),
    extended('DecisionPart', ['BusinessRuleTask'], 'decision', 'resultVariable', 'legalDate'),
    extended('MessagePart', ['Message'], 'correlationKey'),
    extended(
      'LoopPart',
      ['MultiInstanceLoopCharacteristics'],
      ...['collection', 'elementVariable', 'outputCollection', 'outputElement'],
    ),
    extended('TimerPart', ['TimerEventDefinition'], 'clock', 'point', 'missed'),
    { name: 'Variable', superClass: ['Element'], properties: [attribute('name')] },
    { name: 'Input', superClass: ['Element'], properties: ['source', 'target'].map(attribute) },
    { name: 'Output', superClass: ['Element'], properties: ['source', 'target'].map(attribute) },
  ],
};
