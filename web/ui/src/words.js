/** What the islands say, in the language of the page around them. */
const WORDS = {
  zh: {
    colon: '：',
    diagram: '流程圖',
    larger: '放大',
    smaller: '縮小',
    whole: '顯示全圖',
    here: '目前位置',
    screen: '全螢幕',
    show: '顯示流程圖',
    steps: '以清單列出步驟',
    moving: '（方向鍵移動，＋－縮放，0 全圖）',
    active: '進行中',
    done: '已完成',
    incident: '異常',
    error: '錯誤',
    warning: '警告',
    info: '提示',
    elsewhere: '不在本圖上的元件：',
    failed: '流程圖無法顯示：',
    stale: '流程狀態無法更新：',
    answered: (url, status) => `${url} 回應 ${status}`,
  },
  en: {
    isEnglish: true,
    colon: ': ',
    diagram: 'Process diagram',
    larger: 'Larger',
    smaller: 'Smaller',
    whole: 'Whole diagram',
    here: 'Where it stands',
    screen: 'Full screen',
    show: 'Show the diagram',
    steps: 'The steps as a list',
    moving: '(arrow keys move, + and - zoom, 0 shows all)',
    active: 'Active',
    done: 'Done',
    incident: 'Incident',
    error: 'Error',
    warning: 'Warning',
    info: 'Hint',
    elsewhere: 'Elements that are not in this diagram: ',
    failed: 'The diagram cannot be shown: ',
    stale: 'The state of the case cannot be updated: ',
    answered: (url, status) => `${url} answered ${status}`,
  },
};

export function wordsFor(element) {
  const lang = element.closest('[lang]')?.lang ?? '';
  return lang.startsWith('en') ? WORDS.en : WORDS.zh;
}
