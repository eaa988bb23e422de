"""What is wrong with the public part of a package: a name in it that the package does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import orjson

from engine import forms, plainness
from engine.bpmn import Definition
from engine.condition_words import in_words
from engine.forms import Form
from engine.package_files import Package
from engine.public_words import PublicWords


def faults(
    package: Package, definition: Definition, decisions: Collection[str], clocks: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Sentences in Chinese and English. `decisions` and `clocks` are those it can reach."""
    form = _start_form(package)
    words = package.manifest.public
    if words is None:
        return
    if (words.online or words.filing) and "online" not in package.manifest.starts:
        yield (
            "public.online 寫了線上申請網址，但 starts 沒有 online；請補上或移除網址。",
            "public.online gives an online form, but starts has no online; add it or take it out",
        )
    yield from _unknown("limits", [limit.clock for limit in words.limits], clocks, "limits.yaml")
    yield from _unknown("steps", [step.at for step in words.steps], definition.elements, "BPMN")
    asked = [fee.decision for fee in words.fees] + ([words.fine] if words.fine else [])
    yield from _unknown("fees, fine", asked, decisions, "DMN")
    if words.filing is not None:
        yield from _unknown("filing.decision", [words.filing.decision], decisions, "DMN")
        clock = [words.filing.clock] if words.filing.clock else []
        yield from _unknown("filing.clock", clock, clocks, "limits.yaml")
    yield from _applicants(words, form, decisions)


def _applicants(
    words: PublicWords, form: Form | None, decisions: Collection[str]
) -> Iterator[tuple[str, str]]:
    asked = words.applicants
    if asked is None:
        return
    yield from _unknown("applicants.decision", [asked.decision], decisions, "DMN")
    keys = [field.key for field in form.inputs() if field.key] if form else []
    yield from _unknown("applicants", [asked.relation, asked.proxy], keys, "start_form")


def _unknown(
    key: str, named: list[str], known: Collection[str], where: str
) -> Iterator[tuple[str, str]]:
    for name in named:
        if name not in known:
            yield (
                f"public.{key} 提到 {name}，但 {where} 沒有；請改名稱或移除。",
                f"public.{key} names {name}, which is not in {where}; mend the name or take it out",
            )


def hard(package: Package) -> Iterator[tuple[str, str]]:
    """What is hard to read in what the public reads of the package."""
    words = package.manifest.public
    for language, found in plainness.of_public(package.id, words) if words else ():
        yield f"申辦須知（{language}）：{found.zh}", f"The public page ({language}): {found.en}"


def unworded(package: Package) -> Iterator[tuple[str, str]]:
    """Papers whose condition nobody would understand on the public page, or no word of papers."""
    form = _start_form(package)
    words = package.manifest.public
    if words is not None and not package.manifest.papers and not words.bring:
        yield (
            "申辦須知沒有說明要帶什麼文件；請填 papers，"
            "或在 public.bring 說明要帶什麼、為何不必帶。",
            "The public page does not say what to bring; list `papers`, or say in public.bring what"
            " is needed, or why nothing is",
        )
    for paper in package.manifest.papers if form else ():
        if form is None or paper.required == "true" or paper.when or in_words(paper.required, form):
            continue
        yield (
            f"papers.{paper.id} 的條件無法用起始表單的文字說明；請加上 when。",
            f"The condition of papers.{paper.id} cannot be said in the words of the start form; "
            "add `when`",
        )


def _start_form(package: Package) -> Form | None:
    part = package.forms.get(package.manifest.start_form or "")
    try:
        return None if part is None else forms.parse(orjson.loads(part.content))
    except forms.BadForm:
        return None  # a finding of its own
