# sizes: exempt — a table of sentences
"""Every action that is written to the history, and how it is told in Chinese and English.

`{actor}` is the person (or the system), `{element}` the name of the step; all other names in
braces are facts of the row's `detail`. A missing fact is shown as a dash, never as an error: an
old row must stay readable.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine import incident_words, purposes, story_words
from engine.minguo import format_date, format_end, format_instant


@dataclass(frozen=True, slots=True)
class Sentence:
    zh: str
    en: str
    routine: bool = False  # of interest only to those who look for a fault


def _said(zh: str, en: str) -> Sentence:
    return Sentence(zh, en)


def _routine(zh: str, en: str) -> Sentence:
    return Sentence(zh, en, routine=True)


SENTENCES: Mapping[str, Sentence] = {
    # cases
    "case.filed": _said("{actor}收件，案號 {number}", "{actor} filed the case as {number}"),
    "case.proven_by_certificate": _said(
        "申請人以自然人憑證驗證身分（驗證序號 {reference}）",
        "The applicant proved who they are by citizen certificate (reference {reference})",
    ),
    "case.closed": _said("案件辦結（{ended}）", "The case was closed ({ended})"),
    "case.withdrawn": _said("{actor}登記撤回", "{actor} withdrew the case"),
    "case.suspended": _said("{actor}暫停案件", "{actor} suspended the case"),
    "case.resumed": _said("{actor}恢復案件", "{actor} resumed the case"),
    "case.annotated": _said("{actor}加了註記", "{actor} added a note"),
    "case.revealed": _said(
        "{actor}查看個人資料 {paths}，事由：{purpose}",
        "{actor} looked at personal data {paths}; purpose: {purpose}",
    ),
    "case.searched": _said(
        "{actor}以{by}查詢案件，找到 {found} 件，事由：{purpose}",
        "{actor} searched cases by {by} and found {found}; purpose: {purpose}",
    ),
    "case.linked": _said(
        "{actor}將本案與 {other} 建立關聯（{link}）",
        "{actor} linked this case with {other} ({link})",
    ),
    "case.unlinked": _said(
        "{actor}取消本案與 {other} 的關聯", "{actor} unlinked this case from {other}"
    ),
    "case.data_read": _said(
        "{actor}為辦理「{element}」查看個人資料",
        "{actor} saw personal data while working on “{element}”",
    ),
    "status_code.issued": _said(
        "{actor}另發新的查詢碼，原查詢碼失效",
        "{actor} gave the case a new query code; the former is void",
    ),
    "draft.begun": _said(
        "{actor}開始填寫 {package} 的草稿", "{actor} began a draft of {package} to file"
    ),
    "draft.discarded": _said(
        "{actor}刪除 {package} 的草稿", "{actor} discarded the draft of {package}"
    ),
    "case.data_changed": _said(
        "{actor}更新個人資料欄位 {paths}", "{actor} changed personal data fields {paths}"
    ),
    "case.transferred": _said(
        "{actor}將案件移轉至 {to_office}：{reason}",
        "{actor} handed the case over to {to_office_en}: {reason}",
    ),
    "case.desk_chosen": _said("由「{desk}」受理", "It is served at “{desk_en}”"),
    "case.owner_named": _said("全程承辦人：{owner}", "{owner} answers for the case"),
    "case.owner_changed": _said(
        "{actor}將全程承辦人由 {former} 改為 {owner}：{reason}",
        "{actor} made {owner} answer for the case instead of {former}: {reason}",
    ),
    "case.owner_left": _said(
        "全程承辦人 {former} 已離職，待指定",
        "{former}, who answered for the case, has left; somebody has to be named",
    ),
    "office.owned_changed": _said(
        "{actor}將全程承辦之流程由 {before} 改為 {after}",
        "{actor} changed the processes whose cases have an owner from {before} to {after}",
    ),
    "desk.kept": _said("{actor}儲存櫃檯「{desk}」", "{actor} saved the desk “{desk}”"),
    "desk.closed": _said("{actor}停用櫃檯「{desk}」", "{actor} took the desk “{desk}” out of use"),
    "case.migrated": _said(
        "{actor}將案件由流程第 {former} 版轉到第 {version} 版",
        "{actor} moved the case from version {former} of its process to version {version}",
    ),
    "token.moved": _said(
        "{actor}將「{element}」的進度移到「{to}」，並說明理由",
        "{actor} moved the case from “{element}” to “{to}”, with a reason",
    ),
    "token.added": _said(
        "{actor}另從「{to}」開始一份進度，並說明理由",
        "{actor} let a further branch begin at “{to}”, with a reason",
    ),
    "token.cancelled": _said(
        "{actor}取消「{element}」的進度，並說明理由",
        "{actor} cancelled the branch at “{element}”, with a reason",
    ),
    "activity.skipped": _said(
        "{actor}略過「{element}」，並說明理由", "{actor} skipped “{element}”, with a reason"
    ),
    "activity.repeated": _said(
        "{actor}要求重做「{element}」，並說明理由",
        "{actor} let “{element}” be done again, with a reason",
    ),
    "migration.planned": _said(
        "{actor}提出將 {package} 第 {former} 版的案件移到第 {version} 版",
        "{actor} proposed to move cases of {package} from version {former} to version {version}",
    ),
    "migration.approved": _said(
        "{actor}核可將 {package} 第 {former} 版的案件移到第 {version} 版",
        "{actor} approved moving cases of {package} from version {former} to version {version}",
    ),
    "migration.refused": _said(
        "{actor}退回 {package} 的移轉計畫", "{actor} refused the plan to move cases of {package}"
    ),
    "migration.done": _said(
        "{package} 的移轉完成：{moved} 件已移轉，{left} 件留在原版本",
        "The cases of {package} were moved: {moved} moved, {left} left where they were",
    ),
    "user_task.changed": _said(
        "待辦「{element}」依新版流程變更",
        "The task “{element}” changed with the new version",
    ),
    "element.renamed": _routine(
        "步驟「{before}」在新版稱為「{element}」",
        "The step “{before}” is called “{element}” now",
    ),
    # files of a case
    "attachment.added": _said("{actor}加入附件", "{actor} added a file"),
    "attachment.looked_at": _said(
        "{actor}查看附件，事由：{purpose}", "{actor} looked at a file; purpose: {purpose}"
    ),
    "attachment.withdrawn": _said(
        "{actor}移除附件，內容已銷毀", "{actor} took a file out; its content was destroyed"
    ),
    "attachment.passed": _routine("附件通過掃毒", "A file passed the virus scan"),
    "attachment.infected": _said(
        "附件含病毒（{found}），內容已銷毀", "A file held a virus ({found}); it was destroyed"
    ),
    # elements of the diagram
    "element.activated": _routine("進入「{element}」", "“{element}” began"),
    "element.completed": _routine("完成「{element}」", "“{element}” was completed"),
    "element.terminated": _routine("「{element}」被中斷", "“{element}” was interrupted"),
    "escalation.uncaught": _routine(
        "「{element}」發出升級事件 {code}，流程未另行處理",
        "“{element}” raised the escalation {code}, which nothing in the diagram handles",
    ),
    "decision.evaluated": _routine(
        "「{element}」依決策表判定，適用第 {rows} 列",
        "“{element}” was decided by its table, row {rows}",
    ),
    # user tasks
    "user_task.created": _routine("待辦「{element}」產生", "The task “{element}” was opened"),
    "user_task.claimed": _said("{actor}領取「{element}」", "{actor} claimed “{element}”"),
    "user_task.released": _said("{actor}釋回「{element}」", "{actor} gave back “{element}”"),
    "user_task.assigned": _said(
        "{actor}將「{element}」改派給 {assignee}：{reason}",
        "{actor} assigned “{element}” to {assignee}: {reason}",
    ),
    "duty.changed": _said(
        "{actor}改定期業務「{title_zh}」：{after}（{source}）",
        "{actor} changed the calendar duty “{title_en}”: {after} ({source})",
    ),
    "user_task.opened": _said(
        "「{element}」開放後線支援辦理（{number}）",
        "“{element}” was opened to the back office, to help the counter ({number})",
    ),
    "user_task.completed": _said(
        "{actor}完成「{element}」{outcome_zh}", "{actor} completed “{element}”{outcome_en}"
    ),
    "user_task.returned": _said(
        "{actor}將「{element}」退回更正（{error_class}）",
        "{actor} returned “{element}” for correction ({error_class})",
    ),
    "user_task.claim_undone": _said(
        "{actor}收回剛才的領取「{element}」", "{actor} undid the claim of “{element}”"
    ),
    "user_task.handed_over": _said(
        "{actor}為「{element}」留下交接事項", "{actor} left a hand-over note on “{element}”"
    ),
    "user_task.cancelled": _routine("待辦「{element}」取消", "The task “{element}” was cancelled"),
    # service tasks
    "service_task.requested": _routine(
        "「{element}」開始自動作業 {operation}", "“{element}” started the operation {operation}"
    ),
    "service_task.completed": _routine(
        "「{element}」自動作業完成", "The operation of “{element}” was completed"
    ),
    "service_task.failed": _said(
        "「{element}」自動作業未能完成",
        "The operation of “{element}” could not be done",
    ),
    "service_task.cancelled": _routine(
        "「{element}」自動作業取消", "The operation of “{element}” was cancelled"
    ),
    # timers, messages, signals
    "timer.scheduled": _routine("「{element}」計時至 {due_at}", "“{element}” waits until {due_at}"),
    "timer.fired": _routine("「{element}」的時間到了", "The time of “{element}” has come"),
    "timer.cancelled": _routine("「{element}」的計時取消", "The timer “{element}” was cancelled"),
    "message.awaited": _routine("等候訊息「{message}」", "Waiting for the message “{message}”"),
    "message.received": _said("收到訊息「{message}」", "The message “{message}” arrived"),
    "message.correlated": _said(
        "收到 {peer} 的訊息「{message}」", "The message “{message}” arrived from {peer}"
    ),
    "message.sent": _said("{actor}送入訊息「{message}」", "{actor} sent the message “{message}”"),
    "message.thrown": _said("發出訊息「{message}」", "The message “{message}” was sent"),
    "message.wait_cancelled": _routine(
        "不再等候訊息「{message}」", "The message “{message}” is no longer awaited"
    ),
    "message.forwarded": _said(
        "訊息「{message}」隨案件轉往移轉後的機關",
        "The message “{message}” was sent after its case to the office that has it now",
    ),
    "message.early": _routine(
        "訊息「{message}」先到，暫存", "The message “{message}” came early and is kept"
    ),
    "message.quarantined": _said(
        "訊息「{message}」無法歸案，已隔離：{reason}",
        "The message “{message}” was quarantined: {reason}",
    ),
    "message.expired": _said("訊息「{message}」逾時作廢", "The message “{message}” expired"),
    "signal.awaited": _routine("等候廣播「{signal}」", "Waiting for the signal “{signal}”"),
    "signal.wait_ended": _routine(
        "不再等候廣播「{signal}」", "The signal “{signal}” is no longer awaited"
    ),
    "signal.received": _routine("收到廣播「{signal}」", "The signal “{signal}” arrived"),
    "signal.thrown": _routine("發出廣播「{signal}」", "The signal “{signal}” was sent"),
    # incidents
    "incident.raised": _said(
        "發生異常，需要處理：{incident}", "An incident needs somebody: {incident}"
    ),
    "incident.retried": _said(
        "{actor}重試異常（{incident}）", "{actor} retried the incident ({incident})"
    ),
    "incident.resolved": _said(
        "{actor}排除異常：{resolution}", "{actor} resolved the incident: {resolution}"
    ),
    # legal time
    "clock.started": _said(
        "期限「{clock}」起算，{due_at} 屆滿", "The clock “{clock}” started; due {due_at}"
    ),
    "clock.paused": _said(
        "期限「{clock}」停止計算（{ground}）", "The clock “{clock}” was paused ({ground})"
    ),
    "clock.resumed": _said(
        "期限「{clock}」繼續計算，{due_at} 屆滿", "The clock “{clock}” goes on; due {due_at}"
    ),
    "clock.extended": _said(
        "{actor}延長期限「{clock}」至 {due_at}：{reason}",
        "{actor} extended the clock “{clock}” to {due_at}: {reason}",
    ),
    "clock.extension_asked": _said(
        "{actor}申請延長期限「{clock}」：{reason}",
        "{actor} asked for an extension of the clock “{clock}”: {reason}",
    ),
    "clock.extension_refused": _said(
        "{actor}不予核准延長期限「{clock}」：{reason}",
        "{actor} refused to extend the clock “{clock}”: {reason}",
    ),
    "clock.extension_withdrawn": _said(
        "{actor}撤回延長期限「{clock}」的申請",
        "{actor} took back the request to extend the clock “{clock}”",
    ),
    "clock.transferred": _said(
        "期限「{clock}」隨案移轉，{policy}，{due_at} 屆滿",
        "The clock “{clock}” went with the case and {policy}; due {due_at}",
    ),
    "clock.ladder_moved": _said(
        "期限「{clock}」改依階梯 {ladder} 第 {version} 版",
        "The clock “{clock}” goes on with version {version} of ladder {ladder}",
    ),
    "clock.recalculated": _said(
        "行事曆變更，期限「{clock}」由 {due_before} 改為 {due_at}",
        "The calendar changed: the clock “{clock}” moved from {due_before} to {due_at}",
    ),
    "clock.stopped": _said("期限「{clock}」終止計算", "The clock “{clock}” was stopped"),
    "clock.met": _said("在期限「{clock}」內辦畢", "The clock “{clock}” was met"),
    "clock.warned": _said(
        "期限「{clock}」已過 {point}，通知 {to}",
        "The clock “{clock}” passed {point}; told: {to}",
    ),
    "clock.escalated": _said(
        "期限「{clock}」逾期（{point}），陳報 {to}",
        "The clock “{clock}” is overdue ({point}); escalated to {to}",
    ),
    "clock.delay_due": _said(
        "期限「{clock}」（{point}）：請 {to} 告知申請人遲延的原因",
        "The clock “{clock}” ({point}); {to}: tell the applicant the reason of the delay",
    ),
    "clock.delay_known": _said(
        "期限「{clock}」（{point}）：申請人先前已受告知遲延的原因",
        "The clock “{clock}” ({point}): the applicant had been told of the delay before",
    ),
    "overdue.listed": _said(
        "{month} 月底逾期案件清單：{cases} 案，通知 {told} 人",
        "The list of cases overdue at the end of {month}: {cases} cases, {told} people told",
    ),
    "clock.chased": _said(
        "期限「{clock}」逾期，啟動查催", "The clock “{clock}” is overdue; a chase was started"
    ),
    "clock.prompted": _said(
        "期間「{clock}」已滿（{point}），請 {to} 採取下一個依法可為的處置",
        "The term “{clock}” is over ({point}); {to}: take the next lawful act",
    ),
    "case.chase_asked": _said(
        "{actor}發出查催單，請承辦人敘明原因與新期限",
        "{actor} sent a chase slip asking for the reason and a new date",
    ),
    "case.doubtful": _said(
        "{actor}認有疑義，改以人民申請案件處理（回執 {number}）",
        "{actor} found it doubtful; it goes on as an application case (receipt {number})",
    ),
    "case.delay_told": _said(
        "{actor}以通知 {number} 告知申請人遲延的原因",
        "{actor} told the applicant the reason of the delay by notice {number}",
    ),
    "calendar.recalculated": _said(
        "{day} 之變更重算完成：共 {looked_at} 案，變動 {moved} 個期限",
        "The edit of {day} is worked through: {looked_at} cases looked at, {moved} limits moved",
    ),
    "calendar.edit_proposed": _said(
        "{actor}提出變更 {day} 的行事曆：{reason}",
        "{actor} proposed to change {day} in the calendar: {reason}",
    ),
    "calendar.edit_refused": _said(
        "{actor}不予核准 {day} 的行事曆變更：{reason}",
        "{actor} refused the change of {day} in the calendar: {reason}",
    ),
    "calendar.edit_withdrawn": _said(
        "{actor}撤回 {day} 的行事曆變更", "{actor} took back the change of {day} in the calendar"
    ),
    "rule.edit_proposed": _said(
        "{actor}提出期限規則 {rule} 的新版本：{reason}",
        "{actor} proposed a new version of the rule {rule}: {reason}",
    ),
    "rule.edit_refused": _said(
        "{actor}不予核准期限規則 {rule} 的新版本：{reason}",
        "{actor} refused the new version of the rule {rule}: {reason}",
    ),
    "rule.edit_withdrawn": _said(
        "{actor}撤回期限規則 {rule} 的新版本",
        "{actor} took back the new version of the rule {rule}",
    ),
    "rule.entered": _said(
        "{actor}登錄期限規則 {rule} 的新版本（自 {from} 適用）：{source}",
        "{actor} entered a new version of the rule {rule} (from {from}): {source}",
    ),
    "calendar.day_entered": _said(
        "{actor}登錄 {day} 為{kind_of_day}：{reason}",
        "{actor} entered {day} as {kind_of_day}: {reason}",
    ),
    "calendar.closure_entered": _said(
        "{actor}登錄 {day} 停止上班：{reason}", "{actor} closed the office on {day}: {reason}"
    ),
    # agencies and applicants
    "notification.answered": _said(
        "{agency} 已回覆查詢（{reference}）", "{agency} answered the look-up ({reference})"
    ),
    "notification.queued": _said(
        "通報 {agency} 已排入，欄位：{fields}", "A notification to {agency} was queued: {fields}"
    ),
    "notification.sent": _said("已通報 {agency}", "{agency} was notified"),
    "notification.confirmed": _said(
        "{agency} 已確認（{reference}）", "{agency} confirmed ({reference})"
    ),
    "notification.rejected": _said("{agency} 退回：{reason}", "{agency} rejected: {reason}"),
    "notification.attempt_failed": _routine(
        "通報 {agency} 未成，稍後再試：{why}",
        "{agency} could not be reached and will be tried again: {why}",
    ),
    "notification.failed": _said(
        "通報 {agency} 失敗：{why}", "The notification to {agency} failed: {why}"
    ),
    "notification.retried": _said("{actor}重送通報 {agency}", "{actor} sent to {agency} again"),
    "notification.cancelled": _said(
        "取消通報 {agency}", "The notification to {agency} was cancelled"
    ),
    "sms.sent": _routine("已發送簡訊", "A text message was sent"),
    "sms.attempt_failed": _routine(
        "簡訊發送失敗，稍後再送", "A text message could not be sent; it is tried again"
    ),
    "sms.failed": _said("簡訊發送失敗：{why}", "A text message could not be sent: {why}"),
    "mail.sent": _routine("已寄出通知信", "A mail was sent"),
    "mail.attempt_failed": _routine(
        "通知信未寄成，稍後再試：{why}", "A mail was not taken and will be tried again: {why}"
    ),
    "mail.failed": _said("通知信寄送失敗：{why}", "A mail could not be sent: {why}"),
    "notice.issued": _said(
        "寄發通知 {number}（{kind}，{channel}）",
        "Notice {number} was issued ({kind}, by {channel})",
    ),
    "notice.served": _said(
        "通知 {number} 於 {served_on} 送達", "Notice {number} was served on {served_on}"
    ),
    "notice.returned": _said(
        "{actor}登錄通知 {number} 於 {returned_on} 退回：{reason}",
        "{actor} entered that notice {number} came back on {returned_on}: {reason}",
    ),
    "notice.sent_again": _said(
        "{actor}重新寄發通知 {number}（{channel}）：{reason}",
        "{actor} sent notice {number} again, by {channel}: {reason}",
    ),
    "notice.voided": _said(
        "{actor}將通知 {number} 作廢：{reason}", "{actor} made notice {number} void: {reason}"
    ),
    "wording.chosen": _said(
        "{actor}變更通知書用語 {kind}（第 {version} 版）：{reason}",
        "{actor} changed the wording of notices {kind} (version {version}): {reason}",
    ),
    # definitions
    "definition.deployed": _said(
        "{actor}部署流程 {package} 第 {version} 版",
        "{actor} deployed {package} version {version}",
    ),
    "definition.proposed": _said(
        "{actor}提出流程 {package} 第 {version} 版，待另一人核准",
        "{actor} proposed {package} version {version} for somebody else to approve",
    ),
    "definition.refused": _said(
        "{actor}退回流程 {package} 第 {version} 版",
        "{actor} refused {package} version {version}",
    ),
    "package.draft_begun": _said(
        "{actor}開始編修流程 {package} 的草稿", "{actor} began a draft of {package}"
    ),
    "package.draft_saved": _routine(
        "{actor}儲存流程 {package} 的草稿第 {number} 版",
        "{actor} saved version {number} of a draft of {package}",
    ),
    "package.draft_set_aside": _said(
        "{actor}擱置流程 {package} 的草稿", "{actor} set a draft of {package} aside"
    ),
    "package.draft_taken_up": _said(
        "{actor}重新編修流程 {package} 的草稿", "{actor} took a draft of {package} up again"
    ),
    "definition.retired": _said("{actor}停用流程 {package}", "{actor} took {package} out of use"),
    # offices and people
    "office.created": _said("{actor}建立機關 {office}", "{actor} created the office {office}"),
    "office.contact_changed": _said(
        "{actor}變更機關的聯絡資料：{fields}",
        "{actor} changed how the office is reached: {fields}",
    ),
    "office.setting_changed": _said(
        "{actor}變更設定 {setting}：{before} → {after}（{source}）",
        "{actor} changed the setting {setting}: {before} → {after} ({source})",
    ),
    "agency.paused": _said(
        "{actor}暫停傳送給 {agency}：{reason}", "{actor} paused sending to {agency}: {reason}"
    ),
    "agency.resumed": _said("{actor}恢復傳送給 {agency}", "{actor} resumed sending to {agency}"),
    "installation.backed_up": _said("完成備份", "A backup was made"),
    "installation.restored": _said(
        "由 {made_at} 的備份還原", "Restored from the backup of {made_at}"
    ),
    "keys.rotated": _said(
        "更換主金鑰為 {key}，重新封裝 {count} 支資料金鑰",
        "The master key was rotated to {key}; {count} data keys were wrapped anew",
    ),
    "person.created": _said("{actor}建立人員", "{actor} created a member of staff"),
    "person.joined": _said(
        "{actor}將人員加入群組 {group}", "{actor} put a person into the group {group}"
    ),
    "person.left": _said(
        "{actor}將人員移出群組 {group}", "{actor} took a person out of the group {group}"
    ),
    "person.changed": _said("{actor}更正人員資料", "{actor} changed a person’s entry"),
    "person.left_service": _said(
        "{actor}登錄離職（最後上班日 {last_day}，釋回 {tasks} 件）：{reason}",
        "{actor} ended the service of a person (last day {last_day}, {tasks} tasks given back): "
        "{reason}",
    ),
    "person.grant_asked": _said(
        "{actor}申請授予 {group}：{reason}", "{actor} asked to grant {group}: {reason}"
    ),
    "person.grant_approved": _said("{actor}同意授予 {group}", "{actor} approved {group}"),
    "person.grant_refused": _said("{actor}不同意授予 {group}", "{actor} refused {group}"),
    "person.absence_ended": _said(
        "{actor}取消請假 {first_day} 至 {last_day}",
        "{actor} took back the absence from {first_day} to {last_day}",
    ),
    "person.absence_set": _said(
        "{actor}登錄請假 {first_day} 至 {last_day}",
        "{actor} entered an absence from {first_day} to {last_day}",
    ),
    "person.language_chosen": _said(
        "{actor}選擇通知信的語言 {language}", "{actor} chose {language} for mails"
    ),
    "notice_choice.changed": _said(
        "{actor}調整通知方式（{kind}）", "{actor} changed how to be told ({kind})"
    ),
    "ladder.changed": _said(
        "{actor}將 {point} 的通知對象由 {before} 改為 {to}",
        "{actor} changed who is told at {point} from {before} to {to}",
    ),
    "account.created": _said("{actor}建立帳號", "{actor} created an account"),
    "account.password_changed": _said("變更密碼", "The password was changed"),
    "account.password_set": _said("{actor}重設密碼", "{actor} set a new password"),
    "account.signed_in": _said("登入", "Signed in"),
    "account.sign_in_failed": _said("登入失敗", "A sign-in failed"),
    "account.locked": _said(
        "帳號鎖定至 {locked_until}", "The account was locked until {locked_until}"
    ),
    "account.unlocked": _said("{actor}解除帳號鎖定", "{actor} unlocked the account"),
    "account.disabled": _said(
        "{actor}停用帳號：{reason}", "{actor} took the account out of use: {reason}"
    ),
    "account.unused": _said(
        "帳號 {days} 天未使用，停用", "The account was not used for {days} days and is out of use"
    ),
    "account.locked_by_hand": _said(
        "{actor}鎖定帳號：{reason}", "{actor} locked the account: {reason}"
    ),
    "account.enabled": _said(
        "{actor}恢復帳號：{reason}", "{actor} brought the account back into use: {reason}"
    ),
    "account.signed_out": _said("登出", "Signed out"),
}

SYSTEM_NAMES = ("系統", "The system")
_MISSING = "—"
_ENDS = frozenset({"due_at", "due_before"})
"""Facts that say when a limit ends."""


# What diagrams, limits and ladders call things, in words. Other names are shown as they are.
_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "incident": incident_words.TITLES,
    "group": {
        "counter": ("櫃檯", "counter"),
        "reviewer": ("後線複核", "back office"),
        "records": ("檔案", "records"),
        "chief": ("課長", "section chief"),
        "secretary": ("秘書", "secretary"),
        "director": ("主任", "director"),
        "data": ("資料管理", "data"),
        "field": ("外勤查實", "field"),
        "petition": ("陳情", "petitions"),
        "control": ("研考", "control"),
        "analyst": ("流程設計員", "analyst"),
        "operator": ("系統管理", "operator"),
        "auditor": ("稽核", "auditor"),
    },
    "kind_of_day": {
        "working_day": ("上班日", "a working day"),
        "day_off": ("放假日", "a day off"),
    },
    "error_class": {
        "typing": ("登打錯誤", "typing error"),
        "paper_mismatch": ("與證件不符", "differs from the papers"),
        "wrong_law": ("適用法令錯誤", "wrong law applied"),
        "missing_entry": ("漏登", "missing entry"),
        "missing_scan": ("漏掃描", "missing scan"),
        "other": ("其他", "other"),
    },
    "policy": {
        "goes_on": ("續算", "goes on"),
        "restarts": ("重行起算", "begins anew"),
    },
    "point": {
        "0.5": ("50 %", "50 %"),
        "0.8": ("80 %", "80 %"),
        "due": ("期限屆滿", "the due time"),
        "due+1wd": ("逾期 1 工作日", "1 working day after"),
        "due+3wd": ("逾期 3 工作日", "3 working days after"),
    },
    "to": {
        "owner": ("承辦人", "the assignee"),
        "chief": ("課長", "the section chief"),
        "secretary": ("秘書", "the secretary"),
        "director": ("主任", "the director"),
        "owner+chief": ("承辦人、課長", "the assignee and the section chief"),
        "control": ("研考", "control"),
        "counter": ("櫃檯", "the counter"),
        "reviewer": ("後線", "the reviewers"),
        "records": ("檔案", "records"),
        "data": ("資料", "data"),
        "field": ("外勤", "the field officers"),
        "petition": ("陳情", "petitions"),
        "analyst": ("流程設計", "the analysts"),
        "operator": ("系統管理", "the operators"),
    },
}


def is_routine(action: str) -> bool:
    """Say whether the action is of interest only to those who look for a fault."""
    return (known := SENTENCES.get(action)) is not None and known.routine


def sentences(action: str, facts: Mapping[str, Any], actor_name: str) -> tuple[str, str]:
    """Tell the action in Chinese and in English. `actor_name` is empty for the system."""
    known = SENTENCES.get(action)
    if known is None:
        return action, action
    outcome = _outcome(facts.get("outcome"), facts.get("outcome_words"))
    told = {**_derived(facts), **facts, **outcome}
    zh_name, en_name = (actor_name, actor_name) if actor_name else SYSTEM_NAMES
    return (
        _fill(known.zh, told, zh_name, "zh-TW"),
        _fill(known.en, told, en_name, "en"),
    )


def outcome_words(outcome: str) -> tuple[str, str]:
    """An outcome in Chinese and English, where no form says it in better words."""
    return story_words.OUTCOMES.get(outcome, (outcome, outcome))


def _derived(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts under the names by which their words are found."""
    rules = [str(rule).rpartition(":")[2] for rule in facts.get("rules") or ()]
    return {"ended": facts.get("outcome"), "rows": rules, "incident": facts.get("code")}


def _outcome(outcome: Any, words: Any) -> dict[str, str]:
    if not outcome:
        return {"outcome_zh": "", "outcome_en": ""}
    zh, en = words or outcome_words(str(outcome))
    return {"outcome_zh": f"（{zh}）", "outcome_en": f" ({en})"}


def _fill(template: str, facts: Mapping[str, Any], actor: str, lang: str) -> str:
    parts = []
    for text, name, _spec, _conversion in string.Formatter().parse(template):
        parts.append(text)
        if name == "actor":
            parts.append(actor)
        elif name is not None:
            parts.append(_named(name, facts.get(name), lang))
    return "".join(parts)


_given: dict[str, Mapping[str, tuple[str, str]]] = {}


def use_words(fact: str, words: Mapping[str, tuple[str, str]]) -> None:
    """Give the words for the values of a fact that only others know, such as agencies' names."""
    _given[fact] = words


def _named(name: str, value: Any, lang: str) -> str:
    if name == "purpose" and isinstance(value, str):
        return purposes.told(value, lang)
    if isinstance(value, list | tuple):
        comma = "、" if lang.startswith("zh") else ", "
        return comma.join(_named(name, each, lang) for each in value) or _MISSING
    words = _words(name, value) if isinstance(value, str) else None
    if words is None:
        return _shown(value, lang, is_end=name in _ENDS)
    return words[0] if lang.startswith("zh") else words[1]


def _words(name: str, value: str) -> tuple[str, str] | None:
    if name == "peer" and value.startswith("case:"):
        return "另一案件", "another case"
    for known in (_WORDS, story_words.WORDS, _given):
        if (words := known.get(name, {}).get(value)) is not None:
            return words
    return None


def _shown(value: Any, lang: str, *, is_end: bool = False) -> str:
    match value:
        case None:
            return _MISSING
        case str():
            return _date_or_text(value, lang, is_end=is_end)
        case _:
            return str(value)


def _date_or_text(text: str, lang: str, *, is_end: bool) -> str:
    """Facts are JSON, so dates and instants come as ISO 8601 text."""
    if len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-":
        try:
            if len(text) == 10:
                return format_date(date.fromisoformat(text), lang)
            instant = datetime.fromisoformat(text)
        except ValueError:
            return text
        written = format_end if is_end else format_instant
        return written(instant, lang) if instant.tzinfo else text
    return text
