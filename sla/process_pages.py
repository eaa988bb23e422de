"""The page of a process in docs/processes: what it is, its papers, steps, limits, agencies, proofs.

Made from the package alone, so it cannot say what the package does not do; a test holds the pages
against the packages. Written in both languages, the Chinese as users see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import orjson

from engine import condition_words, diagram_edits
from engine.bpmn.definition import Definition, Element, Kind
from engine.forms import Form
from engine.forms import parse as parse_form
from engine.package_files import Package
from engine.packages import Library
from engine.public_words import Text
from engine.yaml_reading import load_yaml
from sla.articles import render
from sla.law_tables import law_tables
from sla.limits import NO_LIMITS, ClockPlan, Limits, parse
from sla.rules import Rule, versions
from sla.wording import UNIT_WORDS

MATRIX = "notifications"
_STEPS = {
    Kind.USER_TASK: "a person",
    Kind.MANUAL_TASK: "a person",
    Kind.CALL_ACTIVITY: "shared part",
    Kind.SUB_PROCESS: "sub-process",
    Kind.SERVICE_TASK: "system",
    Kind.BUSINESS_RULE_TASK: "decision",
    Kind.SCRIPT_TASK: "system",
    Kind.SEND_TASK: "message",
    Kind.RECEIVE_TASK: "waits",
    Kind.INTERMEDIATE_CATCH_EVENT: "waits",
    Kind.END_EVENT: "end",
}
_REGISTRATION = "registration_type"
_LITERAL = re.compile(r'^=?\s*"([^"]+)"$')
_NO_GROUND = (
    "法令未就本流程之步驟設有專條；依據見上列來源。"
    " No article of law governs these steps; they rest on the sources above."
)
_HEAD = (
    "<!-- Made by `huzheng process docs bpmn --out docs/processes`; a test holds it against the"
    " package. Edit the package. -->"
)


def page(library: Library, package: Package) -> str:
    """The page of one package, as Markdown. Rules of law stand as their newest text has them."""
    definition = library.definition(package)
    parts = (
        _top(package, definition),
        _papers(package),
        _steps(library, package, definition),
        _clocks(_limits(package)),
        _agencies(library, definition),
        _proofs(package),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def index(pages: Mapping[str, Package]) -> str:
    """The list of all pages; `pages` are packages by the name of their file."""
    lines = [_HEAD, "", "# Processes", "", "| id | process | kind |", "| --- | --- | --- |"]
    for name, package in pages.items():
        manifest = package.manifest
        lines.append(f"| [{package.id}]({name}) | {_both(manifest.title)} | {manifest.kind} |")
    return "\n".join(lines) + "\n"


# --- parts of a page ----------------------------------------------------------------------------


def _top(package: Package, definition: Definition) -> Iterator[str]:
    manifest = package.manifest
    yield from (_HEAD, "", f"# {package.id} {manifest.title.zh} · {manifest.title.en}", "")
    yield from (manifest.summary.zh, "", manifest.summary.en, "")
    if definition.documentation:
        yield from (f"> {_line(definition.documentation)}", "")
    if manifest.starts:
        yield f"- Filed by: {', '.join(manifest.starts)}; taken by: {', '.join(manifest.groups)}."
    who = _who(package)
    if who:
        yield f"- Who may apply: {who}"
    if manifest.sources:
        yield f"- Sources: {'; '.join(manifest.sources)}."
    yield ""


def _who(package: Package) -> str:
    words = package.manifest.public
    if words is None:
        return ""
    if words.who is not None:
        return f"{words.who.zh} · {words.who.en}"
    form = _start_form(package)
    if words.applicants is None or form is None:
        return ""
    fields = [each for each in form.inputs() if each.key == words.applicants.relation]
    options = [f"{each.label.zh} ({each.label.en})" for field in fields for each in field.options]
    return (
        f"as `{words.applicants.decision}` says of {'、'.join(options)}"
        f" — {words.applicants.ground.zh} · {words.applicants.ground.en}"
    )


def _start_form(package: Package) -> Form | None:
    part = package.forms.get(package.manifest.start_form or "")
    return None if part is None else parse_form(orjson.loads(part.content))


def _papers(package: Package) -> Iterator[str]:
    words = package.manifest.public
    if words is not None and words.bring:
        yield from ("## What to bring", "", *(f"- {_both(each)}" for each in words.bring), "")
    if not package.manifest.papers:
        return
    form = _start_form(package)
    yield from ("## Papers", "", "| paper | needed | instead |", "| --- | --- | --- |")
    for paper in package.manifest.papers:
        told = paper.when or (form and condition_words.in_words(paper.required, form))
        when = "always" if paper.required == "true" else _both(told) if told else paper.required
        yield f"| {_both(paper.title)} | {when} | {paper.replaced_by or ''} |"
    yield ""


def _steps(library: Library, package: Package, definition: Definition) -> Iterator[str]:
    said = {
        each.id: f"{each.values.get('legalBasis', '')} {each.documentation}"
        for each in diagram_edits.elements(package.diagram.content, package.diagram_file)
    }
    if diagram_edits.LEGAL_BASIS.encode() not in package.diagram.content:
        yield from (_NO_GROUND, "")
    yield from ("## Steps", "", "| step | who or what | ground and note |", "| --- | --- | --- |")
    for element in _in_order(definition):
        if element.kind in _STEPS and element.name:
            inner = "↳ " if element.scope else ""
            told = f"{element.name} · {element.name_en}" if element.name_en else element.name
            note = _line(said.get(element.id, ""))
            yield f"| {inner}{told} | {_does(library, element)} | {note} |"
    yield ""


def _does(library: Library, element: Element) -> str:
    if element.user is not None:
        duty = f", {element.user.duty}" if element.user.duty else ""
        return f"{' or '.join(element.user.candidate_groups)}{duty}"
    if element.called:
        called = library.package_of(element.called)
        return f"{element.called} {called.manifest.title.en}" if called else element.called
    if element.decision is not None:
        return f"decision `{element.decision.decision}`"
    if element.service is not None:
        return f"`{element.service.operation}`"
    return _STEPS[element.kind]


def _clocks(limits: Limits) -> Iterator[str]:
    plans = [("", plan) for plan in limits.clocks.values()]
    plans += [("task ", plan) for plan in limits.tasks.values()]
    if not plans:
        return
    yield "## Limits"
    yield ""
    yield "| limit | length | from | until | ground | ladder |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for kind, plan in plans:
        law = _rule(plan)
        yield (
            f"| {kind}{plan.name}: {law.title_zh} · {law.title_en} (`{plan.rule}`) | {_length(law)}"
            f"{' (the office decides)' if plan.length else ''} | {plan.start} | {plan.stop}"
            f"{'; may be paused' if plan.pausable else ''}"
            f" | {render(law.article, 'zh-TW') or '—'} | {_ladder(plan)} |"
        )
    yield ""


def _agencies(library: Library, definition: Definition) -> Iterator[str]:
    tells = any(element.called == "C06" for element in definition.elements.values())
    kinds = sorted(_registration_types(definition)) if tells else []
    rows = [
        row
        for table in law_tables()
        if table.decision == MATRIX
        for row in table.rows
        if any(kind in _named(row.when[0][1]) for kind in kinds)
    ]
    asked = sorted(
        {
            literal.group(1)
            for element in definition.elements.values()
            if element.service is not None or element.called in ("C11",)
            for mapping in element.inputs
            if mapping.target == "agency" and (literal := _LITERAL.match(mapping.source.text))
        }
    )
    if not rows and not asked:
        return
    yield from ("## Agencies", "")
    if asked:
        yield from (f"Asked or told by the diagram: {', '.join(asked)}.", "")
    if rows:
        yield f"Told after approval (C06), as the table of notifications has it for {_and(kinds)}:"
        yield from ("", "| when | who, why, what | source |", "| --- | --- | --- |")
        for row in rows:
            when = "; ".join(f"{label} {text}" for label, text in row.when[1:] if text != "-")
            then = "; ".join(f"{label} {text}" for label, text in row.then)
            yield f"| {_line(when) or 'always'} | {_line(then)} | {_line(row.source)} |"
        yield ""


def _proofs(package: Package) -> Iterator[str]:
    if not package.scenarios:
        return
    yield from ("## Scenarios", "", "Run by `huzheng process test`, straight through and saved")
    yield from ("between all steps.", "")
    for path in package.scenarios:
        name = path.rpartition("/")[2]
        title = load_yaml(package.files[f"scenarios/{name}"])["title"]
        yield f"- {title['zh-TW']} · {title['en']} (`{name}`)"


# --- below --------------------------------------------------------------------------------------


def _in_order(definition: Definition) -> Iterator[Element]:
    """As the flows lead, each element behind all that lead to it but loops; what is inside a
    sub-process behind the sub-process itself."""

    def walk(scope: str | None) -> Iterator[Element]:
        inside = definition.scopes[scope]
        starts = (*inside.start_events, *inside.event_sub_processes, *inside.elements)
        for element_id in _sorted(definition, starts):
            yield definition.elements[element_id]
            if element_id in definition.scopes:
                yield from walk(element_id)

    yield from walk(None)


def _sorted(definition: Definition, starts: Sequence[str]) -> list[str]:
    """The elements of one scope: a depth-first walk of the flows, its last first."""
    seen: set[str] = set()
    done: list[str] = []
    for start in starts:
        part: list[str] = []
        todo = [(start, False)]
        while todo:
            element_id, is_left = todo.pop()
            if is_left:
                part.append(element_id)
            elif element_id not in seen:
                seen.add(element_id)
                element = definition.elements[element_id]
                todo.append((element_id, True))
                targets = [flow.target for flow in element.outgoing]
                todo.extend((each, False) for each in (*targets, *element.boundary))
        done += part[::-1]
    return done


def _limits(package: Package) -> Limits:
    if package.limits is None:
        return NO_LIMITS
    return parse(package.limits.content, f"{package.folder}/limits.yaml")


def _rule(plan: ClockPlan) -> Rule:
    newest = max(versions(plan.rule), key=lambda each: each.valid_from or date.min)
    return newest.with_length(plan.length, plan.unit)


def _length(law: Rule) -> str:
    if law.length is None:
        return "as the document says"
    return " + ".join(f"{span.amount} {UNIT_WORDS[span.unit][1]}" for span in law.spans())


def _ladder(plan: ClockPlan) -> str:
    if plan.drawn:
        return plan.drawn
    return ", ".join(f"{rung.at} {rung.act} {rung.to}" for rung in plan.ladder) or "—"


def _registration_types(definition: Definition) -> set[str]:
    return {
        literal.group(1)
        for element in definition.elements.values()
        for mapping in element.inputs
        if mapping.target == _REGISTRATION and (literal := _LITERAL.match(mapping.source.text))
    }


def _both(text: Text) -> str:
    return f"{text.zh} · {text.en}"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _named(cell: str) -> set[str]:
    """The values that the text of a cell lists."""
    return {each.strip() for each in cell.split(",")}


def _and(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
