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
