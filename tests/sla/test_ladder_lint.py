"""What is wrong with a drawn ladder is said by lint, at its element, before anybody deploys it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bpmn.findings import DefinitionRefused
from engine.package_skeletons import NewPackage, skeleton
from engine.packages import FileFinding, load_library
from sla.ladder_lint import drawing_of, shown
from sla.scenarios import Rehearsal, scenarios_of
from tests.support.clocked import CLOCKED
from tests.support.ladders import act, copy_ladders, line, timer, write_ladder
from tests.support.ladders import write_process as write
from tests.support.office import LIBRARY, Office
from tests.support.packages import diagram, flows, service_task, user_task, write_package

END = '<endEvent id="end"/>'
START = '<startEvent id="start"/>'


def found(packages: Path, package_id: str = "LX") -> list[FileFinding]:
    return [
        each
        for each in load_library(packages).lint(package_id)
        if each.finding.rule in ("ladder.invalid", "timer.bad-point")
    ]


def only(packages: Path, package_id: str = "LX") -> tuple[str, str]:
    (told,) = found(packages, package_id)
    assert told.finding.message_zh
    return told.finding.element_id, told.finding.message_en


def test_a_sound_ladder_has_no_findings(packages: Path) -> None:
    write_ladder(packages, "LX", line("0.5", ("warn", "owner"), "due+5wd", ("escalate", "chief")))

    assert [
        str(each) for each in load_library(packages).lint("LX") if each.finding.rule[:6] == "ladder"
    ] == []


def test_a_timer_with_a_time_of_its_own_is_refused(packages: Path) -> None:
    own = (
        '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>P1D</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>"
    )
    body = START + own + act("a", "warn", '"owner"') + END
    write_ladder(packages, "LX", body + flows("start>wait", "wait>a", "a>end"))

    told = found(packages)

    assert {each.finding.element_id for each in told} == {"wait", "a"}
    assert "must wait for a point of the clock limit" in told[0].finding.message_en


@pytest.mark.parametrize(
    ("body", "element", "why"),
    [
        (line("due", ("warn", "boss")), "s1", "nobody called 'boss'"),
        (line(("warn", "owner"), "due"), "s0", "No timer comes before"),
        (line("due", ("warn", "owner"), "0.5", ("warn", "chief")), "s2", "earlier point"),
        (
            START
            + timer("t", "due")
            + user_task("ask", "chief")
            + END
            + flows("start>t", "t>ask", "ask>end"),
            "ask",
            "chase (C13)",
        ),
        (
            START
            + timer("t", "due")
            + service_task("note", "case.annotate", text="&quot;x&quot;")
            + END
            + flows("start>t", "t>note", "note>end"),
            "note",
            "no act of a ladder",
        ),
        (
            START
            + timer("t", "due")
            + act("a", "warn", '"owner"')
            + '<exclusiveGateway id="more" default="more_end"/>'
            + END
            + flows("start>t", "t>a", "a>more", "more>t:1 = 2", "more>end"),
            "t",
            "draw no loop",
        ),
        (
            START
            + timer("t", "due")
            + act("a", "warn", "clock.chief")
            + END
            + flows("start>t", "t>a", "a>end"),
            "a",
            "",
        ),
    ],
)
def test_what_no_ladder_can_do_is_named_by_its_element(
    packages: Path, body: str, element: str, why: str
) -> None:
    write_ladder(packages, "LX", body)

    assert only(packages)[0] == element
    assert why in only(packages)[1]


def test_a_ladder_has_one_limit_to_be_rehearsed_with(packages: Path) -> None:
    write_ladder(packages, "LX", line("due", ("warn", "owner")))
    (packages / "lx" / "limits.yaml").write_text("clocks: {}\n", encoding="utf-8")

    assert "exactly one clock, limit" in found(packages)[0].finding.message_en


def test_a_limit_that_names_no_ladder_is_refused(office: Office, packages: Path) -> None:
    write(packages, "L77")

    element, sentence = only(packages, "CLOCKED")
    assert element == ""
    assert "clocks.processing.ladder: there is no ladder 'L77'" in sentence
    with pytest.raises(DefinitionRefused, match="no ladder 'L77'"):
        office.deploy("CLOCKED")


def test_an_applicants_term_is_not_bound_to_a_ladder_that_blames_the_office(packages: Path) -> None:
    copy_ladders(packages)
    write_package(
        packages,
        "CLOCKED",
        CLOCKED,
        limits="clocks: {processing: {rule: STAT_BIRTH_60D, ladder: L01}}\n",
    )

    told = [each.finding.message_en for each in found(packages, "CLOCKED")]

    assert any("instead of escalate write prompt" in each for each in told)


def test_an_act_of_a_ladder_stands_in_ladders_only(packages: Path) -> None:
    body = START + service_task("a", "ladder.warn", to="&quot;owner&quot;") + END
    write_package(packages, "PX", diagram("PX", body + flows("start>a", "a>end")))

    assert only(packages, "PX") == (
        "a",
        "a asks for ladder.warn, which only a ladder (kind: ladder) does.",
    )


def test_what_the_librarys_ladder_draws_for_each_kind_of_limit() -> None:
    library = load_library(LIBRARY)

    drawn = {
        kind: [f"{rung.at} {rung.act} {rung.to}" for rung in rungs]
        for kinds, rungs in shown(drawing_of(library, "L01"))
        for kind in kinds
    }

    assert drawn["office"] == drawn["ordinary"] == drawn["fixed_term"]
    assert drawn["office"] == [
        "0.5 warn owner",
        "0.8 warn owner+chief",
        "due escalate chief",
        "due delay owner",
        "due+1wd chase chief",
        "due+3wd escalate secretary+director",
    ]
    assert drawn["urgent"] == drawn["most_urgent"]
    assert drawn["urgent"][-2:] == ["due chase chief", "due+1wd escalate secretary+director"]


def test_a_ladder_is_pinned_with_the_process_that_names_it(packages: Path) -> None:
    copy_ladders(packages)
    write(packages, "L01")

    parts = {(part.kind, part.name) for part in load_library(packages).closure("CLOCKED").parts}

    assert {("bpmn", "L01"), ("package", "L01")} <= parts
    assert ("limits", "L01") not in parts


def test_a_new_ladder_of_the_studio_is_sound_and_does_what_its_scenario_says(
    packages: Path,
) -> None:
    made = skeleton(NewPackage("L41", "ladder", "戶政階梯", "A ladder"))
    for path, content in made.items():
        file = packages / "l41" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    library = load_library(packages)

    assert [str(each) for each in library.lint("L41")] == []
    ((_, scenario),) = scenarios_of(library, "L41")
    assert Rehearsal.of(library, "L41").check(scenario).failures == ()
    (drawn,) = shown(drawing_of(library, "L41"))
    assert [(rung.at, rung.act, rung.to) for rung in drawn[1]] == [("due", "warn", "owner")]
