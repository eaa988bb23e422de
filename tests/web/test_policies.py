"""Who may open what: every route says so, and what does not say so stops the start."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask

from tests.web.house import ANALYST, CHIEF, COUNTER, OPERATOR, REVIEWER, House
from web.policies import HANDLING, PUBLIC, SIGNED_IN, check_policies, policy, policy_of

PUBLIC_ROUTES = {
    "web.assets.static",
    "web.sign_in.sign_in",
    "web.sign_in.try_sign_in",
    "web.sign_in.demo_sign_in",
    "web.sign_in.language",
    "web.appearance.choose_theme",
    "web.citizen_status.ask",
    "web.citizen_status.tell",
    "web.citizen_status.cancel",
    "web.appointments.show",
    "web.population.download",
    "web.population.show",
    "web.application_forms.odt",
    "web.application_forms.pdf",
    "web.apply.begin",
    "web.apply.card",
    "web.apply.file",
    "web.apply.fill",
    "web.apply.index",
    "web.apply.prove",
    "web.procedures.index",
    "web.procedures.show",
}


def test_every_route_of_the_pages_has_a_policy_and_few_are_public(house: House) -> None:
    views = {
        rule.endpoint: policy_of(house.app.view_functions[rule.endpoint])
        for rule in house.app.url_map.iter_rules()
    }

    assert len(views) > 40
    assert [name for name, rule in views.items() if rule is None] == []
    assert {name for name, rule in views.items() if rule and rule.public} == PUBLIC_ROUTES


def test_a_route_without_a_policy_stops_the_start() -> None:
    app, pages = Flask("open", static_folder=None), Blueprint("web", __name__)
    pages.add_url_rule("/secret", "secret", lambda: "everything")
    app.register_blueprint(pages)

    with pytest.raises(RuntimeError, match=r"/secret \(web\.secret\)"):
        check_policies(app, "web.")


def test_a_policy_admits_members_of_its_groups_only(house: House) -> None:
    clerk, analyst = house.actor(COUNTER), house.actor(ANALYST)

    assert HANDLING.admits(clerk)
    assert not HANDLING.admits(analyst)
    assert SIGNED_IN.admits(analyst)
    assert not SIGNED_IN.admits(None)
    assert PUBLIC.admits(None)


def test_the_declared_policy_is_the_one_that_is_found() -> None:
    @policy(SIGNED_IN)
    def view() -> str:
        return ""

    assert policy_of(view) is SIGNED_IN
    assert policy_of(None) is None


@pytest.mark.parametrize(
    ("login", "opened", "refused"),
    [
        (COUNTER, ["/counter", "/worklist", "/cases"], ["/overdue", "/operations", "/definitions"]),
        (REVIEWER, ["/counter", "/worklist", "/cases"], ["/overdue", "/operations/calendar"]),
        (CHIEF, ["/overdue", "/operations", "/definitions", "/worklist"], []),
        (ANALYST, ["/definitions", "/notifications"], ["/worklist", "/cases", "/counter"]),
        (OPERATOR, ["/operations", "/definitions", "/cases"], ["/worklist", "/counter/P01"]),
    ],
)
def test_each_role_has_its_desks(
    house: House, login: str, opened: list[str], refused: list[str]
) -> None:
    visitor = house.sign_in(login)

    assert {path: visitor.open(path).status for path in opened} == dict.fromkeys(opened, 200)
    assert {path: visitor.open(path).status for path in refused} == dict.fromkeys(refused, 403)


def test_a_stranger_is_shown_nothing_but_the_door(house: House) -> None:
    for rule in house.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments or rule.endpoint in PUBLIC_ROUTES:
            continue
        assert house.visitor().open(rule.rule).path.startswith("/sign-in"), rule.rule


def test_what_a_stranger_sends_is_not_done(house: House) -> None:
    stranger = house.visitor().open("/sign-in")
    token = stranger.value_of("csrf_token")
    for path in ("/worklist/next", "/demo/clock", "/operations/calendar", "/overdue/assign"):
        answer = stranger.client.post(path, data={"csrf_token": token})
        assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in"), path
