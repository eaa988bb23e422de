"""The work W: what is filed, and what people enter at its four user tasks.

W: start → intake → exclusive gateway on a form field → check → review (non-interrupting boundary
timer P3D → script → end) → script → parallel fork of two scripts → join → issue → end. Every
form has ten fields, 213–256 bytes of JSON. A case is one start and four completions. Our diagram
is `library/work/work.bpmn`; `naive.bpmn` is the same in the words SpiffWorkflow understands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

START: Mapping[str, Any] = {"subject": "申請影本"}
DATA: Mapping[str, Any] = {"applicant": {"name": "陳量測", "id_number": "A123456789"}}
"""Personal data of a fictional applicant; the number is the one that textbooks use."""

FORMS: Mapping[str, Mapping[str, Any]] = {
    "intake": {
        "route": "full",
        "copies": 2,
        "unit_fee": 15,
        "event_date": "2026-02-27",
        "by_proxy": False,
        "papers_complete": True,
        "district": "Zhongzheng 3",
        "receipt_number": "115-00421",
        "counter": "window 4",
        "remark": "asks to be called in the afternoon after three",
    },
    "check": {
        "identity": "clear",
        "pages": 6,
        "similarity": 97,
        "checked_on": "2026-03-02",
        "photo_matches": True,
        "register_matches": True,
        "register_volume": "B-17",
        "register_page": "203",
        "checked_at": "counter 4",
        "check_remark": "compared with the old booklet",
    },
    "review": {
        "decision": "approve",
        "score": 92,
        "samples": 3,
        "decided_on": "2026-03-03",
        "law_checked": True,
        "fee_checked": True,
        "article": "house rules, part two",
        "basis": "file and register",
        "reviewer_desk": "second floor",
        "review_remark": "nothing further to be asked",
    },
    "issue": {
        "handed_over": "counter",
        "paid": 30,
        "sheets": 12,
        "issued_on": "2026-03-04",
        "signed": True,
        "sealed": True,
        "document_number": "115-3-000421",
        "envelope": "C5 with window",
        "issue_desk": "window 4",
        "issue_remark": "handed over together with the receipt",
    },
}
TASKS = tuple(FORMS)
"""The user tasks of W in the order in which they come up."""


def sizes() -> dict[str, int]:
    """Bytes of JSON each form is sent as."""
    return {name: len(orjson.dumps(values)) for name, values in FORMS.items()}
