/** What the diagram editor says, in the language of the page around it. */
const WORDS = {
  zh: {
    undo: '復原',
    redo: '重做',
    save: '儲存',
    saving: '儲存中…',
    unsaved: '有修改尚未儲存',
    kept: '修改已暫存',
    notKept: '修改無法暫存：',
    notSaved: '無法儲存：',
    fresh: (kind) => `新的${kind}`,
    nothing: '請選擇一個元件。可在圖上點選，或在下方清單選擇。',
    insert: '在這之後插入',
    insertGo: '插入',
    inserted: '已插入',
    find: '選擇元件',
    clean: '檢查無誤',
    findings: '檢查結果',
    remove: '刪除元件',
    defaultFlow: '預設順序流（其他條件都不成立時）',
    isLoop: '對清單的每一項各做一次',
    sequential: '一項做完再做下一項',
    message: '訊息',
    newMessage: '新的訊息名稱',
    choose: '（未選）',
    badLines: '每行寫「名稱 = 運算式」，尚未採用。',
    append: '接著加一個使用者任務',
    stale: '已有人先儲存',
    decide: '查看差異並決定',
    reload: '重新載入',
    panel: '元件設定',
    shapes: {
      startEvent: '起始事件', endEvent: '結束事件', timer: '計時接收事件', receive: '訊息接收事件', userTask: '使用者任務',
      serviceTask: '服務任務', businessRuleTask: '業務規則任務', scriptTask: '腳本任務', callActivity: '呼叫活動',
      exclusiveGateway: '互斥閘道', parallelGateway: '平行閘道', eventBasedGateway: '事件閘道', subProcess: '子流程',
    },
  },
  en: {
    undo: 'Undo',
    redo: 'Redo',
    save: 'Save',
    saving: 'Saving…',
    unsaved: 'There are changes that are not saved',
    kept: 'Changes are kept aside',
    notKept: 'Changes cannot be kept aside: ',
    notSaved: 'Cannot be saved: ',
    fresh: (kind) => `New ${kind[0].toLowerCase()}${kind.slice(1)}`,
    nothing: 'Choose an element, in the diagram or in the list below.',
    insert: 'Insert after this',
    insertGo: 'Insert',
    inserted: 'Inserted',
    find: 'Choose an element',
    clean: 'No findings',
    findings: 'Lint',
    remove: 'Delete the element',
    defaultFlow: 'Default flow (if no condition holds)',
    isLoop: 'Done once for each item of a list',
    sequential: 'One after the other',
    message: 'Message',
    newMessage: 'Name of a new message',
    choose: '(none)',
    badLines: 'Write “name = expression” on each line; it is not taken yet.',
    append: 'Append a user task',
    stale: 'Somebody has saved before you',
    decide: 'See what differs and decide',
    reload: 'Load again',
    panel: 'Properties',
    shapes: {
      startEvent: 'Start event', endEvent: 'End event', timer: 'Timer catch event',
      receive: 'Message catch event', userTask: 'User task', serviceTask: 'Service task',
      businessRuleTask: 'Business rule task', scriptTask: 'Script task', callActivity: 'Call activity',
      exclusiveGateway: 'Exclusive gateway', parallelGateway: 'Parallel gateway',
      eventBasedGateway: 'Event-based gateway', subProcess: 'Sub-process',
    },
  },
};

/** The editor's own English, for readers of Chinese; what is not here stays English. */
const CHINESE = {
  'Activate hand tool': '移動畫面', 'Activate lasso tool': '框選', 'Activate create/remove space tool': '增減空間',
  'Activate global connect tool': '連接', 'Append end event': '接結束事件', 'Append gateway': '接閘道',
  'Append intermediate/boundary event': '接事件', 'Append task': '接任務', 'Append text annotation': '加註解',
  'Add text annotation': '加註解', 'Change element': '變更種類', 'Change type': '變更種類', Delete: '刪除', Remove: '刪除',
  'Connect to other element': '連到其他元件', 'Connect using association': '以關聯連接',
  'Connect using sequence/message flow or association': '連接', 'User task': '使用者任務', 'Manual task': '人工任務',
  'Service task': '服務任務', 'Script task': '腳本任務', 'Business rule task': '業務規則任務', 'Send task': '發送任務',
  'Receive task': '接收任務', Task: '任務', 'Call activity': '呼叫活動', 'Exclusive gateway': '互斥閘道',
  'Parallel gateway': '平行閘道', 'Inclusive gateway': '包容閘道', 'Complex gateway': '複合閘道',
  'Event-based gateway': '事件閘道', 'Start event': '起始事件', 'End event': '結束事件', 'Terminate end event': '終止結束事件',
  'Error end event': '錯誤結束事件', 'Escalation end event': '升級結束事件', 'Message end event': '訊息結束事件',
  'Signal end event': '訊號結束事件', 'Message start event': '訊息起始事件', 'Timer start event': '計時起始事件',
  'Signal start event': '訊號起始事件', 'Intermediate throw event': '拋出事件',
  'Message intermediate catch event': '訊息接收事件', 'Message intermediate throw event': '訊息拋出事件',
  'Timer intermediate catch event': '計時接收事件', 'Signal intermediate catch event': '訊號接收事件',
  'Signal intermediate throw event': '訊號拋出事件', 'Escalation intermediate throw event': '升級拋出事件',
  'Sub-process (collapsed)': '子流程（收合）', 'Sub-process (expanded)': '子流程', 'Sequence flow': '順序流',
  'Default flow': '預設順序流', 'Conditional flow': '有條件的順序流', 'Parallel multi-instance': '平行多重執行個體',
  'Sequential multi-instance': '循序多重執行個體', 'Open in drill-down': '開啟', 'Search in diagram': '在圖中尋找',
};

export function studioWords(element) {
  const lang = element.closest('[lang]')?.lang ?? '';
  return lang.startsWith('en') ? WORDS.en : WORDS.zh;
}

/** The bpmn-js module that translates the editor itself. */
export function translateModule(element) {
  const isEnglish = (element.closest('[lang]')?.lang ?? '').startsWith('en');
  const translate = (template, facts = {}) => {
    const told = isEnglish ? template : (CHINESE[template] ?? template);
    return told.replace(/{([^}]+)}/g, (_, name) => facts[name] ?? `{${name}}`);
  };
  return { translate: ['value', translate] };
}
