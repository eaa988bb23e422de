/**
 * What can be drawn: only what the engine executes, said by the server. A diagram from elsewhere
 * that holds more is shown and kept as it is; lint says so.
 */
const TOOLS = ['hand-tool', 'lasso-tool', 'space-tool', 'global-connect-tool', 'tool-separator'];

/** The shapes of the palette: [name of the text, BPMN type, icon, options, event definition]. */
const SHAPES = [
  ['startEvent', 'bpmn:StartEvent', 'bpmn-icon-start-event-none'],
  ['endEvent', 'bpmn:EndEvent', 'bpmn-icon-end-event-none'],
  ['timer', 'bpmn:IntermediateCatchEvent', 'bpmn-icon-intermediate-event-catch-timer', 'bpmn:TimerEventDefinition'],
  ['receive', 'bpmn:IntermediateCatchEvent', 'bpmn-icon-intermediate-event-catch-message', 'bpmn:MessageEventDefinition'],
  ['userTask', 'bpmn:UserTask', 'bpmn-icon-user-task'],
  ['serviceTask', 'bpmn:ServiceTask', 'bpmn-icon-service-task'],
  ['businessRuleTask', 'bpmn:BusinessRuleTask', 'bpmn-icon-business-rule-task'],
  ['scriptTask', 'bpmn:ScriptTask', 'bpmn-icon-script-task'],
  ['callActivity', 'bpmn:CallActivity', 'bpmn-icon-call-activity'],
  ['exclusiveGateway', 'bpmn:ExclusiveGateway', 'bpmn-icon-gateway-xor'],
  ['parallelGateway', 'bpmn:ParallelGateway', 'bpmn-icon-gateway-parallel'],
  ['eventBasedGateway', 'bpmn:EventBasedGateway', 'bpmn-icon-gateway-eventbased'],
  ['subProcess', 'bpmn:SubProcess', 'bpmn-icon-subprocess-expanded'],
];

export const INSERTED = SHAPES.filter(([name]) => !['startEvent', 'endEvent', 'subProcess'].includes(name));

export function bpmnName(type) {
  const name = type.replace('bpmn:', '');
  return name[0].toLowerCase() + name.slice(1);
}

/** The bpmn-js module that puts our palette and our choices in place of the standard ones. */
export function paletteModule(executed, words) {
  const runs = (type) => executed.has(bpmnName(type));
  class Palette {
    constructor(palette, create, elementFactory, handTool, lassoTool, spaceTool, globalConnect, translate) {
      Object.assign(this, { create, elementFactory });
      this.tools = { handTool, lassoTool, spaceTool, globalConnect };
      this.translate = translate;
      palette.registerProvider(500, this);
    }

    getPaletteEntries() {
      return (entries) => {
        const kept = Object.fromEntries(Object.entries(entries).filter(([id]) => TOOLS.includes(id)));
        const ours = SHAPES.filter(([, type]) => runs(type)).map((shape) => [
          `create.${shape[0]}`,
          this.entry(shape),
        ]);
        return { ...kept, ...Object.fromEntries(ours) };
      };
    }

    entry([name, type, icon, definition]) {
      const start = (event) => {
        const options = { type, ...(definition && { eventDefinitionType: definition }) };
        if (type === 'bpmn:SubProcess') options.isExpanded = true;
        this.create.start(event, this.elementFactory.createShape(options));
      };
      return {
        group: 'shapes',
        className: icon,
        title: words.shapes[name],
        html: `<div class="entry" draggable="true" title="${words.shapes[name]}"></div>`,
        action: { dragstart: start, click: start },
      };
    }
  }
  Palette.$inject = [
    ...['palette', 'create', 'elementFactory', 'handTool', 'lassoTool', 'spaceTool'],
    ...['globalConnect', 'translate'],
  ];

  class Choices {
    constructor(popupMenu, contextPad, autoPlace, create, elementFactory) {
      Object.assign(this, { autoPlace, create, elementFactory });
      popupMenu.registerProvider('bpmn-replace', 500, this);
      contextPad.registerProvider(500, this);
    }

    getPopupMenuEntries() {
      const isRun = (id) => !REFUSED.some(([pattern, name]) => pattern.test(id) && !executed.has(name));
      return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => isRun(id)));
    }

    /** What is appended is work for a person: a plain task does nothing. */
    getContextPadEntries(element) {
      const shape = () => this.elementFactory.createShape({ type: 'bpmn:UserTask' });
      const work = {
        group: 'model',
        className: 'bpmn-icon-user-task',
        title: words.append,
        action: {
          click: () => this.autoPlace.append(element, shape()),
          dragstart: (event) => this.create.start(event, shape(), { source: element }),
        },
      };
      return (entries) =>
        Object.fromEntries(
          Object.entries(entries).map(([id, each]) => [id, id === 'append.append-task' ? work : each]),
        );
    }
  }
  Choices.$inject = ['popupMenu', 'contextPad', 'autoPlace', 'create', 'elementFactory'];

  return {
    __init__: ['studioPalette', 'studioChoices'],
    studioPalette: ['type', Palette],
    studioChoices: ['type', Choices],
  };
}

const REFUSED = [
  [/complex/i, 'complexGateway'],
  [/inclusive|gateway-or/i, 'inclusiveGateway'],
  [/ad-?hoc/i, 'adHocSubProcess'],
  [/transaction/i, 'transaction'],
  [/conditional/i, 'conditionalEventDefinition'],
  [/compensation/i, 'compensateEventDefinition'],
  [/cancel/i, 'cancelEventDefinition'],
  [/link/i, 'linkEventDefinition'],
  [/loop/i, 'standardLoopCharacteristics'],
];
