"""Every process package is whole, clean, and does what its scenarios say."""

from __future__ import annotations

from datetime import date

import orjson
import pytest
from lxml import etree

from engine import forms, functions, operations
from engine.bpmn import Library as Names
from engine.bpmn import lint
from engine.bpmn.definition import Element, Kind
from engine.bpmn.scenario import unvisited
from engine.decisions import read_decisions
from engine.packages import Package, variables_of
from engine.yaml_reading import load_yaml
from feel import compile_expression
from sla.rules import rule
from sla.scenarios import Rehearsal
from tests.processes.library import LIBRARY, PACKAGES, outcome_of, scenario_files

IDS = [package.id for package in PACKAGES]
each_package = pytest.mark.parametrize("package", PACKAGES, ids=IDS)
DMN = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}


def user_tasks(package: Package) -> list[Element]:
    elements = LIBRARY.definition(package).elements.values()
    return [element for element in elements if element.kind is Kind.USER_TASK]


@each_package
def test_lint_has_nothing_to_say(package: Package) -> None:
    found = LIBRARY.lint(package.id)

    assert [str(finding) for finding in found] == []


@each_package
def test_every_name_in_an_expression_comes_from_somewhere(package: Package) -> None:
    # The library cannot know what a called part is given; here its own declarations must do.
    start = package.forms.get(package.manifest.start_form or "")
    names = Names(
        forms={form_id: variables_of(form) for form_id, form in package.forms.items()},
        operations=operations.RESULTS,
        start_variables=variables_of(start) if start else frozenset(),
        functions=functions.names(),
    )

    found = lint(package.diagram.content, library=names)

    assert [str(finding) for finding in found] == []


@pytest.mark.parametrize(("package_id", "file"), list(scenario_files()))
def test_a_scenario_holds_straight_and_saved_between_its_steps(package_id: str, file: str) -> None:
    assert outcome_of(package_id, file).failures == ()


def test_every_element_and_flow_is_taken_by_some_scenario() -> None:
    results = [outcome_of(package_id, file) for package_id, file in scenario_files()]

    missed = unvisited([LIBRARY.definition(package) for package in PACKAGES], results)

    assert missed == []


@each_package
def test_every_package_shows_an_ordinary_case_and_an_exception(package: Package) -> None:
    assert len(package.scenarios) >= 2


@each_package
def test_every_user_task_says_who_may_do_it_and_on_which_form(package: Package) -> None:
    for task in user_tasks(package):
        assert task.user is not None
        assert task.user.candidate_groups, task.id
        assert task.user.form_key in package.forms, task.id


@each_package
def test_every_button_is_worded_on_the_form(package: Package) -> None:
    for task in user_tasks(package):
        assert task.user is not None
        form = forms.parse(orjson.loads(package.forms[task.user.form_key or ""].content))
        worded = {str(option.value) for option in form.outcomes}
        assert set(task.user.outcomes) <= worded, f"{task.id}: {task.user.outcomes}"


@each_package
def test_every_form_is_used_and_worded_in_both_languages(package: Package) -> None:
    used = {task.user.form_key for task in user_tasks(package) if task.user is not None}

    assert set(package.forms) == used | ({package.manifest.start_form} - {None})
    for form in package.forms.values():
        assert forms.problems(orjson.loads(form.content)) == []


@each_package
def test_the_recorder_never_reviews(package: Package) -> None:
    for task in user_tasks(package):
        assert task.user is not None
        groups = set(task.user.candidate_groups)
        if task.user.duty == "record":
            assert not groups & {"reviewer", "chief", "director"}, task.id
        if task.user.duty == "review":
            assert groups == {"reviewer"}, task.id
        if task.user.duty == "approve":
            assert groups <= {"chief", "secretary", "director"}, task.id


@each_package
def test_every_decision_can_be_read(package: Package) -> None:
    closure = LIBRARY.closure(package.id)
    tables = {part.name: part.content for part in closure.parts if part.kind == "dmn"}

    known = read_decisions(tables)

    assert LIBRARY.definition(package).decisions <= known.keys()


@each_package
def test_every_row_of_its_own_tables_says_since_when_and_from_where(package: Package) -> None:
    for table in package.decision_files.values():
        root = etree.fromstring(table.content)
        for decision in root.iterfind(".//d:decisionTable", DMN):
            names = [each.get("name") for each in decision.iterfind("d:annotation", DMN)]
            assert names == ["valid_from", "source"], table.name
            for row in decision.iterfind("d:rule", DMN):
                since, source = (
                    each.findtext("d:text", namespaces=DMN)
                    for each in row.iterfind("d:annotationEntry", DMN)
                )
                assert date.fromisoformat(since or ""), row.get("id")
                assert source, row.get("id")


@each_package
def test_every_limit_names_a_rule_of_the_law_table(package: Package) -> None:
    limits = Rehearsal.of(LIBRARY, package.id).limits
    for plan in (*limits.clocks.values(), *limits.tasks.values()):
        version = rule(plan.rule, date(2026, 3, 2)).with_length(plan.length, plan.unit)
        assert version.length is not None, plan.name


@each_package
def test_the_papers_of_the_counter_are_those_of_the_intake_check(package: Package) -> None:
    documents = [name for name in package.decision_files if name.endswith("-documents.dmn")]
    if not package.manifest.starts or not package.manifest.papers:
        assert not documents
        return
    table = package.decision_files[documents[0]]
    root = etree.fromstring(table.content)
    cells = [row.findtext(".//d:outputEntry/d:text", namespaces=DMN) for row in rows(root)]

    assert {paper.id for paper in package.manifest.papers} == {cell.strip('"') for cell in cells}


def rows(root: etree._Element) -> list[etree._Element]:
    return list(root.iterfind(".//d:rule", DMN))


@pytest.mark.parametrize(
    ("package_id", "file"), [pair for pair in scenario_files() if pair[0].startswith("P")]
)
def test_the_counter_asks_for_the_papers_the_table_asks_for(package_id: str, file: str) -> None:
    asked = [
        fact.result
        for fact in outcome_of(package_id, file).facts
        if getattr(fact, "decision", "").endswith("-documents")
    ]
    document = load_yaml((LIBRARY.root / file).read_text(encoding="utf-8"))
    values = document["file"]["values"]
    if not asked or document["file"]["channel"] == "message":
        return

    required = [
        paper.id
        for paper in LIBRARY.package(package_id).manifest.papers
        if holds(paper.required, {**NOTHING[package_id], **values})
    ]

    assert sorted(required) == sorted(paper["value"] for paper in asked[-1])


NOTHING = {
    package.id: dict.fromkeys(variables_of(package.forms[package.manifest.start_form or ""]))
    for package in PACKAGES
    if package.manifest.start_form
}


def holds(condition: str, values: dict[str, object]) -> bool:
    return compile_expression(condition)(values) is True


@each_package
def test_what_names_a_person_is_personal_data(package: Package) -> None:
    for content in package.forms.values():
        form = forms.parse(orjson.loads(content.content))
        bare = [field.key for field in form.inputs() if field.kind and not field.is_personal]
        assert bare == [], form.id
