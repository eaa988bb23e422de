"""Ad-hoc sub-processes: work without a drawn order (BPMN 2.0.2, 10.3.5.4 and 13.3.5).

Parallel ordering opens every activity that nothing leads to, sequential ordering one after the
other in the diagram's order. The condition is asked whenever one of them is done. When all are done
and it is still not true, they are opened once more: an ad-hoc sub-process ends by its condition.
"""

from __future__ import annotations

from engine.bpmn.definition import AdHoc
from engine.bpmn.interpreter_run import Run
from engine.bpmn.interpreter_variables import condition, view
from engine.bpmn.state import Activation, Loop, Role, Stage


def ad_hoc_of(run: Run, scope: Activation) -> AdHoc | None:
    """Return how the scope is worked off, if it is an ad-hoc sub-process."""
    return run.element(scope).ad_hoc if scope.role is Role.SCOPE else None


def open_ad_hoc(run: Run, scope: Activation, ad_hoc: AdHoc) -> None:
    """Open what may be begun: all of it, or what is next."""
    startable = _startable(run, scope)
    if not ad_hoc.sequential:
        for element_id in reversed(startable):
            run.push(Stage.ENTER, run.open(scope, element_id))
        return
    turn = scope.loop or Loop(len(startable))
    scope.loop = turn
    if turn.done == turn.total:
        turn.done = 0
    run.push(Stage.ENTER, run.open(scope, startable[turn.done]))
    turn.done += 1


def _startable(run: Run, scope: Activation) -> list[str]:
    elements = run.definition(scope.inner).elements
    return [
        element_id
        for element_id in run.scope(scope).elements
        if (element := elements[element_id]).attached_to is None
        and not element.incoming
        and not element.for_compensation
        and element_id not in run.scope(scope).event_sub_processes
    ]


def is_enough(run: Run, scope: Activation, ad_hoc: AdHoc) -> bool:
    """Ask whether the sub-process may end now. Raises Blocked."""
    return ad_hoc.completion is not None and condition(run, ad_hoc.completion, view(run, scope))


def end_ad_hoc(run: Run, scope: Activation, ad_hoc: AdHoc) -> None:
    """It is enough: nothing new begins, and what is open ends or is waited for."""
    scope.interrupted = True
    if ad_hoc.cancel_remaining:
        run.end_children(scope)
    run.push(Stage.CHECK, scope)


def goes_on(run: Run, scope: Activation) -> bool:
    """The scope is empty: open more if it is an ad-hoc sub-process that has not had enough."""
    ad_hoc = ad_hoc_of(run, scope)
    if ad_hoc is None or scope.interrupted:
        return False
    is_round_over = not ad_hoc.sequential or (
        scope.loop is not None and scope.loop.done == scope.loop.total
    )
    if ad_hoc.completion is None and is_round_over:
        return False
    open_ad_hoc(run, scope, ad_hoc)
    return True
