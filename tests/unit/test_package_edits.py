"""Edits of packages change what they say and leave every other byte as it was."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import yaml

from engine import diagram_edits, form_edits, package_archives, table_edits, xml_edits, yaml_edits
from engine.bpmn import lint
from engine.errors import NotFound, Rejected
from engine.manifests import PackageError
from engine.package_diff import differences
from engine.package_skeletons import NewPackage, process_of, skeleton
from feel.dmn import parse
from tests.support.clocked import LADDER

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
MOVE = LIBRARY / "registration" / "move"
DIAGRAM = (MOVE / "move.bpmn").read_bytes()
TABLE = (MOVE / "move-documents.dmn").read_bytes()
FORM = (MOVE / "forms" / "move-entry.form").read_bytes()
LIMITS = (MOVE / "limits.yaml").read_bytes()


def files(pattern: str) -> list[Path]:
    return sorted(LIBRARY.rglob(pattern))


def changed_lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    old, new = before.splitlines(), after.splitlines()
    return [x for x in old if x not in new], [x for x in new if x not in old]


@pytest.mark.parametrize("file", files("*.bpmn")[::8], ids=lambda file: file.name)
def test_saying_of_every_element_what_it_says_changes_no_byte(file: Path) -> None:
    content = file.read_bytes()

    for element in diagram_edits.elements(content)[:40]:
        assert diagram_edits.edit(content, element.id, element.values) == content


@pytest.mark.parametrize("file", files("*.form"), ids=lambda file: file.name)
def test_saying_of_every_field_what_it_says_changes_no_byte(file: Path) -> None:
    content = file.read_bytes()
    known = {
        row.place: {name: row.values.get(name, "") for name in form_edits.SETTABLE}
        for row in form_edits.rows(content)
    }

    assert form_edits.set_fields(content, known) == content
    assert form_edits.set_shows(content, *form_edits.shows(content)) == content


@pytest.mark.parametrize("file", files("*.dmn"), ids=lambda file: file.name)
def test_saying_of_every_cell_what_it_says_changes_no_byte(file: Path) -> None:
    content = file.read_bytes()
    for table in table_edits.tables(content):
        cells = {
            (row, column): text
            for row, rule in enumerate(table.rules)
            for column, text in enumerate(rule.cells)
        }
        assert table_edits.set_cells(content, table.decision, cells) == content


def test_an_attribute_is_changed_where_it_stands() -> None:
    changed = diagram_edits.edit(DIAGRAM, "take_application", {"hz:form": "decide-residence"})

    gone, come = changed_lines(DIAGRAM, changed)
    assert [line.count(b"move-application") for line in gone] == [1]
    assert [line.count(b"decide-residence") for line in come] == [1]


def test_documentation_legal_basis_and_mappings_go_where_bpmn_wants_them() -> None:
    values = {
        "documentation": "為何 <這樣>",
        "legalBasis": "戶籍法 §48",
        "inputs": 'clock = "processing"\nfrom = postmark_on',
    }
    changed = diagram_edits.edit(DIAGRAM, "start_processing", values)

    found = next(e for e in diagram_edits.elements(changed) if e.id == "start_processing")
    assert {key: found.values[key] for key in values} == values
    assert [each for each in lint(changed) if each.severity == "error"] == []
    assert (
        diagram_edits.edit(changed, "start_processing", {"legalBasis": ""}).count(b"legal-b")
        == DIAGRAM.count(b"legal-b") - 1
    )


def test_a_line_that_is_no_mapping_is_refused_with_the_line() -> None:
    with pytest.raises(Rejected, match="postmark_on"):
        diagram_edits.edit(DIAGRAM, "start_processing", {"inputs": "postmark_on"})


def test_a_condition_and_a_script_are_written_as_text() -> None:
    flow = next(e for e in diagram_edits.elements(DIAGRAM) if e.values.get("condition"))

    changed = diagram_edits.edit(DIAGRAM, flow.id, {"condition": 'a < 3 and b = "x"'})

    again = next(e for e in diagram_edits.elements(changed) if e.id == flow.id)
    assert again.values["condition"] == 'a < 3 and b = "x"'
    assert b"a &lt; 3" in changed


def test_what_is_no_xml_is_named_with_its_line() -> None:
    with pytest.raises(PackageError, match="x line 2"):
        xml_edits.read(b"<a>\n<b></a>", "x")
    with pytest.raises(PackageError, match="DOCTYPE"):
        xml_edits.read(b"<!DOCTYPE a><a/>", "x")
    with pytest.raises(PackageError, match="UTF-8"):
        xml_edits.read(b'<?xml version="1.0" encoding="big5"?><a/>', "x")
    with pytest.raises(PackageError, match="deeper"):
        xml_edits.read(b"<a>" * 300 + b"</a>" * 300, "x")


def test_rules_are_copied_moved_added_and_taken_out_and_still_run() -> None:
    name = "move-documents"
    changed = table_edits.set_cells(TABLE, name, {(0, 0): '"a<b"'})
    changed = table_edits.change_rule(changed, name, 0, "copy")
    changed = table_edits.change_rule(changed, name, 1, "down")
    changed = table_edits.add_rule(changed, name)
    changed = table_edits.add_column(changed, name, "input", "people")
    changed = table_edits.change_rule(changed, name, 0, "delete")

    before, after = table_edits.tables(TABLE)[0], table_edits.tables(changed)[0]
    assert len(after.rules) == len(before.rules) + 1
    assert after.rules[1].cells[0] == '"a<b"'
    assert after.columns[4].text == "people"
    assert parse(changed).evaluate(name, {"title_proof": "lease"}).value
    ids = [rule.id for rule in after.rules]
    assert len(set(ids)) == len(ids)


def test_limits_change_value_by_value_and_keep_their_comments() -> None:
    changed = yaml_edits.set_value(LIMITS, ["clocks", "processing", "length"], 5)
    changed = yaml_edits.set_value(changed, ["tasks", "review", "rule"], "PROC_WORKDAY")
    changed = yaml_edits.add_item(
        changed, ["ladders", "standard"], "{at: due+9wd, do: warn, to: owner}"
    )

    read = yaml.safe_load(changed)
    assert read["clocks"]["processing"]["length"] == 5
    assert read["tasks"]["review"] == {"rule": "PROC_WORKDAY"}
    assert read["ladders"]["standard"][-1]["at"] == "due+9wd"
    assert changed.count(b"# office setting") == LIMITS.count(b"# office setting") == 2
    gone, come = changed_lines(LIMITS, changed)
    assert (len(gone), len(come)) == (1, 3)


@pytest.mark.parametrize("value", ["null", "3", "yes", "a: b", "#x", " x", "due+1wd", "“x”", ""])
def test_a_text_is_read_back_as_that_text(value: str) -> None:
    changed = yaml_edits.set_value(b"a: 1\n", ["a"], value)

    assert yaml.safe_load(changed) == {"a": value}


def test_what_is_taken_out_leaves_the_rest() -> None:
    listed = LIMITS + LADDER.encode()
    changed = yaml_edits.set_value(listed, ["ladders", "standard", 1], None)
    changed = yaml_edits.set_value(changed, ["clocks", "statutory"], None)

    expected = yaml.safe_load(listed)
    del expected["ladders"]["standard"][1], expected["clocks"]["statutory"]
    assert yaml.safe_load(changed) == expected


def test_a_field_is_added_moved_and_taken_out() -> None:
    field = {"type": "radio", "key": "x", "label": "甲乙", "values": "a | 甲 | A\nb | 乙"}
    before = [row.values["key"] for row in form_edits.rows(FORM)]
    changed = form_edits.add_field(FORM, field)
    changed = form_edits.change_field(changed, str(len(before)), "up")
    changed = form_edits.change_field(changed, "0", "delete")

    keys = [row.values["key"] for row in form_edits.rows(changed)]
    assert keys == [*before[1:-1], "x", before[-1]]
    assert orjson.loads(changed)["components"][-2]["values"][1]["label_en"] == "乙"
    with pytest.raises(NotFound):
        form_edits.change_field(FORM, "19", "up")
    with pytest.raises(Rejected):
        form_edits.set_fields(FORM, {"1": {"maxLength": "many"}})


def test_what_a_form_shows_of_the_entry_is_set_and_taken_away_without_touching_the_rest() -> None:
    given = form_edits.set_shows(FORM, "data.applicant.name data.applicant", "call")

    assert form_edits.shows(given) == ("data.applicant.name, data.applicant", "call")
    assert form_edits.set_shows(given, "data.applicant.name, data.applicant", "call") == given
    assert form_edits.rows(given) == form_edits.rows(FORM)
    cleared = form_edits.set_shows(given, " ", "call")
    assert form_edits.shows(cleared) == ("", "compare")
    assert form_edits.titles(cleared) == form_edits.titles(FORM)


def test_a_difference_is_told_by_element_rule_field_and_key() -> None:
    before = {"move.bpmn": DIAGRAM, "t.dmn": TABLE, "forms/f.form": FORM, "limits.yaml": LIMITS}
    after = {
        "move.bpmn": diagram_edits.edit(DIAGRAM, "take_application", {"hz:form": "x"}),
        "t.dmn": table_edits.set_cells(TABLE, "move-documents", {(0, 0): '"x"'}),
        "forms/f.form": form_edits.set_fields(FORM, {"1": {"required": ""}}),
        "limits.yaml": yaml_edits.set_value(LIMITS, ["tasks", "entry", "length"], 2),
    }

    told = {(each.kind, each.place, each.key): each for each in differences(before, after)}

    assert told["element", "take_application", "hz:form"].after == "x"
    assert told["rule", "move-documents / move_documents_1", "1 權利證明方式"].after == '"x"'
    assert told["field", "data.move.new_address", "required"].before == "true"
    assert told["key", "tasks.entry.length", "value"].after == "2"
    assert len(told) == 4
    assert differences(before, {**before, "limits.yaml": LIMITS + b"\n# seen\n"}) == []


def test_an_archive_comes_back_byte_for_byte() -> None:
    made = skeleton(NewPackage("P41", "registration", "測試，登記", "Test, registration"))

    assert package_archives.unpacked(package_archives.packed("P41", made), "x.zip") == ("P41", made)


def test_an_archive_with_a_stranger_is_refused_by_its_name() -> None:
    made = skeleton(NewPackage("P41", "shared", "甲", "A"))
    archive = package_archives.packed("P41", {**made, "run.py": b"print()"})

    with pytest.raises(PackageError, match=r"x\.zip: P41/run\.py: is no file of a package"):
        package_archives.unpacked(archive, "x.zip")
    with pytest.raises(PackageError, match="no zip file"):
        package_archives.unpacked(b"PK nonsense", "x.zip")


def test_a_diagram_without_a_process_is_named_by_element_and_line() -> None:
    with pytest.raises(Rejected, match=r"a\.bpmn line 2: the element svg"):
        process_of(b"<?xml version='1.0'?>\n<svg/>", "a.bpmn")
