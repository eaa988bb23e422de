"""How plain a text for the public is: its longest sentence, its hard words, its reading ease.

What counts as hard and how much is too much stands in `bpmn/notices/plain-language.yaml`; a text
may be waived there, with a reason. English is measured by Flesch (1948), Chinese by letters. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.public_words import PublicWords, Text
from engine.wordings import FOLDER
from engine.wordings import Text as NoticeText
from engine.yaml_reading import load_yaml

LIST = "plain-language.yaml"
CHINESE, ENGLISH = "zh-TW", "en"
_SENTENCES = {CHINESE: re.compile(r"[。！？；;\n]"), ENGLISH: re.compile(r"[.!?;](?:\s|$)|\n")}
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_LETTER = re.compile(r"[\u3400-\u9fff]")
_MARKS = re.compile(r"^\??\s*(?:#|-|1\.|\|)?\s*|\*\*|\{[a-z0-9_]*\}", re.MULTILINE)
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Measure:
    """`longest`: the longest sentence; `length` of it and of the whole `size` in letters (zh-TW) or
    words (en). `ease` is None for Chinese and for short texts."""

    longest: str
    length: int
    size: int
    hard: tuple[str, ...]
    ease: float | None

    @property
    def hard_in_hundred(self) -> float:
        return 100 * len(self.hard) / max(self.size, 1)


@dataclass(frozen=True, slots=True)
class Hard:
    """Why a text is not plain, in both languages, with the way out."""

    zh: str
    en: str


@cache
def rules() -> Mapping[str, Any]:
    """Limits, hard words and waivers."""
    found: Mapping[str, Any] = load_yaml((FOLDER / LIST).read_bytes())
    return found


def measure(text: str, language: str) -> Measure:
    """Count the text; fields and marks of wordings are no words of it."""
    plain = _MARKS.sub("", text)
    sentences = [each.strip() for each in _SENTENCES[language].split(plain) if each.strip()]
    longest = max(sentences, key=lambda each: _size(each, language), default="")
    return Measure(
        longest,
        _size(longest, language),
        _size(plain, language),
        tuple(_hard_words(plain, language)),
        _ease(plain, len(sentences)) if language == ENGLISH else None,
    )


def findings(text: str, language: str) -> Iterator[Hard]:
    """What exceeds the limits."""
    limits, found = rules()["limits"], measure(text, language)
    most = limits["sentence"][language]
    if found.length > most:
        begin = found.longest[:24]
        yield Hard(
            f"「{begin}…」一句長 {found.length}，超過 {most}；請分成幾句。",
            f"the sentence “{begin}…” is {found.length} long, above {most}; part it",
        )
    if found.hard and found.hard_in_hundred > limits["hard"][language]:
        listed = [(word, rules()["hard"][language][word]) for word in dict.fromkeys(found.hard)]
        zh = "、".join(f"{word}（{plainer or '刪去'}）" for word, plainer in listed)
        en = ", ".join(f"{word} ({plainer or 'leave out'})" for word, plainer in listed)
        yield Hard(f"艱澀用語太多，可改為：{zh}。", f"too many hard words; rather: {en}")
    if found.ease is not None and found.ease < limits["ease"]:
        yield Hard(
            f"英文易讀度 {found.ease:.0f}，低於 {limits['ease']}；請用較短的句子與較短的字。",
            f"reading ease {found.ease:.0f} is below {limits['ease']}; use shorter sentences and"
            " words",
        )


def of_notice(kind: str, text: NoticeText) -> Iterator[tuple[str, Hard]]:
    """What is hard in a notice, each with its language; nothing of what is waived."""
    for language, body in text.body.items():
        if f"notice.{kind}.{language}" not in rules()["waived"]:
            yield from ((language, hard) for hard in findings(body, language))


def of_public(package_id: str, words: PublicWords) -> Iterator[tuple[str, Hard]]:
    """What is hard in the public page of a package, each with its language."""
    texts = [words.what, *words.bring, *words.afterwards, *(step.words for step in words.steps)]
    texts += [words.who] if words.who else []
    for language in (CHINESE, ENGLISH):
        if f"{package_id}.{language}" not in rules()["waived"]:
            whole = "\n".join(_in(each, language) for each in texts)
            yield from ((language, hard) for hard in findings(whole, language))


def _in(text: Text, language: str) -> str:
    return text.zh if language == CHINESE else text.en


def _size(text: str, language: str) -> int:
    return len((_LETTER if language == CHINESE else _WORD).findall(text))


def _hard_words(text: str, language: str) -> Iterator[str]:
    lowered = text.casefold()
    for word in rules()["hard"][language]:
        edge = "" if language == CHINESE else r"\b"
        yield from [word] * len(re.findall(f"{edge}{re.escape(word)}{edge}", lowered))


def _ease(text: str, sentences: int) -> float | None:
    """Flesch Reading Ease; None of so few words that one of them decides."""
    words = _WORD.findall(text)
    if len(words) < rules()["limits"]["ease_from"]:
        return None
    syllables = sum(map(_syllables, words))
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words)


def _syllables(word: str) -> int:
    """Groups of vowels; a last silent e is none, one there always is."""
    plain = word.casefold()
    groups = len(_VOWELS.findall(plain))
    silent = plain.endswith("e") and not plain.endswith(("le", "ee"))
    return max(groups - silent, 1)
