"""What lint says about a diagram: findings, each a rule, an element, sentences in two languages.

A finding tells what is wrong, where, and how to mend it. An error keeps the diagram from being
deployed; a warning is worth a look; a note only informs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.bpmn.lint_sentences import SENTENCES
from engine.errors import Rejected


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is stable. `element_id` is the id in the diagram, empty for the file as a whole."""

    rule: str
    severity: Severity
    element_id: str
    message_zh: str
    message_en: str
    mend_zh: str
    mend_en: str

    def __str__(self) -> str:
        place = f" [{self.element_id}]" if self.element_id else ""
        return f"{self.severity}{place} {self.rule}: {self.message_en} {self.mend_en}".rstrip()


class DefinitionRefused(Rejected):
    """The diagram has errors and was not compiled; `findings` are all that lint had to say."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.severity is Severity.ERROR]
        told = "; ".join(str(finding) for finding in errors[:5])
        more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
        super().__init__("definition.refused", f"Expected a deployable diagram, but {told}{more}")


class Report:
    """Collects the findings of one diagram, each sentence filled in from the rule's own."""

    MOST = 500
    """A diagram with more findings than this is broken as a whole; the rest would only be noise."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}
        self._errors = 0
        self._said = 0

    def add(self, rule: str, element_id: str, **facts: object) -> None:
        """Note `rule` at `element_id`; `facts` fill the sentence. Said twice, it is noted once."""
        self._said += 1
        sentence = SENTENCES[rule]
        severity = Severity(sentence.severity)
        if len(self._findings) >= self.MOST and (severity is not Severity.ERROR or self._errors):
            return
        told = {name: _short(fact) for name, fact in facts.items()}
        texts = [text.format(id=element_id, **told) for text in sentence.texts]
        finding = Finding(rule, severity, element_id, *texts)
        if finding not in self._findings:
            self._errors += severity is Severity.ERROR
            self._findings[finding] = None

    @property
    def is_full(self) -> bool:
        """Whether there is an error and no room for more: time to stop looking."""
        return self._errors > 0 and self._said >= self.MOST

    @property
    def has_errors(self) -> bool:
        return self._errors > 0

    @property
    def findings(self) -> list[Finding]:
        """All findings, errors first, otherwise in the order they were found."""
        order = list(Severity)
        return sorted(self._findings, key=lambda finding: order.index(finding.severity))


def _short(fact: object) -> str:
    text = str(fact)
    return text if len(text) <= 200 else f"{text[:197]}…"
