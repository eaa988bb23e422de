"""Refusals of legal time: each is one sentence, in both languages, with a stable code."""


class Refusal(ValueError):
    """Legal time cannot be computed as asked.

    `code` is stable and for machines; `zh` and `en` say what is wrong, where, and how to mend it.
    """

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.zh = zh
        self.en = en

    def text(self, lang: str) -> str:
        """The sentence in `lang` ("zh-TW" or "en")."""
        return self.zh if lang.startswith("zh") else self.en


class CalendarError(Refusal):
    """The working calendar does not reach the day that is asked for, or is itself broken."""


class PeriodError(Refusal):
    """The period cannot be computed from what was given."""


class RuleError(Refusal):
    """There is no such rule, or none of its versions was in force on that day."""


class SettingError(Refusal):
    """An office setting has an unknown name or value."""
