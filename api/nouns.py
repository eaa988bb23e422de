"""Every noun of the API: a list you can read."""

from __future__ import annotations

from api import (
    agencies,
    calendar_days,
    case_deeds,
    case_reads,
    clocks,
    definitions,
    demo_clock,
    health,
    incidents,
    messages,
    metrics,
    notices,
    notifications,
    outbox,
    packages,
    persons,
    sessions,
    user_tasks,
)

BLUEPRINTS = (
    sessions.blueprint,
    packages.blueprint,
    case_reads.blueprint,
    case_deeds.blueprint,
    user_tasks.blueprint,
    clocks.blueprint,
    notices.blueprint,
    incidents.blueprint,
    outbox.blueprint,
    calendar_days.blueprint,
    definitions.blueprint,
    messages.blueprint,
    persons.blueprint,
    notifications.blueprint,
    agencies.blueprint,
    demo_clock.blueprint,
    health.blueprint,
    metrics.blueprint,
)
