"""Why a decision model is refused."""

from __future__ import annotations

from feel.errors import FeelError, FeelSyntaxError


class DmnError(FeelError):
    """The document is not a model we can run exactly. `element` is the id of what is wrong."""

    def __init__(self, message: str, element: str | None = None) -> None:
        place = f" (element {element})" if element else ""
        super().__init__(message + place)
        self.message = message
        self.element = element

    @classmethod
    def of_text(cls, refusal: FeelSyntaxError, text: str, element: str) -> DmnError:
        shown = text if len(text) <= 60 else text[:57] + "..."
        return cls(f"{refusal.message} ({refusal.position}) in the text {shown!r}", element)


class Faults:
    """What is wrong with parts of a model: refused at once, or kept while the rest is read.

    DMN lets a model be evaluated although one of its texts is no FEEL; that text is null. A model
    that is to decide about people is read strictly.
    """

    def __init__(self, *, strict: bool) -> None:
        self.found: list[DmnError] = []
        self._strict = strict

    def take(self, fault: DmnError) -> None:
        """Keep the fault, or raise it."""
        if self._strict:
            raise fault
        self.found.append(fault)
