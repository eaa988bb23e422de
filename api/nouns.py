"""Every noun of the API: a list you can read."""

from __future__ import annotations

from api import (
    agencies,
    attachments,
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
    task_acts,
    task_bulk,
)

BLUEPRINTS = (
    sessions.blueprint,
    packages.blueprint,
    case_reads.blueprint,
    case_deeds.blueprint,
    task_bulk.blueprint,
    task_acts.blueprint,
    attachments.blueprint,
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
