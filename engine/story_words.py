# sizes: exempt — a table of words
"""What diagrams, limits and ladders call things, in words: Chinese and English.

By the name of the fact that holds the code. Names that are not here are shown as they are, so an
analyst's new clock is readable before anybody has worded it.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine import purposes

Words = Mapping[str, tuple[str, str]]

CLOCKS: Words = {
    "processing": ("處理期限", "processing time"),
    "statutory": ("法定申請期間", "statutory window"),
    "counter": ("本所作業時間", "time at the counter"),
    "check_papers": ("收件檢核期限", "time for checking papers"),
    "entry": ("登錄期限", "time for entry"),
    "review": ("複核期限", "time for review"),
    "filing": ("歸檔期限", "time for filing away"),
    "residence_check": ("居住查實期限", "time for the residence check"),
    "correction": ("補正期間", "term for supplying papers"),
    "dunning": ("催告期限", "term of the demand"),
    "collection": ("領取期限", "term for collection"),
    "public_notice": ("公示送達期間", "term of the public notice"),
    "public_notice_abroad": ("國外公示送達期間", "term of the public notice abroad"),
    "identity_confirmation": ("身分確認有效期間", "validity of the identity check"),
}

NOTICES: Words = {
    "receipt": ("收件回執", "receipt"),
    "one_time_notice": ("一次告知單", "notice of all missing papers"),
    "progress": ("進度通知", "progress notice"),
    "delay": ("遲延通知", "notice of delay"),
    "result": ("結果通知", "notice of the result"),
    "pick_up": ("領件通知", "notice to collect"),
    "reminder": ("提醒", "reminder"),
    "overdue_duty": ("逾期未申請通知", "notice of an overdue duty"),
    "friendly_notice": ("溫馨提醒", "friendly notice"),
    "dunning": ("催告書", "demand"),
    "public_notice": ("公示送達", "public notice"),
    "ex_officio": ("逕為登記通知", "notice of ex-officio registration"),
    "not_accepted": ("不予受理通知", "notice of non-acceptance"),
    "refusal": ("駁回通知", "notice of refusal"),
    "fine": ("裁處書", "penalty notice"),
    "hearing": ("陳述意見通知", "invitation to be heard"),
}

CHANNELS: Words = {
    "counter": ("臨櫃", "the counter"),
    "post": ("郵寄", "post"),
    "online": ("線上", "online"),
    "agency": ("他機關", "another agency"),
    "system": ("系統", "the system"),
    "message": ("他機關通報", "a report of another agency"),
    "rung": ("催辦", "the overdue ladder"),
    "letter": ("信函", "letter"),
    "email": ("電子郵件", "e-mail"),
    "sms": ("簡訊", "text message"),
    "phone": ("電話", "phone"),
    "public": ("公示", "public notice"),
}

OUTCOMES: Words = {  # of user tasks, where no form says it in better words
    "approve": ("核可", "approved"),
    "correct": ("更正", "corrected"),
    "return": ("退回", "returned"),
    "reject": ("駁回", "rejected"),
    "accept": ("受理", "accepted"),
    "complete": ("文件齊全", "papers complete"),
    "missing": ("缺件", "papers missing"),
    "refuse": ("不予受理", "refused"),
    "other_office": ("移由他所", "for another office"),
    "confirmed": ("確認", "confirmed"),
    "doubtful": ("有疑義", "doubtful"),
    "forged": ("疑似偽造", "suspected forgery"),
    "paid": ("已繳費", "paid"),
    "slip": ("開立繳費單", "payment slip issued"),
    "waiver": ("申請免收", "waiver asked for"),
    "served": ("已送達", "served"),
    "not_served": ("未能送達", "not served"),
    "returned": ("退件", "sent back"),
}

ENDS: Words = {  # how a case ended
    "registered": ("已登記", "registered"),
    "withdrawn": ("撤回", "withdrawn"),
    "refused": ("駁回", "refused"),
    "not_accepted": ("不予受理", "not accepted"),
    "issued": ("已核發", "issued"),
    "completed": ("完成", "completed"),
    "closed": ("完成", "completed"),
    "ex_officio": ("逕為登記", "registered ex officio"),
    "identity_confirmed": ("身分已確認", "identity confirmed"),
    "identity_refused": ("身分不予確認", "identity not confirmed"),
    "office_address": ("逕遷戶政事務所", "moved to the office's address"),
    "other_office": ("移由他所辦理", "handed to another office"),
    "lapsed": ("期間經過失效", "lapsed"),
    "stopped": ("終止", "stopped"),
    "void": ("作廢", "void"),
}

FIELDS: Words = {  # that agencies are sent
    "case_number": ("案號", "Case number"),
    "mailing_address": ("通訊地址", "Mailing address"),
    "name": ("姓名", "Name"),
    "id_number": ("統一編號", "ID number"),
    "old_address": ("原址", "Old address"),
    "new_address": ("新址", "New address"),
    "address": ("地址", "Address"),
    "effective_date": ("生效日", "Effective date"),
    "birth_date": ("出生日期", "Date of birth"),
    "child_name": ("子女姓名", "Child's name"),
    "child_id_number": ("子女統一編號", "Child's ID number"),
    "child_birth_date": ("子女出生日期", "Child's date of birth"),
    "applicant_name": ("申請人姓名", "Applicant's name"),
    "applicant_id_number": ("申請人統一編號", "Applicant's ID number"),
    "mother_name": ("母親姓名", "Mother's name"),
    "mother_id_number": ("母親統一編號", "Mother's ID number"),
    "bank_account": ("帳戶", "Bank account"),
    "card": ("健保卡", "Health card"),
    "photo_choice": ("照片", "Photo"),
    "insured_with": ("依附投保", "Insured with"),
    "nationality": ("國籍", "Nationality"),
    "height": ("身高", "Height"),
    "registration": ("登記事項", "Registration"),
    "passport_number": ("護照號碼", "Passport number"),
    "english_name": ("外文姓名", "Name in Latin letters"),
    "parent_name": ("父母姓名", "Parent's name"),
    "care_form": ("照顧方式", "Form of care"),
    "ground": ("事由", "Ground"),
    "service_member": ("服役人員", "Service member"),
    "allowance": ("補助", "Allowance"),
    "guardian_id_number": ("監護人統一編號", "guardian's ID number"),
    "photo_reference": ("相片編號", "photo reference"),
    "event_date": ("事件發生日", "date of the event"),
    "delivery": ("領取方式", "way of delivery"),
    "fee": ("規費", "fee"),
    "paid_on": ("繳費日", "day of payment"),
    "applicant_address": ("申請人地址", "address of the applicant"),
    "custody": ("親權行使", "parental rights"),
    "death_date": ("死亡日期", "date of death"),
    "deceased_name": ("亡者姓名", "name of the deceased"),
    "deceased_id_number": ("亡者統一編號", "ID number of the deceased"),
    "old_name": ("原姓名", "former name"),
    "new_name": ("新姓名", "new name"),
    "payment_reference": ("繳費編號", "payment reference"),
    "representative_name": ("代辦人姓名", "name of the representative"),
    "phone": ("電話", "phone"),
}

WORDS: Mapping[str, Words] = {
    "fields": FIELDS,
    "clock": CLOCKS,
    "kind": NOTICES,
    "channel": CHANNELS,
    "ended": ENDS,
    "purpose": purposes.WORDS,
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
    },
    "ground": {
        "correction": ("通知申請人補正", "papers to be supplied"),
        "disaster": ("天災停止上班", "office closed by disaster"),
        "other_agency": ("等候其他機關", "waiting for another agency"),
        "asking_superior": ("請示上級", "asking the superior agency"),
        "no_fault": ("不可歸責於機關之事由", "a cause the agency cannot answer for"),
        "system_down": ("戶役政資訊系統異常", "the national system was down"),
    },
    "operation": {
        "notice.issue": ("發出通知", "issue a notice"),
        "clock.start": ("期限起算", "start a clock"),
        "clock.pause": ("期限停止計算", "pause a clock"),
        "clock.resume": ("期限繼續計算", "resume a clock"),
        "clock.stop": ("期限終止計算", "stop a clock"),
        "agency.notify": ("通報機關", "notify an agency"),
        "agency.look_up": ("向機關查詢", "look up at an agency"),
        "case.annotate": ("加註記", "add a note"),
        "case.file": ("立案", "file a case"),
        "mail.send": ("寄電子郵件", "send a mail"),
    },
    "message": {
        "withdrawal": ("撤回申請", "withdrawal"),
        "case_closed": ("案件已辦結", "the case was closed"),
    },
    "by": {
        "name": ("姓名", "name"),
        "id_number": ("統一編號", "ID number"),
        "birth_date": ("出生日期", "date of birth"),
    },
    "link": {
        "person": ("同一當事人", "same person"),
        "household": ("同一戶", "same household"),
        "cause": ("起因", "cause"),
        "duplicate": ("重複案件", "duplicate"),
        "other": ("其他", "other"),
    },
    "code": {
        "outbox.dead_letter": ("通報或郵件送不出去", "a notification or mail could not be sent"),
        "timer.failed": ("計時作業多次失敗", "a timer failed several times"),
        "job.failed": ("排程作業多次失敗", "a job failed several times"),
        "message.failed": ("訊息多次處理失敗", "a message could not be worked on"),
        "rung.failed": ("催辦通知多次失敗", "telling people of a limit failed"),
        "rung.nobody": ("找不到應通知的人", "nobody to tell of a limit"),
        "clock.not_started": ("期限未能起算", "a clock was not started"),
        "ladder.not_drawn": ("期限沒有催辦階梯", "a clock runs without its ladder"),
        "user_task.assignee": ("指定的承辦人不適用", "the named assignee may not have the task"),
    },
    "why": {
        "the agency is out of service": ("機關系統停止服務", "the agency is out of service"),
        "the mail server refused the address": (
            "郵件伺服器不接受這個地址",
            "the mail server refused the address",
        ),
    },
}
"""By fact. A value that is text and has no word here may have one given by `actions.use_words`."""
