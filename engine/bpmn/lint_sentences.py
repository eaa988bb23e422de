# sizes: exempt — a table of sentences
"""The sentences of lint: one entry per rule, a table and nothing else.

Each says what is wrong and how to mend it, in zh-TW and in English. Words in braces are filled in
from the diagram; `{id}` is the element's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sentence:
    """`texts`: what is wrong (zh, en), how to mend it (zh, en)."""

    severity: str
    texts: tuple[str, str, str, str]


def _error(zh: str, en: str, mend_zh: str, mend_en: str) -> Sentence:
    return Sentence("error", (zh, en, mend_zh, mend_en))


def _warning(zh: str, en: str, mend_zh: str, mend_en: str) -> Sentence:
    return Sentence("warning", (zh, en, mend_zh, mend_en))


def _note(zh: str, en: str, mend_zh: str = "", mend_en: str = "") -> Sentence:
    return Sentence("note", (zh, en, mend_zh, mend_en))


SENTENCES: Final[Mapping[str, Sentence]] = {
    # The file.
    "xml.too-large": _error(
        "檔案有 {size} 位元組，超過上限 {most} 位元組。",
        "The file has {size} bytes; at most {most} are read.",
        "請將流程拆成數個以呼叫活動相連的流程。",
        "Split the process into several, joined by call activities.",
    ),
    "xml.encoding": _error(
        "無法讀取檔案的編碼：{problem}。",
        "The encoding of the file cannot be read: {problem}.",
        "請以 UTF-8 或 UTF-16 儲存檔案。",
        "Save the file as UTF-8 or UTF-16.",
    ),
    "xml.doctype": _error(
        "檔案含有 DOCTYPE 或 ENTITY 宣告；基於安全，一律拒絕。",
        "The file contains a DOCTYPE or ENTITY declaration, which is refused for safety.",
        "請刪除該宣告；BPMN 不需要它。",
        "Remove the declaration; BPMN has no need of it.",
    ),
    "xml.malformed": _error(
        "檔案不是格式正確的 XML：{problem}",
        "The file is not well-formed XML: {problem}",
        "請修正所指的那一行，或從流程編輯器重新匯出。",
        "Mend the line it names, or export the diagram from the editor again.",
    ),
    "xml.too-deep": _error(
        "第 {line} 行的元件巢狀過深或屬性過多。",
        "The element in line {line} is nested too deeply or has too many attributes.",
        "請減少子流程的層數。",
        "Use fewer levels of sub-processes.",
    ),
    "xml.not-bpmn": _error(
        "檔案的根元件是 {name}，不是 BPMN 2.0 的 definitions。",
        "The root element is {name}, not the definitions of BPMN 2.0.",
        "請上傳 .bpmn 檔案。",
        "Upload a .bpmn file.",
    ),
    "xml.schema": _error(
        "第 {line} 行不符合 BPMN 2.0 的結構：{problem}",
        "Line {line} does not follow the BPMN 2.0 schema: {problem}",
        "請修正該元件，或從流程編輯器重新匯出。",
        "Mend the element, or export the diagram from the editor again.",
    ),
    # What the file is made of.
    "vocabulary.refused-element": _error(
        "元件 {id}：不能使用 {name}，因為它{zh}。",
        "Element {id}: {name} cannot be used, because it {en}.",
        "請改用支援的元件。",
        "Use an element that is supported.",
    ),
    "vocabulary.refused-attribute": _error(
        "元件 {id}：{on} 不能設定 {name}，因為它{zh}。",
        "Element {id}: {on} cannot have {name}, because it {en}.",
        "請移除該屬性。",
        "Remove the attribute.",
    ),
    "vocabulary.unknown-element": _error(
        "元件 {id}（第 {line} 行）：BPMN 2.0 沒有 {name}。",
        "Element {id} (line {line}): there is no {name} in BPMN 2.0.",
        "請移除它；其他工具的資料應放在 extensionElements 之內。",
        "Remove it; what belongs to another tool goes into extensionElements.",
    ),
    "vocabulary.unknown-attribute": _error(
        "元件 {id}：{on} 沒有屬性 {name}。",
        "Element {id}: {on} has no attribute {name}.",
        "請更正拼字或移除該屬性。",
        "Correct its spelling or remove it.",
    ),
    "hz.unknown-attribute": _error(
        "元件 {id}：{on} 沒有 hz:{name}；可用的是 {known}。",
        "Element {id}: {on} has no hz:{name}; it knows {known}.",
        "請更正拼字或移除該屬性。",
        "Correct its spelling or remove it.",
    ),
    "hz.unknown-element": _error(
        "元件 {id}：沒有 hz:{name} 這個擴充元件。",
        "Element {id}: there is no extension element hz:{name}.",
        "可用的是 hz:input、hz:output、hz:variable。",
        "There are hz:input, hz:output and hz:variable.",
    ),
    "hz.misplaced": _error(
        "元件 {id}：hz:{name} 不能放在 {on}。",
        "Element {id}: hz:{name} cannot stand in a {on}.",
        "hz:variable 屬於流程與子流程；hz:input、hz:output 屬於活動與事件。",
        "hz:variable belongs to processes and sub-processes, hz:input and hz:output to activities "
        "and events.",
    ),
    "hz.missing-attribute": _error(
        "元件 {id}：hz:{name} 缺少屬性 {missing}。",
        "Element {id}: hz:{name} lacks its attribute {missing}.",
        "請補上 {missing}。",
        "Add {missing}.",
    ),
    "hz.required": _error(
        "元件 {id}：{on} 缺少 hz:{name}。",
        "Element {id}: the {on} lacks hz:{name}.",
        "請補上 hz:{name}。",
        "Add hz:{name}.",
    ),
    "hz.bad-value": _error(
        "元件 {id}：hz:{name} 不能是 “{value}”；可用的值是 {legal}。",
        "Element {id}: hz:{name} cannot be “{value}”; it is one of {legal}.",
        "請選擇其中一個值。",
        "Choose one of these values.",
    ),
    "extension.other-engine": _warning(
        "元件 {id} 帶有 {vendor} 的設定，本引擎不會執行。",
        "Element {id} carries settings for {vendor}, which are not executed here.",
        "若仍需要該行為，請以 hz: 屬性表示。",
        "If the behaviour is still wanted, say it with hz: attributes.",
    ),
    "extension.ignored": _note(
        "略過其他工具的資料（命名空間 {namespace}）。",
        "Data of another tool is ignored (namespace {namespace}).",
    ),
    # Processes, ids, references.
    "process.none": _error(
        "檔案中沒有可執行的流程。",
        "There is no executable process in the file.",
        '請在要執行的流程設定 isExecutable="true"。',
        'Set isExecutable="true" on the process that is to run.',
    ),
    "process.several": _error(
        "檔案中有多個可執行的流程：{ids}。",
        "There are several executable processes in the file: {ids}.",
        "每個檔案只能有一個；請拆成數個流程套件，以呼叫活動相連。",
        "A file has one; make several packages of them, joined by call activities.",
    ),
    "process.not-executable": _note(
        "流程 {id} 未標示為可執行，只供閱讀。",
        "Process {id} is not marked executable and is only there to be read.",
    ),
    "diagram.too-large": _error(
        "流程有 {count} 個元件，超過上限 {most} 個。",
        "The process has {count} elements; at most {most} are compiled.",
        "請將流程拆成數個以呼叫活動相連的流程。",
        "Split the process into several, joined by call activities.",
    ),
    "id.missing": _error(
        "第 {line} 行的 {name} 沒有 id。",
        "The {name} in line {line} has no id.",
        "請給它一個不再更改的 id；執行中的案件以它識別元件。",
        "Give it an id that will not change: running cases know elements by it.",
    ),
    "id.duplicate": _error(
        "id {id} 出現了不只一次。",
        "The id {id} is used more than once.",
        "請為每個元件取不同的 id。",
        "Give every element an id of its own.",
    ),
    "reference.unknown": _error(
        "元件 {id}：{what} 指向 “{name}”，但沒有這個名稱。",
        "Element {id}: {what} refers to “{name}”, which does not exist.",
        "請更正名稱，或先建立所指的內容。",
        "Correct the name, or make what it refers to first.",
    ),
    "global.same-name": _warning(
        "{kind} {id} 與 {other} 使用相同的名稱或代碼 “{name}”。",
        "The {kind} {id} has the same name or code “{name}” as {other}.",
        "請合併為一個，以免以為兩者不同。",
        "Make one of the two, so that nobody takes them for different ones.",
    ),
    # Sequence flows.
    "flow.unknown-end": _error(
        "順序流 {id} 的一端 “{end}” 不存在或不是流程元件。",
        "One end of sequence flow {id}, “{end}”, does not exist or is no flow node.",
        "請在編輯器中重新連接。",
        "Connect it again in the editor.",
    ),
    "flow.crosses-scope": _error(
        "順序流 {id} 穿越子流程的邊界（{end}）。",
        "Sequence flow {id} crosses the border of a sub-process ({end}).",
        "請連到子流程本身，或以邊界事件離開子流程。",
        "Connect it to the sub-process itself, or leave the sub-process by a boundary event.",
    ),
    "flow.listed-not-drawn": _error(
        "元件 {id} 的 {list} 列出 “{flow}”，但沒有這樣的順序流。",
        "Element {id} lists “{flow}” as {list}, but no sequence flow says so.",
        "請從編輯器重新匯出，或刪除該行。",
        "Export the diagram again, or delete the line.",
    ),
    "flow.drawn-not-listed": _error(
        "元件 {id} 的 {list} 清單缺少 {flow}。",
        "The {list} list of element {id} lacks {flow}.",
        "請補上，或刪除整個清單。",
        "Add it, or delete the whole list.",
    ),
    "flow.default-elsewhere": _error(
        "元件 {id} 的預設順序流 “{flow}” 不是從它流出的順序流。",
        "The default flow “{flow}” of element {id} does not leave it.",
        "請重新指定預設順序流。",
        "Choose the default flow again.",
    ),
    "flow.default-condition": _warning(
        "預設順序流 {id} 帶有條件；預設順序流的條件不會被判斷。",
        "The default flow {id} has a condition, which is never evaluated.",
        "請移除條件。",
        "Remove the condition.",
    ),
    "flow.condition-not-here": _error(
        "順序流 {id} 帶有條件或預設標記，但 {tag} {source} 不做選擇。",
        "Sequence flow {id} is conditional or a default, but the {tag} {source} does not choose.",
        "請移除條件，或在它之前放一個互斥閘道。",
        "Remove the condition, or put an exclusive gateway there.",
    ),
    "flow.not-exhaustive": _warning(
        "元件 {id} 的所有出口都有條件，且沒有預設順序流；若無一成立，案件會停住成為異常。",
        "Every flow out of {id} has a condition and none is the default; where no condition holds, "
        "the case stops with an incident.",
        "請指定一條預設順序流。",
        "Make one of them the default.",
    ),
    # Start, end and other events.
    "start.none": _error(
        "{id} 沒有起始事件。",
        "There is no start event in {id}.",
        "請加上一個起始事件。",
        "Add a start event.",
    ),
    "start.several": _error(
        "{id} 有多個起始事件：{ids}。",
        "There are several start events in {id}: {ids}.",
        "流程只能有一個無觸發的起始事件；子流程只能有一個起始事件。",
        "A process has one start event without a trigger, a sub-process one start event at all.",
    ),
    "start.incoming": _error(
        "順序流 {flow} 流入起始事件 {id}。",
        "Sequence flow {flow} leads into the start event {id}.",
        "請改連到起始事件之後的元件。",
        "Lead it to the element behind the start event.",
    ),
    "end.outgoing": _error(
        "順序流 {flow} 從結束事件 {id} 流出。",
        "Sequence flow {flow} leaves the end event {id}.",
        "請改用中間事件，或移除該順序流。",
        "Use an intermediate event, or remove the flow.",
    ),
    "event.no-outgoing": _error(
        "事件 {id} 之後沒有任何元件。",
        "Nothing follows the event {id}.",
        "請連到下一個元件；流程若在此結束，請用結束事件。",
        "Connect it to what follows; if the process ends here, use an end event.",
    ),
    "event.not-together": _error(
        "事件 {id} 的多個事件定義中，{kind} 不能與其他並列。",
        "Of the several event definitions of event {id}, {kind} cannot stand beside others.",
        "請拆成數個事件。",
        "Make several events of it.",
    ),
    "event.not-here": _error(
        "事件 {id}：{kind} 不能用於 {place}；可用的是 {legal}。",
        "Event {id}: {kind} cannot be used as {place}; possible are {legal}.",
        "請更換事件種類。",
        "Choose another kind of event.",
    ),
    "event.nothing-to-interrupt": _warning(
        "起始事件 {id} 設為不中斷，但它不在事件子流程內，沒有可中斷的工作。",
        "Start event {id} is marked non-interrupting, but outside an event sub-process there is "
        "nothing to interrupt.",
        "請移除 isInterrupting。",
        "Remove isInterrupting.",
    ),
    "event.error-must-interrupt": _error(
        "錯誤事件 {id} 設為不中斷；錯誤一定會中斷。",
        "Error event {id} is marked non-interrupting; an error always interrupts.",
        "請設為中斷，或改用升級（escalation）事件。",
        "Make it interrupting, or use an escalation event.",
    ),
    "event.no-reference": _error(
        "事件 {id} 沒有指定 {kind}。",
        "Event {id} does not say which {kind} it means.",
        "請選擇一個 {kind}。",
        "Choose a {kind}.",
    ),
    "event.no-code": _error(
        "{kind} {id} 沒有 {attribute}。",
        "The {kind} {id} has no {attribute}.",
        "請填入 {attribute}；比對時以它為準。",
        "Fill in {attribute}: it is what is compared.",
    ),
    "message.missing": _error(
        "元件 {id} 沒有指定訊息。",
        "Element {id} does not say which message it means.",
        "請選擇一個訊息（messageRef）。",
        "Choose a message (messageRef).",
    ),
    "message.no-name": _error(
        "訊息 {id} 沒有名稱。",
        "The message {id} has no name.",
        "請填入名稱；訊息以名稱比對。",
        "Give it a name: messages are matched by name.",
    ),
    "boundary.unknown-host": _error(
        "邊界事件 {id} 附著於 “{host}”，但同一層沒有這個活動。",
        "Boundary event {id} is attached to “{host}”, which is no activity beside it.",
        "請在編輯器中重新附著到活動上。",
        "Attach it to an activity again.",
    ),
    "boundary.bad-host": _error(
        "邊界事件 {id} 附著於 {tag} {host}；只能附著於活動。",
        "Boundary event {id} is attached to the {tag} {host}, which is no activity.",
        "請改附著到活動上。",
        "Attach it to an activity.",
    ),
    "boundary.incoming": _error(
        "順序流 {flow} 流入邊界事件 {id}。",
        "Sequence flow {flow} leads into the boundary event {id}.",
        "請改連到該活動。",
        "Lead it to the activity instead.",
    ),
    "boundary.no-outgoing": _error(
        "邊界事件 {id} 之後沒有任何元件。",
        "Nothing follows the boundary event {id}.",
        "請連到下一個元件。",
        "Connect it to what follows.",
    ),
    "boundary.never": _warning(
        "邊界事件 {id} 等待 {kind}，但 {tag} {host} 不會發出。",
        "Boundary event {id} waits for an {kind}, which a {tag} ({host}) never throws.",
        "錯誤來自服務任務、子流程、呼叫活動，以及有 hz:failure 的規則與腳本任務；"
        "升級來自子流程與呼叫活動。",
        "Errors come from service tasks, sub-processes, call activities, and from rules and "
        "scripts with hz:failure; escalations from sub-processes and call activities.",
    ),
    "event-sub-process.connected": _error(
        "事件子流程 {id} 與順序流相連。",
        "The event sub-process {id} is connected to sequence flows.",
        "事件子流程由其起始事件觸發；請移除順序流。",
        "It is triggered by its start event; remove the flows.",
    ),
    # Pools and lanes.
    "message-flow.unknown-end": _error(
        "訊息流 {id} 的一端 “{end}” 不存在。",
        "One end of message flow {id}, “{end}”, does not exist.",
        "請將兩端連到存在的參與者、活動或訊息事件，或刪除此訊息流。",
        "Tie both ends to a pool, an activity or a message event that is there, or remove it.",
    ),
    "message-flow.bad-end": _error(
        "訊息流 {id} 連到 {tag} {end}，但它不能傳送或接收訊息（{does}）。",
        "Message flow {id} is tied to the {tag} {end}, which cannot {does} a message.",
        "請連到參與者、活動或訊息事件；傳送端為拋出或結束，接收端為起始、接收或邊界。",
        "Tie it to a pool, an activity or a message event: a throwing or end event sends, a start, "
        "catching or boundary event receives.",
    ),
    "message-flow.same-pool": _error(
        "訊息流 {id} 的兩端在同一個流程 {process} 內。",
        "Both ends of message flow {id} lie in the same process {process}.",
        "訊息流只連接不同的參與者；流程內請用順序流。",
        "A message flow joins two pools; within a process, draw a sequence flow.",
    ),
    "lane.unknown-node": _warning(
        "泳道 {id} 列出 “{node}”，但流程中沒有這個元件。",
        "Lane {id} lists “{node}”, but there is no such element in the process.",
        "請從泳道移除它。",
        "Take it off the lane.",
    ),
    "lane.shared-node": _warning(
        "元件 {node} 同時在泳道 {other} 與 {id} 內。",
        "Element {node} lies in lane {other} and in lane {id}.",
        "一個元件只能在一個泳道內；請從其中一個移除。",
        "An element lies in one lane; take it off one of them.",
    ),
    # Names.
    "name.no-english": _warning(
        "元件 {id}「{name}」沒有英文名稱；英文頁面會顯示中文。",
        "Element {id} “{name}” has no English name; English pages will show the Chinese one.",
        "請在屬性的「英文名稱」填寫（hz:nameEn）。",
        "Fill in “English name” among its properties (hz:nameEn).",
    ),
    # Links.
    "link.several-targets": _error(
        "連結 “{name}” 有兩個接收端：{other} 與 {id}。",
        "The link “{name}” has two targets: {other} and {id}.",
        "同一層中，一個連結名稱只能有一個接收端；請改名。",
        "In one scope a link has one target; rename one of them.",
    ),
    "link.no-target": _error(
        "連結 “{name}”（{id}）在同一層中沒有接收端。",
        "The link “{name}” ({id}) has no target in the same scope.",
        "請加上同名的中間接收連結事件。",
        "Add an intermediate catch event with a link of that name.",
    ),
    "link.no-source": _error(
        "連結 “{name}” 的接收端 {id} 沒有發出端。",
        "Nothing leads to {id}, the target of the link “{name}”.",
        "請加上同名的中間發出連結事件，或移除它。",
        "Add an intermediate throw event with a link of that name, or remove it.",
    ),
    "link.connected": _error(
        "連結事件 {id} 與順序流 {flow} 相連；發出端之後、接收端之前不能有順序流。",
        "The link event {id} is connected to sequence flow {flow}: nothing is drawn behind the "
        "source of a link or before its target.",
        "請移除該順序流。",
        "Remove the flow.",
    ),
    # Compensation and transactions.
    "compensation.no-handler": _error(
        "補償邊界事件 {id} 關聯到 {count} 個活動；必須恰好一個。",
        "The compensation event {id} is associated with {count} activities; it must be one.",
        "請以關聯線（association）連到補償活動。",
        "Draw an association to the activity that compensates.",
    ),
    "compensation.bad-handler": _error(
        "補償邊界事件 {id} 關聯到 {handler}，它不是同一層的補償活動。",
        "The compensation event {id} is associated with {handler}, which is no activity for "
        "compensation beside it.",
        '請在該活動設定 isForCompensation="true"。',
        'Set isForCompensation="true" on the activity.',
    ),
    "compensation.flow": _error(
        "補償邊界事件 {id} 有順序流 {flow}。",
        "Sequence flow {flow} leaves the compensation event {id}.",
        "請改用關聯線。",
        "Use an association instead.",
    ),
    "compensation.handler-connected": _error(
        "補償活動 {id} 與順序流 {flow} 相連；它只在補償時執行。",
        "The activity for compensation {id} is connected to sequence flow {flow}; it runs only "
        "when something is compensated.",
        "請移除順序流，或取消 isForCompensation。",
        "Remove the flow, or isForCompensation.",
    ),
    "compensation.unknown-activity": _error(
        "事件 {id} 要補償 “{activity}”，但這一層沒有這個活動。",
        "Event {id} compensates “{activity}”, which is no activity of this scope.",
        "請選擇同一層的活動，或不指定（補償整層）。",
        "Choose an activity of the same scope, or none (then all of the scope).",
    ),
    "compensation.names-activity": _error(
        "接收補償的事件 {id} 指定了活動；只有發出端可以指定。",
        "Event {id} catches a compensation and names an activity; only a throwing event may.",
        "請移除 activityRef。",
        "Remove activityRef.",
    ),
    "cancel.outside": _error(
        "取消事件 {id} 不在交易（transaction）上。",
        "The cancel event {id} does not belong to a transaction.",
        "取消結束事件須直接位於交易內，取消邊界事件須附著於交易。",
        "A cancel end event stands directly inside a transaction, a cancel boundary event on one.",
    ),
    "cancel.no-way-out": _error(
        "交易 {transaction} 可以取消（{id}），但沒有取消邊界事件。",
        "The transaction {transaction} can be cancelled ({id}) but has no cancel boundary event.",
        "請在交易上附加取消邊界事件。",
        "Attach a cancel boundary event to the transaction.",
    ),
    # Ad-hoc sub-processes, and what begins an instance.
    "ad-hoc.bounded": _error(
        "特設子流程 {id} 內有起始或結束事件 {event}。",
        "The ad-hoc sub-process {id} contains the start or end event {event}.",
        "特設子流程沒有固定的起點與終點；請移除該事件。",
        "Nothing says where it begins and ends; remove the event.",
    ),
    "ad-hoc.empty": _error(
        "特設子流程 {id} 內沒有可以開始的活動。",
        "The ad-hoc sub-process {id} has no activity that could begin.",
        "請加入沒有流入順序流的活動。",
        "Add an activity that nothing leads to.",
    ),
    "instantiate.incoming": _error(
        "順序流 {flow} 流入 {id}，但它啟動流程（instantiate）。",
        "Sequence flow {flow} leads into {id}, which begins the process (instantiate).",
        "請移除順序流，或移除 instantiate。",
        "Remove the flow, or instantiate.",
    ),
    "instantiate.inside": _error(
        "{id} 啟動流程（instantiate），但它位於子流程內。",
        "{id} begins a process (instantiate) but stands inside a sub-process.",
        "請移到流程的最外層。",
        "Move it to the process itself.",
    ),
    "event-gateway.parallel": _error(
        "事件閘道 {id} 的型別是 Parallel，但它不啟動流程。",
        "The event-based gateway {id} is of type Parallel but does not begin the process.",
        "請改用平行閘道與數個事件，或設定 instantiate。",
        "Use a parallel gateway and several events, or set instantiate.",
    ),
    # Loops and quantities.
    "loop.endless": _error(
        "迴圈活動 {id} 既無條件也無次數上限。",
        "The loop of activity {id} has neither a condition nor a maximum.",
        "請填入 loopCondition 或 loopMaximum。",
        "Fill in loopCondition or loopMaximum.",
    ),
    "loop.bad-maximum": _error(
        "迴圈活動 {id} 的 loopMaximum 是 “{value}”。",
        "Activity {id} has the loopMaximum “{value}”.",
        "請填正整數。",
        "Write a whole number above 0.",
    ),
    "activity.bad-quantity": _error(
        "活動 {id} 的 {name} 是 “{value}”；可用 1 到 {most}。",
        "Activity {id} has the {name} “{value}”; possible are 1 to {most}.",
        "請填正整數。",
        "Write a whole number in that range.",
    ),
    "multi-instance.no-event": _error(
        "多重執行個體 {id} 的 behavior 沒有指定要發出的事件。",
        "The behavior of the multi-instance {id} does not say which event it throws.",
        "請指定事件定義。",
        "Refer to an event definition.",
    ),
    "multi-instance.bad-event": _error(
        "多重執行個體 {id} 不能發出 {kind}。",
        "The multi-instance {id} cannot throw a {kind}.",
        "請改用訊息、訊號、升級或錯誤。",
        "Use a message, a signal, an escalation or an error.",
    ),
    "complex.no-condition": _error(
        "複合閘道 {id} 有多條流入的順序流，但沒有啟動條件。",
        "The complex gateway {id} has several incoming flows but no activation condition.",
        "請填入 activationCondition，例如 activationCount >= 2。",
        "Fill in activationCondition, such as activationCount >= 2.",
    ),
    # Timers.
    "timer.no-time": _error(
        "計時器 {id} 沒有指定時間。",
        "The timer {id} does not say when.",
        "請填入日期、期間或循環，或以 hz:clock 指定案件的期限。",
        "Fill in a date, a duration or a cycle, or name a clock of the case with hz:clock.",
    ),
    "timer.clock-and-time": _error(
        "計時器 {id} 同時指定了 hz:clock 與自己的時間。",
        "The timer {id} names a clock and has a time of its own.",
        "請只保留一個。",
        "Keep one of the two.",
    ),
    "timer.point-without-clock": _error(
        "計時器 {id} 有 hz:point 但沒有 hz:clock。",
        "The timer {id} has hz:point but no hz:clock.",
        "請補上 hz:clock，或移除 hz:point。",
        "Add hz:clock, or remove hz:point.",
    ),
    "timer.bad-point": _error(
        "計時器 {id} 的 hz:point 是 “{point}”。",
        "The timer {id} has the hz:point “{point}”.",
        "請填期限的比例（例如 0.8）、due（到期），或到期後幾個工作日（例如 due+1wd）。",
        "Write a share of the clock's time such as 0.8, due, or working days after it: due+1wd.",
    ),
    "timer.unreadable": _error(
        "計時器 {id} 的時間 “{text}” 無法讀取：{problem}",
        "The time “{text}” of timer {id} cannot be read: {problem}",
        "請填 ISO 8601（P7D、2026-03-02T09:00+08:00、R3/PT1H）或 FEEL。",
        "Write ISO 8601 (P7D, 2026-03-02T09:00+08:00, R3/PT1H) or FEEL.",
    ),
    "timer.no-zone": _error(
        "計時器 {id} 的時間 “{text}” 沒有時區。",
        "The time “{text}” of timer {id} has no zone.",
        "請加上時區，例如 +08:00 或 @Asia/Taipei。",
        "Add one, such as +08:00 or @Asia/Taipei.",
    ),
    "timer.fast-cycle": _warning(
        "計時器 {id} 每不到一分鐘就觸發一次，且沒有終止（{text}）。",
        "The timer {id} fires more than once a minute and without end ({text}).",
        "請限制次數（例如 R3/…）或拉長間隔。",
        "Limit its turns (R3/…) or make the interval longer.",
    ),
    "timer.missed-without-cycle": _warning(
        "計時器 {id} 有 hz:missed，但它不是循環。",
        "The timer {id} has hz:missed but is no cycle.",
        "請移除 hz:missed。",
        "Remove hz:missed.",
    ),
    # Activities.
    "activity.no-outgoing": _warning(
        "活動 {id} 之後沒有任何元件，流程的這條路徑在此結束。",
        "Nothing follows the activity {id}: this path of the process ends there.",
        "請以結束事件表明，讓讀者看出是刻意的。",
        "Say so with an end event, so that readers see it is meant.",
    ),
    "task.no-group": _error(
        "任務 {id} 沒有指定誰可以認領。",
        "Task {id} does not say who may claim it.",
        "請填入 hz:candidateGroups，例如 counter。",
        "Fill in hz:candidateGroups, such as counter.",
    ),
    "task.no-form": _error(
        "使用者任務 {id} 沒有表單。",
        "User task {id} has no form.",
        "請在元件的「表單」選一個（檔案裡是 hz:form）。",
        "Choose one under Form of the element (hz:form in the file).",
    ),
    "task.manual-of-nobody": _warning(
        "人工任務 {id} 沒有候選群組，案件會直接通過。",
        "Manual task {id} has no candidate group, so cases pass through it at once.",
        "若要有人勾稽，請填入 hz:candidateGroups。",
        "If somebody is to tick it off, fill in hz:candidateGroups.",
    ),
    "script.language": _error(
        "腳本任務 {id} 的語言是 “{language}”；只執行 FEEL。",
        "Script task {id} is written in “{language}”; only FEEL is executed.",
        '請設定 scriptFormat="feel"，並以 FEEL 書寫。',
        'Set scriptFormat="feel" and write it in FEEL.',
    ),
    "call.nothing": _error(
        "呼叫活動 {id} 沒有指定要呼叫的流程。",
        "Call activity {id} does not say which process it calls.",
        "請填入 calledElement。",
        "Fill in calledElement.",
    ),
    "mapping.twice": _error(
        "元件 {id}：hz:{name} 對 {target} 設定了兩次。",
        "Element {id}: two hz:{name} write {target}.",
        "請只保留一個。",
        "Keep one of the two.",
    ),
    "variable.bad-name": _error(
        "元件 {id}：{part} 的變數名稱 “{name}” 無效。",
        "Element {id}: {part} has the invalid variable name “{name}”.",
        "名稱以文字或底線開頭，只含文字、數字與底線，且不是 FEEL 的保留字。",
        "A name begins with a letter or underscore, has letters, digits and underscores, and is no "
        "word of FEEL itself.",
    ),
    "variable.read-only": _error(
        "元件 {id}：{part} 不能寫入 {name}。",
        "Element {id}: {part} cannot write {name}.",
        "case 由系統提供；data（個人資料）只能由表單寫入。請換一個名稱。",
        "case is given by the system and data (personal data) is written by forms only. Choose "
        "another name.",
    ),
    "multi-instance.one-source": _error(
        "活動 {id} 的多重執行個體必須且只能指定 loopCardinality 或 hz:collection 其中之一。",
        "The multi-instance of {id} needs either loopCardinality or hz:collection, and not both.",
        "請保留一個。",
        "Keep one of them.",
    ),
    "multi-instance.output-pair": _error(
        "活動 {id}：hz:outputCollection 與 hz:outputElement 必須一起使用。",
        "Activity {id}: hz:outputCollection and hz:outputElement go together.",
        "請補上另一個，或兩個都移除。",
        "Add the other one, or remove both.",
    ),
    "multi-instance.element-without-collection": _error(
        "活動 {id}：有 hz:elementVariable 但沒有 hz:collection。",
        "Activity {id}: there is an hz:elementVariable but no hz:collection.",
        "請補上 hz:collection，或移除 hz:elementVariable。",
        "Add hz:collection, or remove hz:elementVariable.",
    ),
    "multi-instance.too-many": _error(
        "活動 {id} 要執行 {count} 次，超過上限 {most} 次。",
        "Activity {id} is to run {count} times; at most {most} are allowed.",
        "請減少次數。",
        "Use fewer.",
    ),
    "multi-instance.not-here": _error(
        "事件子流程 {id} 不能是多重執行個體。",
        "The event sub-process {id} cannot be a multi-instance.",
        "請移除標記。",
        "Remove the marker.",
    ),
    # Gateways and the flow of tokens.
    "gateway.no-outgoing": _error(
        "閘道 {id} 之後沒有任何元件。",
        "Nothing follows the gateway {id}.",
        "請連到下一個元件或結束事件。",
        "Connect it to what follows, or to an end event.",
    ),
    "exclusive.no-condition": _error(
        "互斥閘道 {gateway} 的出口 {id} 沒有條件，也不是預設順序流。",
        "Flow {id} out of exclusive gateway {gateway} has no condition and is not the default.",
        "請填入條件，或設為預設順序流。",
        "Give it a condition, or make it the default.",
    ),
    "parallel.pointless": _note(
        "平行閘道 {id} 只有一進一出，沒有作用。",
        "The parallel gateway {id} has one way in and one way out, and so does nothing.",
        "可以移除。",
        "It can be removed.",
    ),
    "event-gateway.too-few": _error(
        "事件閘道 {id} 至少要有兩個出口。",
        "The event-based gateway {id} needs at least two flows out.",
        "請加上另一個事件，或改用中間事件。",
        "Add another event, or use an intermediate event instead.",
    ),
    "event-gateway.bad-target": _error(
        "事件閘道 {id} 之後是 {target}；只能接訊息、計時或訊號的接收事件，或接收任務。",
        "The event-based gateway {id} leads to {target}; only message, timer and signal catch "
        "events and receive tasks may follow.",
        "請在它之前放一個接收事件。",
        "Put a catch event in between.",
    ),
    "event-gateway.shared-target": _error(
        "事件閘道 {id} 之後的 {target} 另有其他流入。",
        "Another flow leads into {target}, which follows the event-based gateway {id}.",
        "請讓其他路徑連到 {target} 之後。",
        "Lead the other flow to what follows {target}.",
    ),
    "event-gateway.decorated-target": _error(
        "事件閘道 {id} 之後的 {target} 帶有邊界事件或多重執行個體。",
        "{target}, which follows the event-based gateway {id}, has boundary events or is a "
        "multi-instance.",
        "請移除它們。",
        "Remove them.",
    ),
    "element.unreachable": _error(
        "沒有任何路徑可以到達元件 {id}。",
        "No path leads to element {id}.",
        "請連接它，或將它移除。",
        "Connect it, or remove it.",
    ),
    "join.starves": _warning(
        "平行閘道 {id} 等待多條路徑，但它們在 {split} 只會擇一；案件可能永遠停在這裡。",
        "The parallel gateway {id} waits for several paths, but {split} takes only one; "
        "cases may wait here for ever.",
        "請改用互斥閘道匯合。",
        "Use an exclusive gateway to merge them.",
    ),
    "merge.runs-twice": _warning(
        "互斥閘道 {id} 匯合 {split} 同時開始的路徑；其後的元件會執行多次。",
        "The exclusive gateway {id} merges paths that {split} starts at the same time; what "
        "follows runs several times.",
        "若要等齊，請改用平行閘道匯合。",
        "If it is to wait for all of them, use a parallel gateway.",
    ),
    # Expressions and data.
    "expression.empty": _error(
        "元件 {id} 的 {part} 是空的。",
        "The {part} of element {id} is empty.",
        "請填入 FEEL 運算式，或移除它。",
        "Write a FEEL expression, or remove it.",
    ),
    "expression.syntax": _error(
        "元件 {id} 的 {part} “{text}” 不是正確的 FEEL（{position}）：{problem}",
        "The {part} “{text}” of element {id} is not FEEL ({position}): {problem}",
        "請修正運算式。",
        "Mend the expression.",
    ),
    "expression.unknown-name": _warning(
        "元件 {id} 的 {part} 使用 “{name}”，但流程中沒有任何地方給它值。",
        "The {part} of element {id} uses “{name}”, which nothing in the process gives a value.",
        "請更正名稱，或以 hz:variable 宣告它。",
        "Correct the name, or declare it with hz:variable.",
    ),
    "expression.unknown-case-fact": _warning(
        "元件 {id} 使用 {fact}，但案件沒有這個欄位；可用的是 {known}。",
        "Element {id} uses {fact}, which a case does not have; it has {known}.",
        "請更正名稱。",
        "Correct the name.",
    ),
    "expression.unknown-function": _error(
        "元件 {id} 使用函式 {name}，但沒有這個函式。",
        "Element {id} uses the function {name}, which does not exist.",
        "請更正函式名稱。",
        "Correct its name.",
    ),
    "data.written-twice": _warning(
        "元件 {id} 與平行路徑上的 {other} 都寫入 {name}；後完成者會覆蓋先完成者。",
        "Element {id} and {other} on a parallel path both write {name}; the later one wins.",
        "請用不同的變數名稱，或以 hz:output 限定輸出。",
        "Use different names, or limit what is written with hz:output.",
    ),
    # The second reader.
    "spiff.disagrees": _error(
        "元件 {id}：兩個讀取程式對此元件的理解不同（{difference}），為安全起見不部署。",
        "Element {id}: two independent readers understand it differently ({difference}), so it is "
        "not deployed.",
        "請回報此檔案；這是系統的問題，不是流程的錯。",
        "Please report this file: it is a fault of the system, not of the diagram.",
    ),
}
