# sizes: exempt — a table of text
"""What is wrong with a file of a package, in Chinese, by the English sentence that tells it.

The readers of files say what they found in one English sentence. Here stands each of them with a
gap `{…}` where it names something, and the Chinese with the same gaps; a test reads the sources and
finds every sentence that is missing here.
"""

from __future__ import annotations

import re

from engine.gap_words import GapWords

_NODE = "this is not XML: "
WORDS: dict[str, str] = {
    # package.yaml and other YAML
    "unknown key {key}; known are {known}": "沒有 {key} 這個鍵；可用的有 {known}",
    "{key} is {value}, expected an address such as https://example.gov.tw/apply": (
        "{key} 是 {value}，須為網址，例如 https://example.gov.tw/apply"
    ),
    "start_form is missing; a process that is filed asks something": (
        "缺少 start_form；可收件的流程須有起始表單"
    ),
    "expected a mapping of keys to values": "這裡應為「鍵: 值」的對照",
    "expected a mapping with id and title": "這裡應為含 id 與 title 的對照",
    "this is not YAML: {detail}": "YAML 格式有誤（{detail}）",
    "`{text}` is no FEEL expression: {detail}": "`{text}` 不是 FEEL 運算式（{detail}）",
    "{key} is {value}, expected a short id such as P01 without spaces": (
        "{key} 是 {value}，應為不含空白的短代號，例如 P01"
    ),
    "{key} is {value}, expected text": "{key} 是 {value}，應為文字",
    "{key} is {value}, expected true or false": "{key} 是 {value}，應為 true 或 false",
    "{key} is {value}, expected a list": "{key} 是 {value}，應為清單",
    "{key} is {value}, expected a list of texts": "{key} 是 {value}，應為文字的清單",
    "{key} is {value}, expected {known}": "{key} 是 {value}，應為 {known}",
    "{key} is missing": "缺少 {key}",
    "{key} needs a text in zh-TW and one in en": "{key} 須有 zh-TW 與 en 兩種文字",
    # files
    "is no file of a package; there are package.yaml, limits.yaml, one .bpmn, .dmn tables, "
    "forms/*.form and scenarios/*.yaml": (
        "不是流程套件的檔案；套件只有 package.yaml、limits.yaml、一個 .bpmn、.dmn 決策表、"
        "forms/*.form 與 scenarios/*.yaml"
    ),
    "is larger than {most} bytes": "超過 {most} 位元組",
    "has more than {most} files": "超過 {most} 個檔案",
    "holds more than {most} files or {bytes} bytes": "超過 {most} 個檔案或 {bytes} 位元組",
    "has no {name}": "沒有 {name}",
    "holds no {name}; pack the whole folder of a package, as Export does": (
        "裡面沒有 {name}；請壓縮整個流程套件的資料夾，與「匯出」的 zip 一樣"
    ),
    "holds {count} .bpmn files, expected exactly one": "有 {count} 個 .bpmn 檔，應恰有一個",
    "this is no form: {detail}": "這不是表單（{detail}）",
    "has the id {id}, expected {stem} as the file": "id 是 {id}，應與檔名相同為 {stem}",
    "this is no zip file that can be read: {detail}": "無法讀取這個 zip 檔（{detail}）",
    "lies beside the package in {root}": "不在套件 {root} 之內",
    "there is no such folder": "沒有這個資料夾",
    "{key} is already taken by another package": "{key} 已為另一個套件所用",
    "says id {id}, but this is a draft of {package}; a package keeps its id": (
        "id 寫成 {id}，但這是 {package} 的草稿；套件的代號不能改"
    ),
    "says process {process}, which package {package} has already": (
        "process 寫成 {process}，已為套件 {package} 所用"
    ),
    # what a package reaches
    "{kind} {name} exists twice with different content among the packages {id} can reach; give one "
    "another id": "{id} 用到的套件中有兩個內容不同的 {kind} {name}；請改其中一個的代號",
    "calls process {process}, which no package under {root} has": (
        "呼叫了流程 {process}，但沒有套件有這個流程"
    ),
    "needs form {form}, which is not in forms/": "需要表單 {form}，但 forms/ 裡沒有",
    "uses decision {decision}, which neither the package nor decisions/ has": (
        "使用決策 {decision}，但套件與 decisions/ 都沒有"
    ),
    "imports {namespace}, which no table here is": "匯入 {namespace}，但沒有這個決策表",
    "has process {process}, but package.yaml says {said}": (
        "流程是 {process}，但 package.yaml 寫的是 {said}"
    ),
    # XML
    "has a DOCTYPE; remove it": "含有 DOCTYPE，請移除",
    "is not in UTF-8; save it as UTF-8 and bring it again": "不是 UTF-8 編碼，請存成 UTF-8 再匯入",
    "is not in UTF-8": "不是 UTF-8 編碼",
    "nests elements deeper than {most}": "元素巢狀超過 {most} 層",
    _NODE + "mismatched tag": "XML 格式有誤：起始與結束標籤不一致",
    _NODE + "not well-formed (invalid token)": "XML 格式有誤：有不能出現的字元或語法",
    _NODE + "no element found": "XML 格式有誤：內容不完整，沒有結束標籤",
    _NODE + "unclosed token": "XML 格式有誤：標籤沒有關閉",
    _NODE + "unclosed CDATA section": "XML 格式有誤：CDATA 沒有關閉",
    _NODE + "duplicate attribute": "XML 格式有誤：同一屬性寫了兩次",
    _NODE + "undefined entity": "XML 格式有誤：使用了未定義的實體",
    _NODE + "junk after document element": "XML 格式有誤：根元素之後還有內容",
    _NODE + "XML or text declaration not at start of entity": "XML 格式有誤：宣告不在檔案開頭",
    _NODE + "{detail}": "XML 格式有誤（{detail}）",
    # forms
    "Expected a JSON object with components": "應為含 components 的 JSON 物件",
    "expected a JSON object with components": "應為含 components 的 JSON 物件",
    "this is no JSON: {detail}": "JSON 格式有誤（{detail}）",
    "has no id; add one, the same as the name of the file": "沒有 id；請填與檔名相同的 id",
    "schemaVersion is {version}; export it as {oldest}": (
        "schemaVersion 是 {version}；請以 {oldest} 匯出"
    ),
    "has no components; expected a list": "沒有 components 清單",
    "nests groups deeper than {most}; flatten it": "群組巢狀超過 {most} 層，請減少層次",
    "has more than {most} fields; split it": "超過 {most} 個欄位，請拆成兩份",
    "{where}: type {type} is not one of {known}": "{where}：沒有 {type} 這種欄位；可用的有 {known}",
    "{where}: has neither values nor valuesKey; add options": (
        "{where}：沒有選項，請填 values 或 valuesKey"
    ),
    "{where}: subtype must be date; we take no times in forms": (
        "{where}：subtype 只能是 date；表單不填時刻"
    ),
    "{where}: the key {key} is no name; write a variable (missing_papers) or personal data "
    "(data.child.name)": (
        "{where}：鍵 {key} 不是名稱；請寫變數（missing_papers）或個人資料（data.child.name）"
    ),
    "{where}: only personal data (data.…) may have points in its key": (
        "{where}：只有個人資料（data.…）的鍵可以有點"
    ),
    "{where}: the key is taken by the field {other}": "{where}：這個鍵已為欄位 {other} 所用",
    "{where}: has no label; write it in Chinese": "{where}：沒有標示，請填中文",
    "{where}: has no English label (properties.label_en)": (
        "{where}：沒有英文標示（properties.label_en）"
    ),
    "shows: {key} is no key; write fields (data.applicant.name), groups of them "
    "(data.applicant), or all": (
        "shows：{key} 不是鍵；請寫欄位（data.applicant.name）、一組欄位（data.applicant）或 all"
    ),
    "shows_for: {purpose} is no purpose; write one of {known}": (
        "shows_for：沒有 {purpose} 這個用途；請寫 {known} 之一"
    ),
    "{where}: kind {kind} must be one of {known}, on a text field": (
        "{where}：kind {kind} 須為 {known} 之一，且只用於文字欄"
    ),
    "{where}: every option needs a value of text or number": (
        "{where}：每個選項都要有文字或數字的值"
    ),
    "{where}: two options have the same value": "{where}：有兩個選項的值相同",
    "{where}: {name} is no expression: {detail}": "{where}：{name} 不是運算式（{detail}）",
    "{where}: same_as {key} names no field; write another key": (
        "{where}：same_as {key} 不是欄位，請改寫"
    ),
    "{where}: {name} must be a whole number, got {given}": "{where}：{name} 須為整數，但是 {given}",
    "{where}: {name} must be a number, got {given}": "{where}：{name} 須為數字，但是 {given}",
    "{where}: pattern {pattern} cannot be used: {detail}": (
        "{where}：不能使用樣式 {pattern}（{detail}）"
    ),
}
_SENTENCES = GapWords(WORDS)
_LINE = re.compile(r" line (\d+)$")


def in_chinese(sentence: str) -> str | None:
    """The sentence in Chinese, what it names filled in; None where nobody has worded it."""
    return _SENTENCES.in_chinese(sentence)


def place_in_chinese(where: str) -> str:
    """`birth.bpmn line 3` as `birth.bpmn 第 3 行`."""
    return _LINE.sub(r" 第 \1 行", where)
