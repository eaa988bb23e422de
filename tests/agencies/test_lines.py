"""The line to an agency: what waits, and pausing it."""

from __future__ import annotations

from agencies import dispatch, lines
from tests.support.agencies import RecordingTransport
from tests.support.office import Office


def test_nothing_goes_to_a_paused_agency_until_it_is_resumed(
    office: Office, transport: RecordingTransport
) -> None:
    case = office.file("TELLS")
    chief, now = office.person("chief Wu"), office.clock.now()
    (promise,) = office.promises(case)
    with office.db.transaction() as tx:
        lines.pause(tx, promise.peer, "對方維護", chief, now)

    assert office.send() is False
    with office.db.transaction() as tx:
        (line,) = lines.lines(tx, chief)
        assert (line.waiting, line.pause and line.pause.reason) == (1, "對方維護")
        assert dispatch.next_due(tx, ("agency.notify",)) is None
        lines.resume(tx, promise.peer, chief, now)

    assert office.send() is True
    assert len(transport.effects) == 1
