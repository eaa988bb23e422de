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
    defaultFlow: '預設流向（其他條件都不成立時）',
    isLoop: '對清單的每一項各做一次',
    sequential: '一項做完再做下一項',
    message: '訊息',
    newMessage: '新的訊息名稱',
    choose: '（未選）',
    badLines: '每行寫「名稱 = 運算式」，尚未採用。',
    append: '接著加一個使用者作業',
    stale: '已有人先儲存',
    decide: '查看差異並決定',
    reload: '重新載入',
    panel: '元件設定',
    shapes: {
      startEvent: '開始', endEvent: '結束', timer: '等待時間', receive: '等待訊息', userTask: '使用者作業',
      serviceTask: '服務作業', businessRuleTask: '決策作業', scriptTask: '運算作業', callActivity: '呼叫流程',
      exclusiveGateway: '擇一', parallelGateway: '並行', eventBasedGateway: '看何者先到', subProcess: '子流程',
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
      startEvent: 'Start', endEvent: 'End', timer: 'Wait for a time', receive: 'Wait for a message',
      userTask: 'User task', serviceTask: 'Service task', businessRuleTask: 'Decision',
      scriptTask: 'Script task', callActivity: 'Called process', exclusiveGateway: 'One way',
      parallelGateway: 'All ways', eventBasedGateway: 'Whatever comes first', subProcess: 'Sub-process',
    },
  },
};

/** The editor's own English, for readers of Chinese; what is not here stays English. */
const CHINESE = {
  'Activate hand tool': '移動畫面', 'Activate lasso tool': '框選', 'Activate create/remove space tool': '增減空間',
  'Activate global connect tool': '連接', 'Append end event': '接結束', 'Append gateway': '接閘道',
  'Append intermediate/boundary event': '接事件', 'Append task': '接作業', 'Append text annotation': '加註解',
  'Add text annotation': '加註解', 'Change element': '變更種類', 'Change type': '變更種類', Delete: '刪除', Remove: '刪除',
  'Connect to other element': '連到其他元件', 'Connect using association': '以關聯連接',
  'Connect using sequence/message flow or association': '連接', 'User task': '使用者作業', 'Manual task': '人工作業',
  'Service task': '服務作業', 'Script task': '運算作業', 'Business rule task': '決策作業', 'Send task': '發送訊息',
  'Receive task': '等待訊息', Task: '作業', 'Call activity': '呼叫流程', 'Exclusive gateway': '擇一',
  'Parallel gateway': '並行', 'Inclusive gateway': '擇多', 'Complex gateway': '複合閘道',
  'Event-based gateway': '看何者先到', 'Start event': '開始', 'End event': '結束', 'Terminate end event': '全部結束',
  'Error end event': '以錯誤結束', 'Escalation end event': '以升報結束', 'Message end event': '發出訊息後結束',
  'Signal end event': '發出訊號後結束', 'Message start event': '收到訊息時開始', 'Timer start event': '時間到時開始',
  'Signal start event': '收到訊號時開始', 'Intermediate throw event': '中間事件',
  'Message intermediate catch event': '等待訊息', 'Message intermediate throw event': '發出訊息',
  'Timer intermediate catch event': '等待時間', 'Signal intermediate catch event': '等待訊號',
  'Signal intermediate throw event': '發出訊號', 'Escalation intermediate throw event': '升報',
  'Sub-process (collapsed)': '子流程（收合）', 'Sub-process (expanded)': '子流程', 'Sequence flow': '流向',
  'Default flow': '預設流向', 'Conditional flow': '有條件的流向', 'Parallel multi-instance': '同時逐項',
  'Sequential multi-instance': '依序逐項', 'Open in drill-down': '開啟', 'Search in diagram': '在圖中尋找',
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
