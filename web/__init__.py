"""The desks: pages in Traditional Chinese and English, usable without JavaScript."""

from __future__ import annotations

from flask import Blueprint, Flask

from web import (
    appearance,
    assets,
    attachments,
    beginning,
    case_acts,
    case_diagram,
    case_looks,
    case_search,
    cases,
    citizen_status,
    clock_paper,
    comments,
    counter,
    definitions,
    delays,
    demo_clock,
    design,
    desk_views,
    draft_windows,
    errors,
    extensions,
    field_checks,
    filing,
    inbox,
    live,
    migrations,
    migrations_compare,
    monthly_lists,
    notice_settings,
    notices,
    notifications,
    office_notices,
    offices,
    operations,
    outbox,
    overdue,
    overdue_acts,
    overdue_figures,
    overdue_paper,
    overdue_sheet,
    people,
    procedures,
    receipts,
    reports,
    rule_changes,
    rules,
    security,
    sign_in,
    staff,
    studio,
    studio_diagram,
    studio_editor,
    studio_feel,
    studio_files,
    studio_forms,
    studio_limits,
    studio_proposals,
    studio_scenarios,
    studio_tables,
    studio_unsaved,
    system,
    task_acts,
    task_drafts,
    timers,
    tokens,
    wordings,
    working_calendar,
    worklist,
)
from web.context import WebContext
from web.policies import check_policies
from web.visits import EXTENSION, begin_visit, csrf

__all__ = ["WebContext", "create_pages"]

PAGES = (
    assets.blueprint,
    appearance.blueprint,
    live.blueprint,
    sign_in.blueprint,
    counter.blueprint,
    beginning.blueprint,
    draft_windows.blueprint,
    filing.blueprint,
    field_checks.blueprint,
    worklist.blueprint,
    task_acts.blueprint,
    task_drafts.blueprint,
    attachments.blueprint,
    comments.blueprint,
    notices.blueprint,
    wordings.blueprint,
    receipts.blueprint,
    rules.blueprint,
    rule_changes.blueprint,
    clock_paper.blueprint,
    citizen_status.blueprint,
    procedures.blueprint,
    case_search.blueprint,
    cases.blueprint,
    case_acts.blueprint,
    case_looks.blueprint,
    case_diagram.blueprint,
    tokens.blueprint,
    overdue.blueprint,
    overdue_acts.blueprint,
    desk_views.blueprint,
    overdue_figures.blueprint,
    overdue_paper.blueprint,
    overdue_sheet.blueprint,
    reports.blueprint,
    monthly_lists.blueprint,
    delays.blueprint,
    extensions.blueprint,
    notifications.blueprint,
    notice_settings.blueprint,
    office_notices.blueprint,
    definitions.blueprint,
    migrations.blueprint,
    migrations_compare.blueprint,
    studio.blueprint,
    studio_diagram.blueprint,
    studio_editor.blueprint,
    studio_feel.blueprint,
    studio_files.blueprint,
    studio_forms.blueprint,
    studio_limits.blueprint,
    studio_proposals.blueprint,
    studio_scenarios.blueprint,
    studio_tables.blueprint,
    studio_unsaved.blueprint,
    operations.blueprint,
    outbox.blueprint,
    timers.blueprint,
    inbox.blueprint,
    system.blueprint,
    staff.blueprint,
    people.blueprint,
    offices.blueprint,
    working_calendar.blueprint,
    demo_clock.blueprint,
    design.blueprint,
)


def create_pages(app: Flask, context: WebContext) -> None:
    """Put the desks into the application. Raises RuntimeError if a route has no policy.

    `app` needs a secret key; it signs form tokens and messages, never who is signed in.
    """
    app.extensions[EXTENSION] = context
    security.configure(app, https=context.is_https)
    csrf.init_app(app)
    desks = Blueprint("web", __name__, template_folder="templates")
    for page in PAGES:
        desks.register_blueprint(page)
    desks.before_request(begin_visit)
    desks.after_request(security.harden)
    errors.register(desks, app)
    app.register_blueprint(desks)
    check_policies(app, "web.")
