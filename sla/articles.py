"""References to law: one short code, written out in both languages.

A reference is `<law> <article>[(<paragraph>[-<subparagraph>])]`, such as `APA 48(4)`; several are
joined by `; `. Text that is not such a reference is left as it is (the name of a letter or a page).
"""

import re

# code: (Chinese name, English name, code in the law database of the Ministry of Justice)
LAWS = {
    "APA": ("行政程序法", "Administrative Procedure Act", "A0030055"),
    "CC": ("民法", "Civil Code", "B0000001"),
    "HA": ("戶籍法", "Household Registration Act", "D0030006"),
    "HR": ("戶籍法施行細則", "Enforcement Rules of the Household Registration Act", "D0030007"),
    "AA": ("訴願法", "Appeals Act", "A0030020"),
    "PA": ("行政罰法", "Administrative Penalty Act", "A0030210"),
    "FA": ("規費法", "Charges and Fees Act", "G0340107"),
    "NA": ("國籍法", "Nationality Act", "D0030001"),
    "NR": ("國籍法施行細則", "Enforcement Rules of the Nationality Act", "D0030022"),
    "CW": ("兒童及少年福利與權益保障法", "Child Welfare Act", "D0050001"),
    "PP": ("護照條例", "Passport Act", "E0030001"),
    "DD": ("死亡資料通報辦法", "Death Data Reporting Regulations", "D0030029"),
    "IC": ("國民身分證法規（D0030030）", "ID Card Regulations (D0030030)", "D0030030"),
    "ST": ("定居許可辦法（D0080169）", "Settlement Rules (D0080169)", "D0080169"),
    "DH": ("文書處理手冊", "Document Handling Manual", ""),
    "HF": ("戶政規費收費標準", "Household Registration Fee Standards", "D0030026"),
    "SL": ("印鑑登記辦法", "Seal Registration Regulations", "D0030010"),
    "NM": ("姓名條例", "Name Act", "D0030011"),
    "IS": ("原住民身分法", "Indigenous Status Act", "D0130001"),
    "LI": ("勞工保險條例", "Labor Insurance Act", "N0050001"),
    "SA": ("強迫入學條例", "Compulsory School Attendance Act", "H0070002"),
}
_BY_CODE = {code: (zh, en) for zh, en, code in LAWS.values() if code}
_SEVERAL = re.compile(r"([A-Z]\d{7}) 第(\d+)至(\d+)條")  # as tables name several articles at once
_REFERENCE = re.compile(r"([A-Z]{2,3}) (\d+(?:-\d+)?)(?:\((\d+)(?:-(\d+))?\))?")


def render(reference: str, lang: str) -> str:
    """Write `APA 48(4)` out: 行政程序法第48條第4項, Administrative Procedure Act, Art. 48(4)."""
    zh = lang.startswith("zh")
    parts = [_render_one(part, zh=zh) for part in reference.split("; ") if part]
    return ("、" if zh else "; ").join(parts)


def law_source(reference: str) -> str:
    """Where the first law that `reference` names can be read; empty if it names none."""
    match = _REFERENCE.fullmatch(reference.split("; ")[0])
    pcode = LAWS[match[1]][2] if match and match[1] in LAWS else ""
    return f"https://law.moj.gov.tw/LawClass/LawAll.aspx?pcode={pcode}" if pcode else ""


def _render_one(part: str, *, zh: bool) -> str:
    several = _SEVERAL.fullmatch(part)
    if several and several[1] in _BY_CODE:
        name_zh, name_en = _BY_CODE[several[1]]
        first, last = several[2], several[3]
        return f"{name_zh}第{first}至{last}條" if zh else f"{name_en}, Arts. {first} to {last}"
    match = _REFERENCE.fullmatch(part)
    if not match or match[1] not in LAWS:
        return part
    law, article, paragraph, item = match.groups()
    if not zh:
        tail = f"({paragraph})" if paragraph else ""
        tail += f"({item})" if item else ""
        return f"{LAWS[law][1]}, Art. {article}{tail}"
    number, _, branch = article.partition("-")
    text = f"{LAWS[law][0]}第{number}條" + (f"之{branch}" if branch else "")
    text += f"第{paragraph}項" if paragraph else ""
    return text + (f"第{item}款" if item else "")
