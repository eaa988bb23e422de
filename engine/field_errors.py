"""What is wrong with one field, as a code with facts, and the one table that says it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """`path` is the key of the field (`data.child.name`, `fee`); `code` is stable.

    `facts` fill the sentence in; they never hold what was entered, which may be personal data.
    """

    path: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, lang: str) -> str:
        """One sentence in `lang` ("zh-TW" or "en"): what is wrong and how to mend it."""
        zh, en = SENTENCES[self.code]
        return (zh if lang.startswith("zh") else en).format_map(self.facts)


SENTENCES: Mapping[str, tuple[str, str]] = {
    "required": ("請填寫這一欄。", "Please fill in this field."),
    "tick": ("請勾選這一欄；沒有做到就不能完成。", "Please tick this; it has to be so first."),
    "not_proved": (
        "須與驗證身分的統一編號相同；請填您自己的統一編號。",
        "This must be the ID number that was proved; please enter your own.",
    ),
    "unknown_field": (
        "表單上沒有這一欄，請重新開啟表單後再送出。",
        "The form has no such field; please open the form again and send it once more.",
    ),
    "readonly": ("這一欄不能更改。", "This field cannot be changed."),
    "text": ("請填寫文字。", "Please enter text."),
    "too_short": ("請至少填寫 {min} 個字。", "Please enter at least {min} characters."),
    "too_long": ("請勿超過 {max} 個字。", "Please enter at most {max} characters."),
    "control_character": (
        "內容含有看不見的控制字元，請刪除後重新輸入。",
        "The text contains invisible control characters; please type it anew.",
    ),
    "broken_text": (
        "內容含有無法儲存的字碼，請重新輸入這個字。",
        "The text contains a broken character; please type it anew.",
    ),
    "pattern": ("格式不符，請依欄位說明填寫。", "Please follow the format this field asks for."),
    "number": ("請填寫數字，例如 1200。", "Please enter a number such as 1200."),
    "too_small": ("請填寫 {min} 以上的數字。", "Please enter {min} or more."),
    "too_large": ("請填寫 {max} 以下的數字。", "Please enter {max} or less."),
    "date": (
        "看不懂這個日期，請寫成 115/3/12 或 2026-03-12。",
        "This is no date; please write 2026-03-12 or 115/3/12.",
    ),
    "no_such_date": (
        "曆法上沒有這一天，請檢查年、月、日。",
        "The calendar has no such day; please check year, month and day.",
    ),
    "too_early": ("日期不得早於 {min}。", "Please enter {min} or a later day."),
    "too_late": ("日期不得晚於 {max}。", "Please enter {max} or an earlier day."),
    "yes_or_no": ("請勾選或不勾選。", "Please tick the box or leave it empty."),
    "option": ("請從選項中選一項。", "Please choose one of the options."),
    "options": ("請只勾選列出的選項。", "Please tick only options of the list."),
    "taiwan_id": (
        "統一編號或統一證號不正確，請核對證件上的 1 個英文字母和 9 個數字。",
        "This is no valid ID or resident number; please compare it with the card.",
    ),
    "person_name": (
        "姓名請填寫證件上的文字，不含數字或符號。",
        "Please enter the name as on the document, without digits or signs.",
    ),
    "phone": (
        "電話請填寫數字，例如 07-7995678 或 0912-345-678。",
        "Please enter a phone number such as 07-7995678 or 0912-345-678.",
    ),
    "email": (
        "電子郵件地址不正確，例如 lin@example.tw。",
        "Please enter an e-mail address such as lin@example.tw.",
    ),
    "address": (
        "請填寫完整地址，從縣市寫到門牌號碼。",
        "Please enter the full address, from the city to the house number.",
    ),
    "row_twice": (
        "這個人在名單第 {line} 列已經有了，請留一列。",
        "This person stands in row {line} already; keep one of the two.",
    ),
    "not_filed": (
        "這一列無法立案，請逐筆以櫃檯收件辦理，並告訴系統管理人員。",
        "No case could be filed for this row; file it at the counter, and tell an operator.",
    ),
    "password_too_short": (
        "密碼至少要 {min} 個字元。",
        "Please choose a password of at least {min} characters.",
    ),
    "password_too_long": (
        "密碼最多 {max} 個字元。",
        "Please choose a password of at most {max} characters.",
    ),
    "password_classes": (
        "密碼須含大寫、小寫、數字、符號四類中的三類。",
        "Please mix three of: capitals, small letters, digits, signs.",
    ),
    "password_word": (
        "密碼含有容易猜到的字（帳號、姓名、機關或常用密碼），請換一個。",
        "The password contains an easily guessed word (login, name, office or a common one).",
    ),
    "password_same": (
        "新密碼不得與目前的密碼相同。",
        "Please choose a password other than the present one.",
    ),
    "password_again": (
        "新密碼不得與最近 {last} 次使用過的密碼相同。",
        "Please choose a password that is none of your last {last}.",
    ),
    "password_too_young": (
        "密碼變更後一天內不得再變更；如疑似外洩，請洽系統管理人員重設。",
        "A password lives for a day at least. Should others know it, ask an operator to reset it.",
    ),
    "password_wrong": ("目前的密碼不正確。", "The present password is not right."),
}
