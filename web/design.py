"""The living page of the design system: every component, light beside dark, with its code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from jinja2 import Template
from markupsafe import Markup

from web import contrasts
from web.case_steps import Step
from web.conflicts import Deed
from web.pages import page
from web.policies import SIGNED_IN, policy
from web.visits import now, reading, say

blueprint = Blueprint("design", __name__)
FOLDER = Path(__file__).parent / "templates" / "design"
MACROS = """{% from 'parts.html' import once, hidden, due_pill, state, empty, error_list, steps,
step_list, theme_switch, text_field, date_field, area_field, select_field, radio_field, tick,
notice, grave, figures, tabs, facts, pager, conflict with context %}"""
COMPONENTS = (
    "button",
    "state",
    "field",
    "choice",
    "errors",
    "notice",
    "conflict",
    "live",
    "figures",
    "tabs",
    "list",
    "empty",
    "panel",
    "why",
    "path",
    "timeline",
    "menu",
)
"""Each is a file of templates/design/: the component in all its states, as one would write it."""

_NAME = re.compile(r'\b(id|for|name|list|aria-describedby|aria-labelledby)="([^"]+)"')
_LINK = re.compile(r'href="#([\w-]+)"')
_LABEL = re.compile(r'aria-label="([^"]+)"')
_PATH = (
    Step("收件檢核", "Intake check", "done"),
    Step("身分查核", "Identity check", "done"),
    Step("後線複核", "Second-level review", "active"),
    Step("通報稅捐機關", "Tell the tax office", "incident"),
    Step("歸檔", "File", "ahead"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """`template` is compiled from the very `code` that is shown."""

    name: str
    code: str
    template: Template


@blueprint.get("/design")
@policy(SIGNED_IN)
def show() -> ResponseReturnValue:
    """Components with their code, the colours with their contrasts."""
    with reading() as tx:
        return page(
            tx,
            "design.html",
            samples=_samples(),
            sided=sided,
            colours=contrasts.colours(),
            contrasts=contrasts.contrasts(),
            others=[Deed(now() - timedelta(minutes=4), say("design.sample.deed"))],
            explained=[{"fact": say("design.sample.fact"), "rule": say("design.sample.rule")}],
            path=_PATH,
        )


def sided(shown: Markup, sample: str, side: str) -> Markup:
    """The sample with names of its own, so that it can stand on the page a second time."""
    end = f"{sample}-{side}"
    told = _NAME.sub(lambda found: f'{found[1]}="{_renamed(found[2], end)}"', str(shown))
    told = _LINK.sub(rf'href="#\1-{end}"', told)
    # Rendered by a template that escapes; only attributes are changed.
    return Markup(_LABEL.sub(rf'aria-label="\1 {say("theme." + side)}"', told))  # noqa: S704


def _renamed(names: str, end: str) -> str:
    return " ".join(f"{name}-{end}" for name in names.split())


def _samples() -> list[Sample]:
    codes = {name: (FOLDER / f"{name}.html").read_text(encoding="utf-8") for name in COMPONENTS}
    compiled = current_app.jinja_env.from_string
    return [Sample(name, code, compiled(MACROS + code)) for name, code in codes.items()]
