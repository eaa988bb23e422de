# sizes: exempt — a table of text
"""What an incident says, in Chinese, by its code and the English sentence that was recorded.

The sentence is kept as it was raised, for who looks for the fault. Here stands each that the
system itself can raise; a test reads the sources and finds every one that is missing. What another
system said (an agency, a mail server) stays as it said it.
"""

from __future__ import annotations

from engine.gap_words import GapWords
from feel.errors import Code

WORDS: dict[str, str] = {
    # the process itself
    "Expected `{text}` to give the text or number by which message {name} is matched, but it gave "
    "{value}": "訊息 {name} 須以 `{text}` 的文字或數字比對，但算出的是 {value}",
    "Expected a plain start event in {scope}, but there is none": "{scope} 裡沒有一般的起始事件",
    "Expected a collection or a cardinality, but got none": "多次執行沒有清單，也沒有次數",
    "Expected `{text}` to give how often to run, but got {count}": (
        "`{text}` 應為執行次數，但算出的是 {count}"
    ),
    "Expected decision {decision} to be deployed with the process, but it is not": (
        "流程沒有一併部署決策 {decision}"
    ),
    "Expected events to wait for behind {element}": "{element} 之後沒有可以等候的事件",
    "Expected process {called} to be deployed with the process that calls it, but it is not": (
        "呼叫的流程 {called} 沒有一併部署"
    ),
    "Expected a boundary event or an event sub-process that catches error {code}, but no enclosing "
    "one does": "發生錯誤 {code}，但流程沒有任何一處接住它",
    "Expected a way on from {element}, but no condition on its outgoing flows is true and none of "
    "them is the default": "{element} 之後沒有可走的路：條件都不成立，也沒有預設順序流",
    "Expected `{text}` to give a date and time with its zone, such as {example}, but it has none": (
        "`{text}` 的日期時間沒有時區；應如 {example}"
    ),
    'Expected `{text}` to give a repeating interval such as "R3/PT1H"': (
        "`{text}` 應為重複的間隔，例如 R3/PT1H"
    ),
    "Expected a due time before the year 10000: {why}": "到期時間超出可以表示的範圍（{why}）",
    "Expected to come to rest within {most} elements, but the process goes on: look for a loop "
    "that no person or timer interrupts": (
        "流程一口氣走了 {most} 個元件還沒停下；請找沒有人、也沒有計時中斷的迴圈"
    ),
    "Expected more tokens at {element}, which waits for them, but nothing is left that could let "
    "it begin": "{element} 還在等其他進度才能開始，但已經沒有會到達的進度",
    "Expected more tokens at {element}, which waits for them, but nothing is left that could come "
    "along {missing}": "{element} 還在等沿著 {missing} 到達的進度，但已經沒有會到達的進度",
    "Expected a cancel boundary event on {element}, by which the cancelled transaction leaves, but "
    "there is none": "{element} 沒有取消交易後離開的附掛事件",
    "Expected `{text}` to give {wanted}, but it gave a value of type {kind}": (
        "`{text}` 算出的值型別不對（是 {kind}）"
    ),
    "Expected `{text}` to give {wanted}, but it gave {value}": "`{text}` 算出 {value}，應為整數",
    "{why} (in variable {name})": "變數 {name} 的值不能存：{why}",
    "{why}, in `{text}`": "運算式 `{text}` 算不出結果：{why}",
    "Expected {element} to name a person of the office who may have the task; it is open to its "
    "candidate groups instead": "{element} 指定的承辦人不能承辦這項作業；改由候選群組領取",
    "The clock {name} was not started: {why}": "期限 {name} 沒有起算：{why}",
    "The clock {name} runs without the rungs of ladder {ladder}: {why}": (
        "期限 {name} 照常計算，但沒有催辦階梯 {ladder} 的各階：{why}"
    ),
    # operations
    "No part of this system does the operation {operation}": "系統沒有作業 {operation}",
    "More than {most} operations in one step; look for a loop": (
        "一步之內超過 {most} 次作業；請找迴圈"
    ),
    "Expected a date as the input 'from' of {element}, not a text": (
        "{element} 的輸入 from 應為日期，不是文字"
    ),
    "Expected a date as the input 'on' of {element}, not a text": (
        "{element} 的輸入 on 應為日期，不是文字"
    ),
    "Expected the clock {name} in limits.yaml of {package}; add it, or mend the input of "
    "{element}": "{package} 的 limits.yaml 沒有期限 {name}；請加入，或更正 {element} 的輸入",
    "Expected a context as the input 'content' of {element}": "{element} 的輸入 content 應為一組值",
    # beats
    "Tried {attempts} times without success: {why}": "試了 {attempts} 次都沒有成功：{why}",
    "Expected {peer} to take {operation}, but it did not: {why}. Mend the cause, then retry": (
        "{peer} 沒有收下 {operation}：{why}。請排除原因後重試"
    ),
    "Expected {peer} to take an entry of its list ({kind}), but it did not: {why}. Settle it with "
    "them by phone or letter, then resolve this": (
        "{peer} 沒有收下名冊中的一筆（{kind}）：{why}。請以電話或公文處理後結案"
    ),
    "Expected to give the message {name} of {peer} to one case, but {why}. Mend the cause, then "
    "retry": "{peer} 的訊息 {name} 無法歸到一個案件：{why}。請排除原因後重試",
    "A file waits in quarantine, for the scanner gives no verdict: {why}": (
        "附件停在隔離區，因為掃毒沒有結果：{why}"
    ),
    "Expected somebody in {group} to tell, but there is nobody; put a person into the group": (
        "{group} 沒有可以通知的人；請將人員加入這個群組"
    ),
}
_UNSENT = {
    "Expected sms to take sms.send, but it did not: {why}. Mend the cause, then retry": (
        "簡訊發不出去：{why}。請排除原因後重試"
    ),
    "Expected mail to take mail.send, but it did not: {why}. Mend the cause, then retry": (
        "郵件寄不出去：{why}。請排除原因後重試"
    ),
    "the mail server refused the address": "郵件伺服器不接受這個地址",
    "the mail server refused the sender": "郵件伺服器不接受寄件人",
    "the mail server let us not in": "郵件伺服器不讓我們登入",
    "mail not taken": "郵件伺服器沒有收下",
    "the agency is out of service": "機關系統停止服務",
}
"""Of the outbox: what stands for a mail, and what the transports say of why."""
TITLES: dict[str, tuple[str, str]] = {
    # what an incident is, by its code, in Chinese and in English
    "outbox.dead_letter": (
        "通報或郵件送不出去，請排除原因後重試",
        "A notification or mail could not be sent. Mend the cause, then retry",
    ),
    "outbox.list_refused": (
        "機關不收名冊中的一筆，請電話或公文處理後結案",
        "An agency did not take an entry of its list. Settle it with them, then resolve this",
    ),
    "timer.failed": ("計時作業多次失敗", "A timer failed several times"),
    "job.failed": ("排程作業多次失敗", "A job failed several times"),
    "message.failed": (
        "收到的訊息多次處理失敗",
        "A message that arrived could not be worked on, several times",
    ),
    "message.quarantined": (
        "收到的訊息無法歸到唯一的案件，已隔離",
        "A message fits no case, or several; it was set aside",
    ),
    "rung.failed": ("催辦通知多次失敗", "Telling people of a limit failed several times"),
    "rung.nobody": ("期限到了，但沒有人可以通知", "A limit came, and there was nobody to tell"),
    "attachment.not_scanned": ("附件一直沒有掃毒結果", "A file is not scanned for viruses"),
    "clock.not_started": ("期限沒有起算", "A limit was not started"),
    "ladder.not_drawn": ("期限沒有催辦階梯", "A limit runs without its ladder"),
    "user_task.assignee": (
        "流程指定的承辦人不能承辦",
        "Who the process names for a task may not have it",
    ),
    "gateway.no-flow": ("流程在分流處沒有路可走", "The process found no way on at a gateway"),
    "gateway.no-event": ("流程沒有可以等候的事件", "The process has no event to wait for"),
    "error.uncaught": ("發生的錯誤沒有人接住", "Nothing in the process catches an error"),
    "service.failed": ("服務任務沒有完成", "A service task could not be done"),
    "decision.unknown": ("找不到流程要用的決策表", "A decision the process uses is not there"),
    "decision.failed": ("決策表算不出結果", "A decision gave no result"),
    "call.unknown-process": ("找不到要呼叫的流程", "A process that is called is not there"),
    "scope.no-start": ("子流程沒有起點", "A sub-process has no start"),
    "multi-instance.none": ("多次執行沒有清單", "A loop has nothing to go through"),
    "message.no-correlation-key": (
        "訊息沒有比對的依據",
        "A message has nothing to be matched by",
    ),
    "timer.no-zone": ("計時的時刻沒有時區", "A timer's moment has no zone"),
    "timer.cycle": ("計時的間隔寫法不對", "A timer's interval cannot be read"),
    "timer.range": ("計時的到期時間無法表示", "A timer's moment is out of range"),
    "budget.steps": ("流程不停地走下去", "The process goes on without end"),
    "instance.stuck": ("流程在等不會到達的進度", "The process waits for what cannot come"),
    "transaction.no-cancel": (
        "交易取消後無路可走",
        "A cancelled transaction has no way out",
    ),
    "variable.name": ("變數的名稱不能用", "A variable has a name that cannot be used"),
    "variable.value": ("變數的值不能存", "A variable has a value that cannot be kept"),
    **dict.fromkeys(
        (f"feel.{code}" for code in Code), ("運算式算不出結果", "An expression gave no result")
    ),
    "": ("其他異常", "Another incident"),
}
_CODES: dict[str, str] = {
    # by code, where the sentence itself is another's: of FEEL, of an agency
    "feel.unknown-name": "名稱不存在",
    "feel.unknown-entry": "沒有這個項目",
    "feel.wrong-type": "值的型別不對",
    "feel.null-operand": "值是空的",
    "feel.no-such-function": "沒有這個函式",
    "feel.bad-argument": "函式的參數不對",
    "feel.division-by-zero": "除以零",
    "feel.out-of-range": "超出可以表示的範圍",
    "feel.no-clock": "這裡沒有時鐘",
    "feel.budget": "運算太久或太大",
    "decision.failed": "決策表算不出結果",
    "timer.cycle": "重複的間隔寫法不對",
    "variable.name": "變數的名稱不能用",
    "variable.value": "變數的值不能存",
    "service.failed": "服務任務沒有完成",
}
_SENTENCES = GapWords(WORDS | _UNSENT)
_FEEL = "feel."


def title(code: str) -> tuple[str, str]:
    """What an incident of this code is, in Chinese and in English."""
    return TITLES.get(code, TITLES[""])


def in_chinese(code: str, message: str) -> str:
    """What the incident says, for readers of Chinese: its sentence, else what its code means.

    Names of steps, variables and expressions stay as they are written in the process.
    """
    known = _CODES.get(code)
    expression = message.rpartition(", in `")[2].removesuffix("`")
    if code.startswith(_FEEL) and known and message.endswith("`") and expression != message:
        return f"運算式 `{expression}` 算不出結果：{known}"
    told = _SENTENCES.in_chinese(message)
    if told is not None:
        return told
    return f"{known or '系統回報異常'}（{code}）：{message}"
