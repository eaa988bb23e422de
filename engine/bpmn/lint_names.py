"""Names: what people read on the diagram must be readable in both languages of the pages."""

from __future__ import annotations

import re
from typing import Any, Final

from engine.bpmn.findings import Report
from engine.bpmn.normalise import bpmn, english_of
from engine.bpmn.vocabulary import NAMED

_CHINESE: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def check_names(root: Any, report: Report) -> None:
    """Warn of each Chinese name without an English one, pools and lanes included.

    A name without a Chinese character is read as it is in both languages.
    """
    for element in root.iter(*map(bpmn, sorted(NAMED))):
        name = element.get("name", "")
        if _CHINESE.search(name) and not english_of(element):
            report.add("name.no-english", element.get("id", ""), name=name)
