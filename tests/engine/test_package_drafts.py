"""Drafts of packages: versions that stay, two who save, autosaves, proposals and four eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from engine import (
    deployments,
    draft_libraries,
    package_autosaves,
    package_drafts,
    proposals,
)
from engine.actors import Actor
from engine.deployments import Deployed
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.manifests import PackageError
from engine.package_autosaves import Autosave
from engine.package_drafts import Beginning, Edit
from engine.packages import Library, load_library
from engine.proposals import Proposing, Verdict
from tests.support.driver import CaseDriver
from tests.support.packages import REVIEW, write_package


@dataclass
class Office:
    """Two analysts and a chief over a library with one package."""

    driver: CaseDriver
    library: Library

    @property
    def now(self) -> datetime:
        return self.driver.clock.now()

    def actor(self, name: str) -> Actor:
        return self.driver.person(name)

    def begin(self, by: str = "analyst Luo", **changes: bytes) -> UUID:
        files = {**self.library.package("REVIEW").files, **changes}
        with self.driver.db.transaction() as tx:
            return package_drafts.open_draft(
                tx, Beginning("REVIEW", files), self.actor(by), self.now
            )

    def save(
        self, draft: UUID, seen: int, changes: Mapping[str, bytes | None], by: str = "analyst Luo"
    ) -> int:
        with self.driver.db.transaction() as tx:
            return package_drafts.save(tx, Edit(draft, seen, changes), self.actor(by), self.now)

    def contents(self, draft: UUID, number: int | None = None) -> dict[str, bytes]:
        with self.driver.db.transaction(read_only=True) as tx:
            found = package_drafts.draft(tx, draft, self.actor("analyst Luo"), number)
            return package_drafts.contents(tx, found)

    def propose(self, draft: UUID, number: int = 1, failing: int = 0) -> Deployed:
        actor = self.actor("analyst Luo")
        with self.driver.db.transaction() as tx:
            found = package_drafts.draft(tx, draft, actor, number)
            library = draft_libraries.of_draft(tx, self.library, found, actor)
            checks = {"scenarios": [{"failures": ["no"]}] * failing}
            asked = Proposing(draft, number, library, "why", checks)
            return proposals.propose(tx, asked, actor, self.now)

    def approve(self, proposed: Deployed, by: str, *, seen_failing: bool = False) -> None:
        verdict = Verdict("good", seen_failing)
        with self.driver.db.transaction() as tx:
            proposals.approve(tx, proposed.definition_id, verdict, self.actor(by), self.now)


@pytest.fixture
def office(driver: CaseDriver, packages: Path) -> Office:
    write_package(packages, "REVIEW", REVIEW)
    for name in ("analyst Luo", "analyst Ma", "chief Wang", "counter Lin"):
        driver.person(name)
    return Office(driver, load_library(packages))


CHANGED = REVIEW.replace(b"Task record", b"Task record anew")


def path_of(office: Office) -> str:
    return next(p for p in office.library.package("REVIEW").files if p.endswith(".bpmn"))


def test_what_was_saved_comes_back_byte_for_byte_and_stays(office: Office) -> None:
    path, odd = path_of(office), REVIEW.replace(b"<definitions", b"<definitions  \n ", 1)
    draft = office.begin()

    assert office.save(draft, 1, {path: odd}) == 2
    assert office.save(draft, 2, {path: CHANGED}) == 3

    assert office.contents(draft)[path] == CHANGED
    assert office.contents(draft, 2)[path] == odd
    assert office.contents(draft, 1)[path] == REVIEW


def test_saving_what_is_saved_already_makes_no_version(office: Office) -> None:
    draft = office.begin()

    assert office.save(draft, 1, {path_of(office): REVIEW}) == 1


def test_the_second_of_two_learns_who_was_faster_and_may_branch(office: Office) -> None:
    path, draft = path_of(office), office.begin()
    office.save(draft, 1, {path: CHANGED}, by="analyst Luo")

    with pytest.raises(Conflict) as refused:
        office.save(draft, 1, {path: REVIEW + b"\n"}, by="analyst Ma")
    with office.driver.db.transaction() as tx:
        edit = Edit(draft, 1, {path: REVIEW + b"\n"})
        made = package_drafts.branch(tx, edit, "mine", office.actor("analyst Ma"), office.now)

    assert refused.value.code == "package_draft.stale"
    assert refused.value.facts["by"] == office.actor("analyst Luo").name
    assert refused.value.facts["number"] == 2
    assert office.contents(draft)[path] == CHANGED
    assert office.contents(made)[path] == REVIEW + b"\n"


def test_an_autosave_is_the_persons_own_and_leaves_the_draft_alone(office: Office) -> None:
    path, draft = path_of(office), office.begin()
    luo, ma = office.actor("analyst Luo"), office.actor("analyst Ma")
    with office.driver.db.transaction() as tx:
        for content in (b"first", b"<second/>"):
            mine = Autosave(path, 1, content, office.now)
            package_autosaves.keep(tx, draft, mine, luo)

    with office.driver.db.transaction() as tx:
        kept = package_autosaves.find(tx, draft, path, luo)
        others = package_autosaves.find(tx, draft, path, ma)
        package_autosaves.forget(tx, draft, path, luo)
        left = package_autosaves.listed(tx, draft, luo)

    assert kept is not None
    assert kept.content == b"<second/>"
    assert (others, left) == (None, [])
    assert office.contents(draft)[path] == REVIEW


def test_a_draft_is_nobodys_business_in_another_office(office: Office) -> None:
    draft = office.begin()
    clerk = office.actor("counter Lin")

    with pytest.raises(Forbidden), office.driver.db.transaction() as tx:
        package_drafts.save(tx, Edit(draft, 1, {}), clerk, office.now)
    elsewhere = Actor(clerk.person_id, clerk.account_id, "elsewhere", frozenset({"analyst"}))
    with pytest.raises(NotFound), office.driver.db.transaction(read_only=True) as tx:
        package_drafts.draft(tx, draft, elsewhere)


def test_a_file_that_is_no_part_of_a_package_is_refused_by_name(office: Office) -> None:
    draft = office.begin()

    for path in ("../evil.bpmn", "notes.txt", "forms/a/b.form", "scenarios/x.yml"):
        with pytest.raises(PackageError, match="is no file of a package"):
            office.save(draft, 1, {path: b""})


def test_a_proposal_is_approved_by_somebody_who_wrote_none_of_it(office: Office) -> None:
    path, draft = path_of(office), office.begin(by="analyst Ma")
    office.save(draft, 1, {path: CHANGED}, by="analyst Luo")
    proposed = office.propose(draft, 2)

    for author in ("analyst Luo", "analyst Ma"):
        with pytest.raises(Forbidden):
            office.approve(proposed, by=author)
    office.approve(proposed, by="chief Wang")

    with office.driver.db.transaction(read_only=True) as tx:
        here = office.actor("chief Wang").office_id
        loaded = deployments.active(tx, here, "REVIEW")
        library = draft_libraries.installed(tx, office.library, here)
    assert loaded.diagrams["REVIEW"] == CHANGED
    assert library.package("REVIEW").diagram.content == CHANGED


def test_failing_scenarios_must_have_been_seen(office: Office) -> None:
    draft = office.begin(**{path_of(office): CHANGED})
    proposed = office.propose(draft, failing=2)

    with pytest.raises(Rejected, match="2 scenarios fail"):
        office.approve(proposed, by="chief Wang")
    office.approve(proposed, by="chief Wang", seen_failing=True)


def test_a_refused_version_says_why_and_is_never_used(office: Office) -> None:
    draft = office.begin(**{path_of(office): CHANGED})
    proposed, chief = office.propose(draft), office.actor("chief Wang")

    with pytest.raises(Rejected, match="Say why"), office.driver.db.transaction() as tx:
        proposals.refuse(tx, proposed.definition_id, " ", chief, office.now)
    with office.driver.db.transaction() as tx:
        proposals.refuse(tx, proposed.definition_id, "no ground", chief, office.now)

    with pytest.raises(Conflict):
        office.approve(proposed, by="chief Wang")
    with office.driver.db.transaction(read_only=True) as tx:
        row = proposals.find(tx, proposed.definition_id, chief)
    assert (row.decision, row.decided_why) == ("refused", "no ground")


def test_a_proposal_that_was_outrun_is_not_approved(office: Office) -> None:
    path = path_of(office)
    first = office.propose(office.begin(**{path: CHANGED}))
    second = office.propose(office.begin(**{path: REVIEW.replace(b"Task record", b"Other")}))
    office.approve(second, by="chief Wang")

    with pytest.raises(Conflict, match="became active"):
        office.approve(first, by="chief Wang")


def test_lint_is_done_before_the_transaction(office: Office, packages: Path) -> None:
    library = CountingLibrary(packages, office.library.packages, office.library.tables)
    deployments.prepare(library, "REVIEW")
    before = library.linted

    with office.driver.db.transaction() as tx:
        deployments.deploy(tx, library, "REVIEW", office.actor("analyst Luo"), office.now)

    assert (before, library.linted) == (1, 1)


class CountingLibrary(Library):
    linted = 0

    def lint(self, package_id: str) -> list[object]:  # type: ignore[override]
        self.linted += 1
        return super().lint(package_id)  # type: ignore[return-value]
