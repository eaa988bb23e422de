"""Drafts of the counter: sealed, one's own, versioned, shredded when filed, discarded or old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from engine import filing_drafts
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.filing_drafts import Draft, Moved
from engine.rewrapping import in_use
from store.tables import drafts, history
from tests.support.driver import CaseDriver
from tests.support.factories import an_office

TYPED = {"data.applicant.name": ["王小明"], "in_taiwan": ["true"]}
BY = "counter Lin"


@pytest.fixture(autouse=True)
def office(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")
    for name in (BY, "counter Gao", "chief Wang", "analyst Luo"):
        driver.person(name)


def save(
    driver: CaseDriver, draft_id: UUID, version: int, by: str = BY, fields: Any = TYPED
) -> Draft:
    now = driver.clock.now()
    with driver.db.transaction() as tx:
        draft = Draft(draft_id, "REVIEW", version, now, fields)
        return filing_drafts.save(tx, draft, driver.person(by), now, name="王小明")


def find(driver: CaseDriver, draft_id: UUID, by: str = BY) -> Draft:
    with driver.db.transaction(read_only=True) as tx:
        return filing_drafts.find(tx, draft_id, driver.person(by))


def row(driver: CaseDriver, draft_id: UUID) -> Any:
    with driver.db.transaction(read_only=True) as tx:
        return tx.execute(select(drafts).where(drafts.c.id == draft_id)).one()


def turn_into_case(driver: CaseDriver, draft_id: UUID, version: int) -> Any:
    case = driver.file("REVIEW")
    with driver.db.transaction() as tx:
        filing_drafts.filed(tx, draft_id, version, case.id, driver.person(BY), driver.clock.now())
    return case


def test_what_was_typed_comes_back_as_it_was_and_lies_sealed(driver: CaseDriver) -> None:
    draft_id = uuid4()

    saved = save(driver, draft_id, 0)

    assert (saved.version, find(driver, draft_id).fields) == (1, TYPED)
    stored = row(driver, draft_id)
    assert stored.subject_label == "王○明"
    assert "王小明".encode() not in stored.ciphertext + stored.wrapped
    with driver.db.transaction(read_only=True) as tx:
        assert [each.id for each in filing_drafts.mine(tx, driver.person(BY))] == [draft_id]
        assert sum(in_use(tx).values()) == 1  # a rotated master key takes drafts with it


def test_a_draft_is_nobody_elses(driver: CaseDriver) -> None:
    draft_id = uuid4()
    save(driver, draft_id, 0)
    with driver.db.transaction() as tx:
        an_office(tx, "elsewhere")

    for other in ("counter Gao", "chief Wang"):
        with pytest.raises(NotFound):
            find(driver, draft_id, by=other)
        with pytest.raises(NotFound):
            save(driver, draft_id, 0, by=other)
    with driver.db.transaction(read_only=True) as tx:
        assert filing_drafts.mine(tx, driver.person("counter Gao")) == []
    with pytest.raises(Forbidden):
        save(driver, uuid4(), 0, by="analyst Luo")


def test_a_window_that_saw_an_older_version_overwrites_nothing(driver: CaseDriver) -> None:
    draft_id = uuid4()
    save(driver, draft_id, 0)
    newer = save(driver, draft_id, 1, fields={"in_taiwan": ["false"]})

    with pytest.raises(Moved) as moved:
        save(driver, draft_id, 1)

    assert moved.value.saved == newer
    assert find(driver, draft_id).fields == {"in_taiwan": ["false"]}
    with pytest.raises(Moved):
        turn_into_case(driver, draft_id, 1)
    with pytest.raises(Moved):  # a page that was shown before the first save of the other
        save(driver, draft_id, 0)


def test_filing_shreds_the_draft_and_tells_a_second_window_the_case(driver: CaseDriver) -> None:
    draft_id = uuid4()
    save(driver, draft_id, 0)

    case = turn_into_case(driver, draft_id, 1)

    ended = row(driver, draft_id)
    assert (ended.status, ended.case_id) == ("filed", case.id)
    assert (ended.wrapped, ended.ciphertext, ended.subject_label) == (None, None, "")
    for late in (lambda: find(driver, draft_id), lambda: save(driver, draft_id, 1)):
        with pytest.raises(Conflict, match=case.number):
            late()


def test_what_was_never_saved_is_filed_without_ado(driver: CaseDriver) -> None:
    turn_into_case(driver, uuid4(), 0)

    with driver.db.transaction(read_only=True) as tx:
        assert tx.execute(select(drafts)).all() == []


def test_a_discarded_draft_cannot_be_read_again(driver: CaseDriver) -> None:
    draft_id = uuid4()
    save(driver, draft_id, 0)
    with driver.db.transaction() as tx:
        filing_drafts.discard(tx, draft_id, driver.person(BY), driver.clock.now())

    with pytest.raises(Conflict, match="discarded"):
        find(driver, draft_id)
    assert row(driver, draft_id).ciphertext is None
    with driver.db.transaction(read_only=True) as tx:
        told = tx.scalars(select(history.c.action).where(history.c.object_id == str(draft_id)))
        assert list(told) == ["draft.begun", "draft.discarded"]


def test_a_draft_is_forgotten_a_fortnight_after_it_was_saved(driver: CaseDriver) -> None:
    old, young = uuid4(), uuid4()
    save(driver, old, 0)
    driver.clock.move(timedelta(days=10))
    save(driver, young, 0)
    driver.clock.move(timedelta(days=5))

    with driver.db.transaction() as tx:
        assert filing_drafts.prune(tx, driver.clock.now()) == 1
        assert filing_drafts.prune(tx, driver.clock.now()) == 0

    with pytest.raises(NotFound):
        find(driver, old)
    assert find(driver, young).version == 1


def test_a_draft_has_a_size(driver: CaseDriver) -> None:
    with pytest.raises(Rejected, match="too large"):
        save(driver, uuid4(), 0, fields={"note": ["長" * 100_000]})
