"""Writes docs/conformance.md from a run of the tests; with --check, says whether it is so already.

Nothing in the document is kept by hand. What exists is asked of the code (the vocabulary of BPMN,
the compiler of FEEL, the schema of DMN); that it is so is asked of the tests: those collected, by
the values they are given, and the scenarios of the interpreter, by what they really ran.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.bpmn import vocabulary  # noqa: E402 -- the repository is put on the path first
from engine.bpmn.definition import Definition, Element, Kind  # noqa: E402
from engine.bpmn.facts import ElementActivated, ElementCompleted  # noqa: E402
from engine.bpmn.lint_sentences import SENTENCES  # noqa: E402
from engine.bpmn.vocabulary import Treatment  # noqa: E402
from feel.builtin_table import BUILTINS  # noqa: E402
from feel.dmn.document import IGNORED, NAMESPACES, SCHEMA  # noqa: E402
from feel.dmn.hit_policy import AGGREGATORS, HitPolicy  # noqa: E402
from feel.syntax import Call, Name  # noqa: E402
from tests.support.instances import Instance  # noqa: E402
from tests.unit.feel import constructs  # noqa: E402

DOCUMENT = ROOT / "docs" / "conformance.md"
FIGURES = ROOT / "bench" / "fuzz.json"
RUN = "tests/bpmn/interpreter/"
COLLECTED = ("tests/bpmn", "tests/unit/feel", "tests/unit/dmn")
WORDS = {
    Treatment.EXECUTED: "executed",
    Treatment.IGNORED: "kept, not executed",
    Treatment.REFUSED: "refused",
}

Rows = Iterable[tuple[str, ...]]


class Witness:
    """A pytest plugin that notes what tests there are, and what the interpreter's tests run."""

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, Any]] = {}  # id → the values it is given
        self.ran: dict[str, str] = {}  # what was run → id of the first test that ran it
        self.failed: list[str] = []
        self._test = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in sorted(items, key=lambda each: each.nodeid):
            spec = getattr(item, "callspec", None)
            self.tests[item.nodeid] = dict(spec.params) if spec else {}
        items[:] = sorted(
            (item for item in items if item.nodeid.startswith(RUN) and not _is_random(item)),
            key=lambda each: each.nodeid,
        )

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._test = item.nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def watch(self, instance: Instance, told: Iterable[object]) -> None:
        """Note what `told` says that the definitions of the instance ran."""
        definitions = {instance.definition.process_id: instance.definition}
        definitions.update(instance.env.definitions)
        for fact in told:
            if isinstance(fact, ElementActivated | ElementCompleted):
                definition = definitions.get(fact.process_id)
                element = definition and definition.elements.get(fact.element_id)
                for what in _features(definition, element) if definition and element else ():
                    self.ran.setdefault(what, self._test)

    def proof(self, matches: Callable[[str], bool]) -> str:
        """The first test whose id fits."""
        return next((test for test in self.tests if matches(test)), "")

    def named(self, path: str, *names: str) -> str:
        """The first test of these functions (`file.py::function`) with this value in brackets."""
        wanted = tuple(f"{path}[{name}" for name in names)
        ends = ("]", ":", "-")
        return self.proof(
            lambda test: any(
                test.startswith(each) and test[len(each) : len(each) + 1] in ends for each in wanted
            )
        )


def _is_random(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "obj", None), "hypothesis")


def _features(definition: Definition, element: Element) -> Iterator[str]:
    kind = element.kind.replace("_", " ")
    yield kind
    if element.event is not None and element.kind.endswith("event"):
        place = "event sub-process start" if _starts_listener(definition, element) else kind
        yield f"{place}: {element.event.kind.replace('_', ' ')}"
        if place in {"boundary event", "event sub-process start"}:
            how = "interrupting" if element.event.interrupting else "not interrupting"
            yield f"{place}, {how}"
        if element.event.timer is not None:
            yield f"timer: {element.event.timer.kind}"
            yield f"missed timer: {element.event.timer.missed}"
    if element.multi_instance is not None:
        order = "sequential" if element.multi_instance.sequential else "parallel"
        of = "collection" if element.multi_instance.collection else "cardinality"
        yield f"multi-instance, {order}, by {of}"
        yield f"multi-instance behaviour: {element.multi_instance.behaviour}"
        if element.multi_instance.completion_condition is not None:
            yield "multi-instance with a completion condition"
    if element.loop is not None:
        yield f"standard loop, test {'before' if element.loop.test_before else 'after'}"
    yield from _marks(element)


def _marks(element: Element) -> Iterator[str]:
    marks = {
        "compensation handler": element.for_compensation,
        "instantiating element": element.instantiates,
        "event-based gateway that waits for all": element.all_events,
        "start quantity": element.start_quantity > 1,
        "completion quantity": element.completion_quantity > 1,
        "several outgoing flows without a gateway": (
            "gateway" not in element.kind and len(element.outgoing) > 1
        ),
        "several incoming flows without a gateway": (
            "gateway" not in element.kind and len(element.incoming) > 1
        ),
        "conditional flow out of an activity": (
            "gateway" not in element.kind and any(flow.condition for flow in element.outgoing)
        ),
        "default flow": any(flow.default for flow in element.outgoing),
        "input mapping": bool(element.inputs),
        "output mapping": bool(element.outputs),
        "error code of a script or decision": element.failure is not None,
    }
    return (name for name, holds in marks.items() if holds)


def _starts_listener(definition: Definition, element: Element) -> bool:
    scope = definition.elements.get(element.scope or "")
    return element.kind is Kind.START_EVENT and (
        scope is not None and scope.kind is Kind.EVENT_SUB_PROCESS
    )


def witnessed() -> Witness:
    """Run the tests. Raises SystemExit if one fails, for then nothing is proven."""
    witness = Witness()
    begin, send = Instance.__init__, Instance.send

    def watched_begin(self: Instance, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        witness.watch(self, self.last)

    def watched_send(self: Instance, trigger: Any) -> tuple[Any, ...]:
        told = send(self, trigger)
        witness.watch(self, told)
        return told

    Instance.__init__, Instance.send = watched_begin, watched_send  # type: ignore[method-assign]
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        status = pytest.main(
            ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", *COLLECTED], plugins=[witness]
        )
    Instance.__init__, Instance.send = begin, send  # type: ignore[method-assign]
    if status != pytest.ExitCode.OK:
        raise SystemExit(
            f"Expected the tests to pass: {witness.failed[:5]}\n{told.getvalue()[-2000:]}"
        )
    return witness


# --- BPMN ------------------------------------------------------------------------------------

_CARRIED = "tests/bpmn/test_elements.py::test_what_is_executed_is_carried_by_the_definition"
_GLOBAL = "tests/bpmn/test_elements.py::test_what_is_said_on_global_elements_is_carried"
_V = "tests/bpmn/test_vocabulary.py::"
_CHANGES = _V + "test_an_ignored_element_changes_nothing_and_an_executed_one_does"
_JUDGED = _V + "test_an_element_is_executed_or_ignored_or_refused_with_its_id_and_name"
_LISTED = _V + "test_no_element_of_the_schema_is_left_out_of_the_vocabulary"
_ATTRIBUTE = _V + "test_an_attribute_is_executed_or_ignored_or_refused_with_its_element_and_name"
_ATTRIBUTE_CHANGES = _V + "test_an_ignored_attribute_changes_nothing_and_an_executed_one_does"


def elements(witness: Witness) -> Rows:
    for name, entry in sorted(vocabulary.ELEMENTS.items()):
        proof = (
            witness.named(_CARRIED, name)
            or witness.named(_GLOBAL, name)
            or witness.named(_JUDGED if entry.treatment is Treatment.REFUSED else _CHANGES, name)
            or witness.named(_LISTED, name)
        )
        yield f"`{name}`", WORDS[entry.treatment], entry.en, proof


def attributes(witness: Witness) -> Rows:
    for (element, name), entry in sorted(vocabulary.ATTRIBUTES.items()):
        proof = witness.named(_CARRIED, f"{element}.{name}") or witness.named(
            _GLOBAL, f"{element}.{name}"
        )
        changes = _ATTRIBUTE if entry.treatment is Treatment.REFUSED else _ATTRIBUTE_CHANGES
        proof = proof or _attribute_proof(witness, changes, element, name)
        shown = f"`{name}`" if element == "*" else f"`{element}.{name}`"
        yield shown, WORDS[entry.treatment], entry.en, proof


def _attribute_proof(witness: Witness, function: str, element: str, name: str) -> str:
    start = f"{function}[" if element == "*" else f"{function}[{element}:"
    return witness.proof(lambda test: test.startswith(start) and test.endswith(f"-{name}]"))


def extensions(witness: Witness) -> Rows:
    for name in sorted(vocabulary.HZ_ELEMENTS):
        yield f"`hz:{name}`", "executed", witness.named(_CARRIED, f"hz:{name}")
    for element, names in sorted(vocabulary.HZ_ATTRIBUTES.items()):
        for name in sorted(names):
            full = f"{element}.hz:{name}"
            proof = witness.named(_CARRIED, full) or witness.named(_GLOBAL, full)
            if element == "manualTask":  # the same as on user tasks, and tested there
                proof = witness.named(_CARRIED, f"userTask.hz:{name}")
            proof = proof or witness.proof(
                lambda test: "test_the_process_brings_its_id_name_label_and_words" in test
            )
            yield f"`{full}`", "executed", proof


def scenarios(witness: Witness) -> Rows:
    return sorted(witness.ran.items())


def rules(witness: Witness) -> Rows:
    function = "tests/bpmn/test_lint.py::test_a_broken_rule_is_found_where_it_is_broken"
    for rule in sorted(SENTENCES):
        proof = witness.named(function, rule) or witness.proof(
            lambda test: "test_second_reader" in test
        )
        yield f"`{rule}`", str(SENTENCES[rule].severity), proof


# --- FEEL ------------------------------------------------------------------------------------


def _expressions(witness: Witness) -> list[tuple[str, str]]:
    """(text, test) of every test that is given the text of an expression or of a cell."""
    return [
        (value, test)
        for test, given in witness.tests.items()
        if test.startswith("tests/unit/feel/")
        for value in given.values()
        if isinstance(value, str) and len(value) < 2_000
    ]


def feel_constructs(witness: Witness) -> Rows:
    found: dict[str, str] = {}
    for text, test in _expressions(witness):
        for tree in constructs.trees(text):
            for node in constructs.nodes(tree):
                for name, holds in constructs.CONSTRUCTS.items():
                    if name not in found and holds(node):
                        found[name] = test
    return [(name, "executed", found.get(name, "")) for name in constructs.CONSTRUCTS]


def builtins(witness: Witness) -> Rows:
    calls: dict[str, list[str]] = {}
    for text, test in _expressions(witness):
        for tree in constructs.trees(text):
            for node in constructs.nodes(tree):
                if isinstance(node, Call) and isinstance(node.callee, Name):
                    calls.setdefault(node.callee.name, []).append(test)
    for name, builtin in sorted(BUILTINS.items()):
        ways = ", ".join(f"`{signature}`" for signature in builtin.signatures)
        tests = calls.get(name, [""])
        yield f"`{name}`", "executed", ways, str(len(set(tests))), tests[0]


def refusals(witness: Witness) -> Rows:
    """What FEEL has and we do not: refused, or null with a diagnostic."""
    wanted = {
        "external (Java, PMML) functions": ("external {}", "refused"),
        "years before 1 and after 9999": ("10000-01-01", "refused: null with a diagnostic"),
        "fractions of a second beyond six digits": ("123456789", "kept to six digits"),
    }
    for what, (sign, word) in wanted.items():
        found = (test for text, test in _expressions(witness) if sign in text)
        yield what, word, next(found, "")


# --- DMN -------------------------------------------------------------------------------------

_D = "tests/unit/dmn/test_elements.py::"


def dmn_elements(witness: Witness) -> Rows:
    for name in sorted(SCHEMA):
        proof = (
            witness.named(_D + "test_an_element_changes_what_a_model_answers", name)
            or witness.named(
                _D + "test_an_element_that_says_something_again_is_held_against_the_rest", name
            )
            or witness.named(_D + "test_a_model_has_its_answer", "literal")
        )
        yield f"`{name}`", "executed", proof
    for name in sorted(IGNORED):
        proof = witness.named(_D + "test_an_element_for_people_changes_nothing", name)
        yield f"`{name}`", "kept, not executed", proof


def dmn_attributes(witness: Witness) -> Rows:
    functions = {
        "test_an_attribute_changes_what_a_model_answers": "executed",
        "test_an_attribute_that_asks_for_another_language_is_refused": "executed; others refused",
        "test_an_attribute_for_people_changes_nothing": "kept, not executed",
    }
    for element, (names, _) in sorted(SCHEMA.items()):
        for name in sorted(names.split()):
            for function, word in functions.items():
                if proof := witness.named(_D + function, f"{element}-{name}"):
                    yield f"`{element}.{name}`", word, proof


def dmn_rest(witness: Witness) -> Rows:
    path = "tests/unit/dmn/test_hit_policies.py::"
    for policy in HitPolicy:
        function = path + "test_every_policy_has_its_answer_where_two_rows_match"
        yield f"hit policy {policy}", "executed", witness.named(function, policy)
    for word in AGGREGATORS:
        function = path + "test_collect_joins_by_its_operator"
        yield f"aggregation {word}", "executed", witness.named(function, word)
    for namespace in sorted(NAMESPACES):
        function = "tests/unit/dmn/test_documents.py::test_every_version_of_dmn_is_read"
        yield f"namespace `{namespace}`", "executed", witness.named(function, namespace)


# --- the document ----------------------------------------------------------------------------


def table(title: str, heads: tuple[str, ...], rows: Rows) -> str:
    """A section with its table. Raises SystemExit for a row that no test proves."""
    body: list[str] = []
    count: dict[str, int] = {}
    for row in rows:
        *cells, proof = row
        if not proof:
            raise SystemExit(f"Expected a test that proves {cells[0]} ({title}), but none does")
        count[cells[1] if len(cells) > 1 else "run"] = (
            count.get(cells[1] if len(cells) > 1 else "run", 0) + 1
        )
        body.append(_line((*cells, _test(proof))))
    told = ", ".join(f"{number} {word}" for word, number in count.items() if len(count) < 6)
    rule = _line(("---",) * len(heads))
    return "\n".join([f"### {title}", "", f"{told}.".strip("."), "", _line(heads), rule, *body, ""])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "⏎") for cell in cells) + " |"


def _test(proof: str) -> str:
    """A test as code: its file, its name and, shortened, the values it is given."""
    path, _, name = proof.partition("::")
    name, bracket, given = name.partition("[")
    given = given.removesuffix("]")
    shown = given if len(given) <= 60 else given[:57] + "…"
    words = f"{path.removeprefix('tests/')} {name}{bracket and f'[{shown}]'}"
    return f"`{words.replace('`', 'ˋ')}`"


def document(witness: Witness) -> str:
    what = ("What", "", "Proof")
    because = ("What", "", "Because it", "Proof")
    parts = [
        "# Conformance",
        "",
        "Generated by `.ci/conformance.py` from the code and a run of its tests; a test fails when "
        "it is out of date. *Executed*: it changes what happens. *Kept, not executed*: it stays "
        "in the file, is shown and exported, and changes nothing. *Refused*: the file is not "
        "deployed, with a sentence that names the element; it can still be kept, shown and "
        "exported.",
        "",
        "## BPMN 2.0.2",
        "",
        table("Elements", because, elements(witness)),
        table("Attributes (without an element: on every one)", because, attributes(witness)),
        table("Extensions", what, extensions(witness)),
        table("What the scenarios run", ("What", "Proof"), scenarios(witness)),
        table("Rules of lint", ("Rule", "", "Proof"), rules(witness)),
        "## FEEL",
        "",
        table("Constructs", what, feel_constructs(witness)),
        table(
            "Built-in functions", ("Name", "", "Ways to call", "Tests", "Proof"), builtins(witness)
        ),
        table("Limits", what, refusals(witness)),
        "## DMN",
        "",
        table("Elements", what, dmn_elements(witness)),
        table("Attributes", what, dmn_attributes(witness)),
        table("Policies and versions", what, dmn_rest(witness)),
        fuzz(),
    ]
    return "\n".join(parts).rstrip() + "\n"


def fuzz() -> str:
    """The figures of the last long run of `bench.fuzz`."""
    if not FIGURES.exists():
        return ""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    lines = [_line((name, str(value))) for name, value in figures.items()]
    words = (
        "The last long run (`python -m bench.fuzz`): every expression and diagram had an answer or "
        "a refusal by name; a small sample runs with the tests."
    )
    return "\n".join(["## Fuzz", "", words, "", _line(("", "")), _line(("---", "---")), *lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    found = document(witnessed())
    if not parser.parse_args().check:
        DOCUMENT.write_text(found, encoding="utf-8")
    elif DOCUMENT.read_text(encoding="utf-8") != found:
        raise SystemExit("docs/conformance.md is out of date; run .ci/conformance.py and commit it")


if __name__ == "__main__":
    main()
