"""Leave, and who stands in: what is entered on one page is offered on the other, where it helps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

LATE = timedelta(days=7)


def of_somebody_on_leave(house: House, deputy: str) -> Visitor:
    """The overdue desk of a case whose owner is away, with this deputy, by the guide."""
    case = house.file()
    house.claim(case, COUNTER)
    house.clock.move(LATE)
    today = house.clock.now().date().isoformat()
    chief = house.sign_in(CHIEF).open("/notifications").follow("通知設定").follow("全所通知設定")
    owner = str(house.actor(COUNTER).person_id)
    stands_in = str(house.actor(deputy).person_id)
    chief.press("登錄請假", person=owner, first=today, last=today, deputy=stands_in)
    return chief.open("/overdue?view=leave")


def test_a_deputy_who_may_have_the_task_is_one_press_away(house: House) -> None:
    chief = of_somebody_on_leave(house, "counter.gao")

    chief.press("改派給 高示範（代理人）")

    assert "共 1 件，完成 1 件" in chief.main


@pytest.mark.parametrize("deputy", ["director.wu", "reviewer.chen"])
def test_a_deputy_who_may_not_have_the_task_is_not_offered_but_named(
    house: House, deputy: str
) -> None:
    chief = of_somebody_on_leave(house, deputy)

    assert f"代理人 {house.actor(deputy).name} 不在這件作業的群組" in chief.main
    assert "（代理人）" not in chief.main
    chief.press("改派本案", person=str(house.actor("counter.gao").person_id), reason="支援")
    assert "共 1 件，完成 1 件" in chief.main
