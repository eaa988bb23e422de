# sizes: exempt — a table of sentences
"""What is said of moving an instance or its tokens: one entry per code, a table and nothing else.

`refused` keeps the instance where it is; `task` says that a person will find an open task changed;
`note` is worth knowing. Words in braces are filled in; `{id}` is the element's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple


class Weight(StrEnum):
    REFUSED = "refused"
    TASK = "task"
    NOTE = "note"


class Sentence(NamedTuple):
    weight: Weight
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say of an instance that is moved. `key` names the token or wait it is about,
    empty for the instance as a whole; `facts` fill the sentence."""

    code: str
    process_id: str = ""
    element_id: str = ""
    key: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        return SENTENCES[self.code].weight

    @property
    def zh(self) -> str:
        return SENTENCES[self.code].zh.format(id=self.element_id, **self.facts)

    @property
    def en(self) -> str:
        return SENTENCES[self.code].en.format(id=self.element_id, **self.facts)


def _refused(zh: str, en: str) -> Sentence:
    return Sentence(Weight.REFUSED, zh, en)


def _note(zh: str, en: str) -> Sentence:
    return Sentence(Weight.NOTE, zh, en)


SENTENCES: Final[Mapping[str, Sentence]] = {
    # The instance as a whole.
    "process.other": _refused(
        "新版本沒有流程「{process}」，案件無從對應。",
        "The new version has no process {process}, which the case runs.",
    ),
    "instance.ended": _refused(
        "流程已經結束，沒有可移轉的位置。", "The process has ended; there is nothing to move."
    ),
    "case.suspended": _refused(
        "案件已暫停，而移轉會讓它繼續往下走。請先恢復案件。",
        "The case is suspended, and moving it would let it go on; resume it first.",
    ),
    "case.other": _refused("{zh}", "{en}"),
    "clock.moved": _note("{zh}", "{en}"),
    # What the analyst named.
    "named.unknown": _refused(
        "對應表寫到「{id}」，但{version}沒有這個元件或順序流。",
        "The plan names {id}, but the {version_en} version has no such element or flow.",
    ),
    "named.twice": _refused(
        "對應表把兩個元件或順序流都對到「{id}」，無法分辨。",
        "The plan lets two elements or flows become {id}; they could not be told apart.",
    ),
    "named.no-event": _refused(
        "對應表要重設「{id}」，但它不是等待事件。",
        "The plan arms {id} anew, but it is no event that waits.",
    ),
    # Elements that are active.
    "element.gone": _refused(
        "案件正停在「{id}」，新版本已無此元件。請在對應表指出由哪個元件取代。",
        "The case is at {id}, which is gone; name the element it becomes in the plan.",
    ),
    "element.other-kind": _refused(
        "「{id}」進行中，但新版本把它由{before}改為{after}，做到一半無法換種類。",
        "{id} is at work, but it was {before} and is {after} now; it cannot change half-way.",
    ),
    "element.other-scope": _refused(
        "「{id}」在新版本移到別的子流程裡，進行中的位置無法搬進或搬出子流程。",
        "{id} lies in another sub-process now; a token does not move into or out of one.",
    ),
    "element.renamed": _note(
        "「{before}」在新版本稱為「{id}」。", "{before} is {id} in the new version."
    ),
    "call.other-process": _refused(
        "「{id}」正在執行被呼叫的流程 {before}，新版本改呼叫 {after}。",
        "{id} is inside the called process {before}; the new version calls {after}.",
    ),
    "call.gone": _refused(
        "「{id}」正在執行流程 {process}，新版本沒有這個流程。",
        "{id} is inside the called process {process}, which the new version does not have.",
    ),
    "items.other": _refused(
        "「{id}」已展開多個項目，新版本改了展開方式（{what_zh}），進行中的項目無法對應。",
        "{id} has opened its items, but how it opens them changed ({what}).",
    ),
    "service.other-operation": _refused(
        "「{id}」已向外送出作業 {before}，新版本改為 {after}，答復會對不上。",
        "{id} has asked for the operation {before}; the new version asks for {after}, and the "
        "answer would not fit.",
    ),
    "task.changed": Sentence(
        Weight.TASK,
        "待辦「{name}」（{id}）有變更：{what_zh}。編號、承辦人與已填內容不變。",
        "The open task {name} ({id}) changed: {what}. It keeps its id, assignee and entries.",
    ),
    "inputs.kept": _note(
        "「{id}」的輸入對應有變更；進行中的這次沿用已取得的輸入。",
        "The inputs of {id} changed; the run at work keeps those it took.",
    ),
    "scope.declares": _note(
        "「{id}」新宣告變數 {names}；進行中的沿用目前看得到的值。",
        "{id} declares {names} now; the run at work takes over the values seen there.",
    ),
    # Events that listen.
    "event.other": _refused(
        "「{id}」等待的事件改了（{before} → {after}）。若要改等新的，請在對應表的 rearm 寫明。",
        "What {id} waits for changed ({before} → {after}); name it under `rearm` to wait for the "
        "new one.",
    ),
    "timer.kept": _note(
        "「{id}」的計時設定有變更；已在等的維持原到期時間。",
        "The timer {id} changed; the one that waits keeps its due time.",
    ),
    "condition.other": _note(
        "「{id}」的條件有變更，移轉後依新條件判斷。",
        "The condition of {id} changed and is judged anew from now on.",
    ),
    "wait.rearmed": _note(
        "「{id}」依對應表重新開始等待。", "{id} begins to wait anew, as the plan says."
    ),
    "wait.ends": _note(
        "新版本這裡沒有「{id}」，不再等待它。",
        "The new version does not wait for {id} here any more.",
    ),
    "wait.begins": _note(
        "新版本在此新增「{id}」，移轉時開始等待。",
        "The new version waits for {id} here; it begins to when the case is moved.",
    ),
    "gateway.no-event": _refused(
        "「{id}」後面在新版本沒有可等的事件。",
        "Behind {id} the new version has no event to wait for.",
    ),
    "expression.fails": _refused(
        "移轉時要計算「{id}」的運算式，但算不出來：{message}",
        "Moving needs the value of an expression at {id}, which fails: {message}",
    ),
    # Tokens at joins.
    "join.flow-gone": _refused(
        "有一份進度沿順序流 {flow} 停在匯合處「{id}」，新版本已無此順序流。"
        "請在對應表指出由哪條順序流取代。",
        "A token waits at the join {id} on flow {flow}, which is gone; name the flow it becomes.",
    ),
    "join.flow-moved": _refused(
        "有一份進度沿順序流 {flow} 停在匯合處「{id}」，新版本的這條順序流通往「{after}」。"
        "請在對應表指出現在通往原匯合處的順序流。",
        "A token waits at the join {id} on flow {flow}, which leads to {after} now; name the flow "
        "that leads to the join.",
    ),
    "join.other-kind": _refused(
        "有進度停在匯合處「{id}」，新版本把它由{before}改為{after}。",
        "Tokens wait at the join {id}, which was {before} and is {after} now.",
    ),
    "tokens.apart": _refused(
        "案件同時停在「{id}」與「{other}」，新版本的圖不會同時走到這兩處，之後的步驟會重複或卡住。",
        "The case is at {id} and {other} at once, where the new diagram never is: steps behind "
        "them would be done twice, or wait for ever.",
    ),
    "join.starved": _refused(
        "從現在的位置（{id}）往下走，新版本的匯合處會等不到其他進度。",
        "From where the case is ({id}), a join of the new diagram would wait for tokens that "
        "cannot come.",
    ),
    # What was completed and may be compensated.
    "compensation.gone": _refused(
        "已完成的「{id}」之後可能要補償，但新版本沒有它。",
        "{id} was completed and may have to be compensated, but is gone.",
    ),
    "compensation.lost": _refused(
        "已完成的「{id}」原可補償，新版本拿掉了補償方式。",
        "{id} was completed and could be compensated; the new version has nothing to do so.",
    ),
    "compensation.new": _note(
        "「{id}」在新版本可補償；先前已完成的不在補償之列。",
        "{id} can be compensated in the new version; what was completed before is not.",
    ),
    # Deeds on tokens.
    "token.unknown": _refused(
        "案件裡沒有這個位置，可能已經往下走了。請重新整理再看。",
        "There is no such token in the case; it may have gone on. Look again.",
    ),
    "token.not-movable": _refused(
        "「{id}」本身不能這樣處理；請改選它裡面或外面的步驟。",
        "This cannot be done to {id} itself; choose a step inside or around it.",
    ),
    "token.in-items": _refused(
        "「{id}」是多項並行中的一項，只能略過或重做，不能搬動。",
        "{id} belongs to one item of a multi-instance: it can be skipped or repeated, not moved.",
    ),
    "token.in-ad-hoc": _refused(
        "「{id}」在特設子流程裡，沒有畫出順序，只能略過或重做。",
        "{id} lies in an ad-hoc sub-process, which has no order: skip or repeat it.",
    ),
    "token.in-compensation": _refused(
        "「{id}」所在的範圍正在補償或已被中斷，不能在裡面搬動。",
        "The scope of {id} is being compensated or was interrupted; tokens do not move in it.",
    ),
    "token.no-target": _refused(
        "目前的版本沒有「{id}」，或它不能由人指定開始。",
        "There is no {id} in this version, or it is nothing that a person can begin.",
    ),
    "token.other-scope": _refused(
        "「{id}」在別的子流程裡，不能從外面直接進去或從裡面直接出來。",
        "{id} lies in another sub-process; a token does not move into or out of one.",
    ),
    "token.last": _refused(
        "這是此範圍最後一份進度；取消後流程會不經結束就停止。請改為略過、搬動，或撤回案件。",
        "This is the last token of its scope: without it the process would end without reaching "
        "an end. Skip or move it, or withdraw the case.",
    ),
    "token.apart": _refused(
        "這樣會同時停在「{id}」與「{other}」，圖上不會同時走到這兩處，之後的步驟會重複或卡住。",
        "The case would be at {id} and {other} at once, where the diagram never is: steps behind "
        "them would be done twice, or wait for ever.",
    ),
    "token.starved": _refused(
        "這樣做之後，圖上的匯合處會永遠等不到其他進度，流程無法結束。",
        "After this, a join of the diagram would wait for tokens that cannot come: the process "
        "could not end.",
    ),
    "skip.needs-values": _refused(
        "略過「{id}」前，請先給後面要用的值：{names}。",
        "Give what is needed behind {id} before it is skipped: {names}.",
    ),
    "skip.compensated": _refused(
        "「{id}」在這裡完成後可被補償，不能當作做過而略過。",
        "{id} could be compensated once it is completed here; it cannot be skipped as if done.",
    ),
    "deed.incident": _refused(
        "這樣做會馬上卡在「{id}」：{message}",
        "This would stop at once at {id}: {message}",
    ),
    "deed.values": _refused("給的值不能用：{message}", "These values cannot be taken: {message}"),
}
