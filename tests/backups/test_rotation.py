"""Data keys are wrapped anew in batches; broken off, it goes on; all that is sealed still opens."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from engine import keys, rewrapping
from engine.keyring import Keyring
from store.tables import case_data, data_keys
from tests.support.office import Office


def test_every_key_is_wrapped_anew_and_still_opens(
    office: Office, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        office.file("REMIND", data={"applicant": {"name": "陳測試"}})
    monkeypatch.setattr(rewrapping, "BATCH", 2)
    rotated = Keyring.rotate(tmp_path / "keys", "k2")
    keys.use(rotated)

    with office.db.transaction() as tx:
        done, _ = rewrapping._rewrap_some(data_keys, data_keys.c.case_id, UUID(int=0), tx)
    assert done == 2  # and then it was broken off

    assert rewrapping.rewrap_all(office.db) == 3
    assert rewrapping.rewrap_all(office.db) == 0
    with office.db.transaction(read_only=True) as tx:
        assert rewrapping.in_use(tx) == {"k2": 5}
        rows = tx.execute(select(case_data)).all()
        opened = [keys.open_sealed(tx, row.case_id, "case_data", row.ciphertext) for row in rows]
    assert len(opened) == 5
    assert all("陳測試" in plain.decode() for plain in opened)
