# sizes: exempt — a table of data: the agencies and what each may be told
"""The agencies we tell things, and the fields each may see (data minimum).

Triggers and bases stand in `bpmn/decisions/notification-matrix.dmn`; this table is the second
line: a field that an agency may not see never enters its outbox row, whatever a diagram says.
Sources: household office service plans 2020–2023 (seed catalogue S073–S118) and, where a rule
names the agency, the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from engine.errors import Rejected


@dataclass(frozen=True, slots=True)
class Agency:
    """`aliases` are names that older papers use for the same agency. `kinds` narrows the fields of
    the notifications named there: one registration is not told with the fields of another."""

    id: str
    title_zh: str
    title_en: str
    fields: frozenset[str]
    look_up_fields: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def fields_of(self, kind: str) -> frozenset[str]:
        """What a notification of this kind may say."""
        return self.kinds.get(kind, frozenset()) if self.kinds else self.fields


NATIONAL = "national_system"
"""The national household registration system: it is handed entries, and answers with their number.
It knows an entry by its case and kind, whichever key it comes under (`agencies/sandbox.py`)."""
SMS = "sms"
"""The gateway of text messages: a peer like an agency, which is told a number and a text and never
answers (`agencies/text_messages.py`)."""


class _More(TypedDict, total=False):
    look_up: tuple[str, ...]
    aliases: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]


_PERSON = ("case_number", "name", "id_number")
_SUPPLY = (*_PERSON, "old_name", "new_name", "new_address")
_CHANGE = (*_SUPPLY, "old_address")
_RENUMBERED = ("address_table", "effective_on")  # of a whole street, without anybody's name
# A petition that the agency is in charge of (APA 172); who wrote it only where that is no secret.
_PETITION = ("petition_content", "petitioner_name", "petitioner_contact")
_ENTRY = ("case_number", "corrects", "household_number", "record_note")
_ENTRIES = {
    "birth_entry": (
        *(*_ENTRY, "child_name", "child_id_number", "birth_date", "birth_place", "birth_order"),
        *("mother_name", "mother_id_number", "father_name", "father_id_number"),
    ),
    "death_entry": (
        *(*_ENTRY, "deceased_name", "deceased_id_number", "death_date", "death_place"),
    ),
    "move_entry": (*_ENTRY, "name", "id_number", "old_address", "new_address", "moved_on"),
}
_ANSWER = ("request_number", "answer")  # what it asked for on a ground that was checked


def _agency(
    id_: str, title_zh: str, title_en: str, fields: tuple[str, ...], **more: Unpack[_More]
) -> Agency:
    return Agency(
        id_,
        title_zh,
        title_en,
        frozenset(fields),
        frozenset(("case_number", *more["look_up"]) if "look_up" in more else ()),
        more.get("aliases", ()),
        {kind: frozenset(names) for kind, names in more.get("kinds", {}).items()},
    )


DIRECTORY: Mapping[str, Agency] = {
    agency.id: agency
    for agency in (
        _agency(
            "tax",
            "稅捐稽徵機關",
            "Tax office",
            (*_CHANGE, *_RENUMBERED, "mailing_address", *_PETITION),
            look_up=("id_number", "name"),
        ),
        _agency(
            "motor_vehicle",
            "監理機關",
            "Motor vehicle office",
            (*_CHANGE, *_RENUMBERED, "mailing_address"),
        ),
        _agency(
            "land",
            "地政機關",
            "Land office",
            (*_CHANGE, *_PETITION),
            look_up=("address", "id_number"),
        ),
        _agency("water", "自來水公司", "Water company", (*_SUPPLY, *_RENUMBERED)),
        _agency("power", "台電公司", "Power company", (*_SUPPLY, *_RENUMBERED)),
        _agency(
            "health_insurance",
            "中央健康保險署",
            "National Health Insurance Administration",
            (
                *("case_number", "name", "id_number", "old_name", "new_name", "birth_date"),
                *("child_name", "child_id_number"),
                *("guardian_id_number", "mailing_address", "deceased_id_number", "death_date"),
                *_RENUMBERED,
            ),
            look_up=("id_number", "name"),  # the address of the insured
            aliases=("健保局", "健保署"),
        ),
        _agency(
            "labour_insurance",
            "勞工保險局",
            "Bureau of Labour Insurance",
            (
                *(*_PERSON, "child_name", "birth_date", "bank_account"),
                *("deceased_id_number", "death_date"),
            ),
            aliases=("勞保局",),
        ),
        _agency(
            "life_insurance",
            "壽險公會",
            "Life Insurance Association",
            (
                *("case_number", "deceased_name", "deceased_id_number", "death_date"),
                *("applicant_name", "applicant_address"),
            ),
        ),
        _agency(
            "defence",
            "國防部",
            "Ministry of National Defence",
            ("case_number", "applicant_name", "applicant_id_number", "event_date", "bank_account"),
        ),
        _agency(
            "immigration",
            "內政部移民署",
            "National Immigration Agency",
            (*_PERSON, "new_address", "custody", "birth_date", "photo_reference"),
            look_up=("id_number", "name", "passport_number"),
            aliases=("移民署",),
        ),
        _agency(
            "social_affairs",
            "社會局",
            "Social Affairs Bureau",
            (
                *(*_PERSON, "mailing_address", "phone", "child_name", "birth_date"),
                *("parent_name", "parent_id_number"),
                *("care_needs", "care_other", "care_contact_time"),
                *("address", "report_kind", "report_facts"),  # who reports is never told
                *_PETITION,
            ),
            look_up=("id_number", "name"),  # whether somebody is cared for
        ),
        _agency(
            "boca",
            "外交部領事事務局",
            "Bureau of Consular Affairs",
            (
                *(*_PERSON, "birth_date", "english_name", "photo_reference"),
                *("representative_name", "paid_on", "fee", "delivery"),
            ),
            aliases=("領事事務局",),
        ),
        _agency(
            "police",
            "警察機關",
            "Police",
            (*_PERSON, *_RENUMBERED, "old_address", *_PETITION),
            look_up=("id_number", "name"),
        ),
        _agency(
            "district_office",
            "區公所",
            "District office",
            (
                *(*_PERSON, *_RENUMBERED, "birth_date", "new_address"),
                *("deceased_name", "deceased_id_number", "death_date"),
                *(*_PETITION, *_ANSWER),
            ),
            look_up=("id_number", "name"),  # who owes military service
        ),
        _agency(
            "plate_system",
            "門牌整合檢索系統",
            "Door-plate and coordinate system",
            (
                *("case_number", "old_address", "new_address", "coordinates", "photo_reference"),
                *_RENUMBERED,
            ),
            aliases=("門牌點位系統",),
        ),
        _agency(
            "city_government",
            "直轄市、縣（市）政府",
            "City or county government",
            (
                # passes applications and petitions on; reports hold counts, nobody's name
                *(*_PERSON, *_RENUMBERED, "birth_date", "check_report", *_PETITION),
                *("order_reference", "sign_count", "plate_count"),  # has street signs made
            ),
        ),
        _agency(
            "treasury",
            "市庫（主計、出納）",
            "City treasury",
            ("case_number", "payee_name", "payee_id_number", "bank_account", "amount"),
            aliases=("公庫",),
        ),
        _agency(
            NATIONAL,
            "戶役政資訊系統",
            "National household registration system",
            tuple(name for names in _ENTRIES.values() for name in names),
            kinds=_ENTRIES,
        ),
        _agency(
            "face_recognition",
            "人臉辨識輔助系統",
            "Face recognition system",
            (),
            look_up=("id_number", "photo_reference"),
            aliases=("輔助人員辨識系統",),
        ),
        _agency(
            "city_household",
            "戶政便民服務作業系統",
            "City household service system",
            (),
            look_up=("id_number", "image_reference"),
        ),
        _agency(
            "regional_household",
            "區域戶政系統（印鑑數位化、影像調閱）",
            "Regional household system",
            (),
            look_up=("name", "id_number", "image_reference"),
            aliases=("戶政e把罩",),
        ),
        _agency("justice", "法務部", "Ministry of Justice", (), look_up=("id_number", "name")),
        _agency(
            "household_office",
            "他戶政事務所",
            "Another household registration office",
            (*_PERSON, "new_address", *_PETITION, *_ANSWER),
            look_up=("id_number", "name"),
            aliases=("他所",),
        ),
        _agency(
            "moica",
            "內政部憑證管理中心",
            "MOI Certification Authority",
            ("case_number", "card_number"),
            look_up=("id_number", "serial"),
        ),
        _agency(
            "moeaca",
            "工商憑證管理中心",
            "MOEA Certification Authority",
            (),
            look_up=("tax_number", "serial"),
        ),
    )
}


def agency(agency_id: str) -> Agency:
    """The agency, by id or an older name. Raises `Rejected` for one we do not know."""
    found = DIRECTORY.get(agency_id)
    if found is None:
        found = next((a for a in DIRECTORY.values() if agency_id in a.aliases), None)
    if found is None:
        raise Rejected(
            "agency.unknown",
            f"Expected one of the agencies {sorted(DIRECTORY)}, but got {agency_id!r}",
            agency=agency_id,
        )
    return found


def refuse_foreign_fields(
    to: Agency, fields: Mapping[str, object], kind: str, *, look_up: bool
) -> None:
    """Never send an agency more than its own fields (data minimum), nor those of another kind."""
    allowed = to.look_up_fields if look_up else to.fields_of(kind)
    foreign = sorted(set(fields) - allowed)
    if foreign:
        raise Rejected(
            "agency.foreign_fields",
            f"Expected only fields that {to.id} may see, but got {foreign}; "
            f"take them out of the mapping or out of the notification matrix",
            agency=to.id,
            fields=foreign,
        )
