"""The sentences of an explanation: for each action the fact and the rule, zh-TW and English.

Gaps: {before} and {after} are dates, {amount} a number, {passed} days with their labels, {skipped}
days that were not counted, {words} a phrase the step brings along, {s} the English plural. A table
of text.
"""

WORDING: dict[str, tuple[str, str, str, str]] = {
    "starts": (
        "起算事實發生於 {after}",
        "時間先換算為臺北時間，再取日期",
        "The period is set off on {after}",
        "Times are taken in Taipei before the date is read",
    ),
    "transferred": (
        "{words}",
        "移轉之次日起，依受移轉機關之行事曆計算；是否重行起算為機關設定",
        "It was {words}",
        "From the next day the calendar of the other office counts; whether the period begins anew"
        " is a setting",
    ),
    "received_later": (
        "{before} 為非上班時間收件，視為 {after} 收件",
        "機關設定：非上班時間收件，視為次一上班日收件",
        "Received outside office hours on {before}, so it counts as received on {after}",
        "Setting of the office: such receipts count from the next working day",
    ),
    "first_day_excluded": (
        "始日 {before} 不計，翌日為第 1 日",
        "期間以日、星期、月或年計算者，始日不計算在內",
        "{before} is not counted; the next day is day 1",
        "In periods of days, weeks, months or years the first day is not counted",
    ),
    "first_day_counted": (
        "始日計入，自 {words} 起為第 1 日",
        "法律規定或機關設定：即日起算",
        "The first day counts: {words} is day 1",
        "The law, or a setting of the office, says to count from that day",
    ),
    "calendar_days": (
        "加 {amount} 日，末日為 {after}",
        "按日連續計算，期間內的假日不扣除",
        "{amount} day{s} on, the last day is {after}",
        "Days run on; rest days inside the period are not taken out",
    ),
    "working_days": (
        "第 {amount} 個工作日為 {after}{skipped}",
        "只計本機關的上班日",
        "Working day {amount} is {after}{skipped}",
        "Only days this office works are counted",
    ),
    "weeks": (
        "{amount} 個星期，末日為 {after}",
        "以最後之星期與起算日相當日之前一日為末日",
        "{amount} week{s} end on {after}",
        "The last day is the one before the day that corresponds to day 1",
    ),
    "months": (
        "{amount} 個月，末日為 {after}",
        "以最後之月與起算日相當日之前一日為末日；無相當日者，以其月之末日為末日",
        "{amount} month{s} end on {after}",
        "The last day is the one before the day that corresponds to day 1; a month without such a"
        " day gives its own last day",
    ),
    "years": (
        "{amount} 年，末日為 {after}",
        "以最後之年與起算日相當日之前一日為末日；無相當日者，以其月之末日為末日",
        "{amount} year{s} end on {after}",
        "The last day is the one before the day that corresponds to day 1; a month without such a"
        " day gives its own last day",
    ),
    "minutes": (
        "即時起算 {amount} 分鐘，至 {after}",
        "期間以時計算者，即時起算，假日照計",
        "{amount} minute{s} run at once, until {after}",
        "Such periods run at once, rest days included",
    ),
    "office_minutes": (
        "上班時間 {amount} 分鐘，至 {after}",
        "隨到隨辦：只計本機關的上班時間，下班後自次一上班時間續計",
        "{amount} minute{s} of office hours, until {after}",
        "Done in the same visit: only the hours the office is open are counted",
    ),
    "served": (
        "{words}，送達於 {after} 生效",
        "期間自送達生效之翌日起算",
        "{words}; service takes effect on {after}",
        "The period runs from the day after service takes effect",
    ),
    "shorter_term": (
        "遲誤之期間為 {amount} 日，少於 10 日，於相等之日數內申請",
        "遲誤之法定期間少於 10 日者，於相等之日數內得申請回復原狀",
        "The term that was missed had {amount} day{s}, fewer than ten: as many to ask",
        "Where the missed term is shorter than ten days, restoration is asked within as many days",
    ),
    "outer_limit": (
        "原期間於 {words} 屆滿，滿 1 年之 {after} 後不得申請",
        "遲誤法定期間已逾 1 年者，不得申請回復原狀",
        "The missed period ended on {words}; nothing can be asked after {after}, a year later",
        "Restoration cannot be asked more than one year after the period was missed",
    ),
    "closes": (
        "{after} {words}截止",
        "機關所定之截止時刻",
        "It closes on {after} {words}",
        "The hour is set by the office",
    ),
    "hours": (
        "即時起算 {amount} 小時，至 {after}",
        "期間以時計算者，即時起算，假日照計",
        "{amount} hour{s} run at once, until {after}",
        "Periods in hours run at once, rest days included",
    ),
    "working_days_before": (
        "往前第 {amount} 個上班日為 {after}",
        "只計指定日之前本機關的上班日",
        "{amount} office day{s} before is {after}",
        "Only days this office works are counted, backwards from the day named",
    ),
    "calendar_days_before": (
        "往前 {amount} 日為 {after}",
        "按日曆日往前計算",
        "{amount} day{s} before is {after}",
        "Calendar days are counted backwards",
    ),
    "fixed_day": (
        "固定日期：{after}",
        "按規定的日期辦理，遇假日不移動",
        "Fixed day: {after}",
        "The day is named by the rule and does not move for rest days",
    ),
    "month_end": (
        "該月末日：{after}",
        "以月曆上的最後一日辦理，遇假日不移動",
        "Last day of the month: {after}",
        "The last calendar day, even if it is a rest day",
    ),
    "paused": (
        "因{words}停止進行 {amount} 日，末日改為 {after}{skipped}",
        "停止期間不計，停止原因終止後繼續計算其餘期間",
        "The clock stood still for {amount} day{s} ({words}); the last day becomes {after}"
        "{skipped}",
        "Such days are not counted; afterwards the rest of the period runs",
    ),
    "stands_still": (
        "因{words}停止進行中，尚餘 {amount} 日",
        "停止原因終止後繼續計算其餘期間",
        "The clock stands still ({words}); {amount} day{s} left",
        "When the cause has ended, the rest of the period runs",
    ),
    "extended": (
        "於 {before} 屆滿前延長一次，自其翌日續行 {amount} {words}",
        "得於原處理期間之限度內延長，以一次為限，並於原期間屆滿前通知申請人",
        "Extended once before {before} ended: {amount} {words}{s} more from the next day",
        "One extension, at most the original length, told before the first period ends",
    ),
    "rolled": (
        "{before} 為休息日（{passed}），末日改為 {after}",
        "末日為星期日、國定假日或其他休息日者，以其次日為末日；為星期六者，以次星期一上午為末日",
        "{before} is a rest day ({passed}); the last day becomes {after}",
        "A last day on a rest day moves to the next day; a Saturday to the morning of Monday",
    ),
    "make_up_day": (
        "{after} 雖為星期六，但為補行上班日，末日不移動",
        "補行上班之星期六為工作日",
        "{after} is a Saturday, but a make-up working day: the last day does not move",
        "A Saturday declared a make-up working day is a working day",
    ),
    "rest_day_stands": (
        "{after} 為休息日（{passed}），照計",
        "涉及人民之處罰或其他不利處分：始日以一日論，末日為休息日者照計，但對人民有利者不在此限",
        "{after} is a rest day ({passed}), and stands",
        "For punishments and other adverse acts the first day counts and a last day on a rest day"
        " stands, unless the ordinary reading is better for the person",
    ),
    "lapses": (
        "期間於 {after} 屆滿，遇假日不移動",
        "單純之期間經過，不是應為行為之期間，末日不因休息日順延",
        "The time lapses on {after}, rest day or not",
        "A mere lapse of time, in which nobody has to act, does not move for rest days",
    ),
    "other_reading": (
        "另一種計算為 {words}，採對當事人有利者 {after}",
        "涉及人民之處罰或其他不利處分，依一般計算對人民有利者，從其計算",
        "The other reading gives {words}; the better one for the person is {after}",
        "For adverse acts the reading that is better for the person applies",
    ),
    "age_complete": (
        "{before} 終止時滿歲，{after} 起為該年齡",
        "年齡自出生之日起算",
        "The years are complete when {before} ends: the age is reached on {after}",
        "Age counts from the day of birth, that day included",
    ),
    "ends": (
        "{after} {words}屆滿，逾此即為逾期",
        "期間於末日終止時屆滿，或依機關設定之時刻屆滿",
        "It ends on {after}, {words}; after that it is overdue",
        "A period ends when its last day ends, or at the hour the office has set",
    ),
    "term_lawful": (
        "所定期限 {words} 不少於法定最短期間（{after}）",
        "機關所定期限不得少於法定最短期間",
        "The term set, {words}, is not shorter than the least term ({after})",
        "A term set by the office may not be shorter than the least term of the law",
    ),
    "term_too_short": (
        "所定期限 {words} 少於法定最短期間（{after}），應重新訂定",
        "機關所定期限不得少於法定最短期間",
        "The term set, {words}, is shorter than the least term ({after}): set it again",
        "A term set by the office may not be shorter than the least term of the law",
    ),
    "days_used": (
        "自 {before} 翌日至 {after} 使用 {amount} 個工作日",
        "只計本機關的上班日，始日不計",
        "{amount} working day{s} used from the day after {before} to {after}",
        "Only days this office works are counted; the first day is not",
    ),
    "days_late": (
        "末日 {before}，於 {after} 申請，逾期 {amount} 日",
        "逾期日數自順延後的末日翌日起算",
        "Due {before}, applied {after}: {amount} day{s} late",
        "Days late are counted from the last day after it was moved",
    ),
    "fine": (
        "罰鍰：{words}",
        "依戶籍罰鍰處罰金額基準表；有正當理由者不罰",
        "Fine: {words}",
        "By the table of household fines; none where there is a good reason",
    ),
    "filed": (
        "於 {after} 提出（{words}）",
        "以到達機關之時為準；申請案掛號郵寄者，以交郵當日之郵戳為準",
        "Filed on {after} ({words})",
        "What counts is arrival at the office; for applications by registered mail, the postmark",
    ),
    "in_time": (
        "在末日 {before} 終止前提出，未逾期",
        "期間於末日終止時屆滿",
        "Filed before {before} ended: in time",
        "A period ends when its last day ends",
    ),
    "late": (
        "在末日 {before} 終止後提出，逾期",
        "期間於末日終止時屆滿",
        "Filed after {before} ended: late",
        "A period ends when its last day ends",
    ),
}

ON_THE_SPOT = (
    "當日辦結，末日為 {after}{skipped}",
    "隨到隨辦：不另計工作日，只計本機關的上班日",
    "On the spot: the last day is {after}{skipped}",
    "No further day is counted; the office works on the day it is due",
)
"""What a limit of no working day says in place of counting to the zeroth."""

# The name of a unit after a number, in Chinese and in English (singular).
UNIT_WORDS: dict[str, tuple[str, str]] = {
    "minute": ("分鐘", "minute"),
    "office_minute": ("分鐘（上班時間）", "office minute"),
    "hour": ("小時", "hour"),
    "day": ("日", "day"),
    "calendar_day": ("日", "day"),
    "working_day": ("個工作日", "working day"),
    "week": ("個星期", "week"),
    "month": ("個月", "month"),
    "year": ("年", "year"),
    "calendar_day_before": ("日前", "day"),  # counted back; what from is the rule's own title
    "working_day_before": ("個工作日前", "working day"),
}
