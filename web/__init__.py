"""The desks: pages in Traditional Chinese and English, usable without JavaScript."""

from __future__ import annotations

from flask import Blueprint, Flask

from web import (
    appearance,
    assets,
    case_diagram,
    case_search,
    cases,
    counter,
    definitions,
    demo_clock,
    errors,
    extensions,
    live,
    notifications,
    operations,
    overdue,
    receipts,
    security,
    sign_in,
    user_tasks,
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
    worklist.blueprint,
    user_tasks.blueprint,
    receipts.blueprint,
    case_search.blueprint,
    cases.blueprint,
    case_diagram.blueprint,
    overdue.blueprint,
    extensions.blueprint,
    notifications.blueprint,
    definitions.blueprint,
    operations.blueprint,
    working_calendar.blueprint,
    demo_clock.blueprint,
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
