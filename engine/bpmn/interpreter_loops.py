"""Standard loops: an activity that runs again as long as its condition holds (BPMN 10.3.8).

Each run is an item of its own, but unlike a multi-instance's it writes into the scope around the
activity, or its condition would never change.
"""

from __future__ import annotations

from decimal import Decimal

from engine.bpmn.definition import Element, StandardLoop
from engine.bpmn.interpreter_run import Run, Step
from engine.bpmn.interpreter_variables import condition, view
from engine.bpmn.state import Activation, Loop, Role, Stage


def open_loop(run: Run, activation: Activation, element: Element, loop: StandardLoop) -> None:
    """Run the activity for the first time, unless its condition is tested before and is false."""
    if loop.test_before and not _goes_on(run, activation, loop, 0):
        run.push(Stage.LEAVE, activation, {})
        return
    activation.role = Role.MULTI
    activation.loop = Loop(0)
    _run_again(run, activation, element)


def finish_turn(run: Run, container: Activation, element: Element, loop: StandardLoop) -> None:
    """One run is done and its item is gone: run again, or leave."""
    turns = container.loop or Loop(0)
    turns.done += 1
    if _goes_on(run, container, loop, turns.done):
        _run_again(run, container, element)
    else:
        run.push(Stage.LEAVE, container, {})


def goes_on_after(run: Run, container: Activation, loop: StandardLoop) -> bool:
    """Say whether another run would follow the one that is ending. Raises Blocked."""
    turns = container.loop or Loop(0)
    return _goes_on(run, container, loop, turns.done + 1)


def _goes_on(run: Run, place: Activation, loop: StandardLoop, done: int) -> bool:
    if loop.maximum is not None and done >= loop.maximum:
        return False
    if loop.condition is None:
        return True
    counter = {"loopCounter": Decimal(done)}
    return condition(run, loop.condition, view(run, place, counter))


def _run_again(run: Run, container: Activation, element: Element) -> None:
    turn = (container.loop or Loop(0)).done + 1
    item = run.add(container, element.id, Role.ITEM, f"{container.key}[{turn}]", container.process)
    item.variables["loopCounter"] = Decimal(turn)
    run.push_all([Step(Stage.ENTER, run.open(item, element.id))])
