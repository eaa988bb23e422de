"""The OpenAPI document is valid, names every route, and the API keeps what it promises."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask_smorest.spec import FlaskPlugin
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.doors import policy_of
from tests.api.caller import Caller
from tests.api.house import House, another_version, birth

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SELDOM = settings(
    max_examples=6 if os.environ.get("HUZHENG_ALL_SCENARIOS") else 3,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LEFT_OUT = {"sessions.sign_out"}
"""Signing out works, and would end the exercise."""


@pytest.fixture(scope="module")
def house(module_house: House) -> House:
    return module_house


@pytest.fixture(scope="module")
def caller(house: House) -> Caller:
    return house.sign_in("all.here")


@pytest.fixture(scope="module")
def known(house: House, caller: Caller, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Ids of things that are there."""
    old, new = another_version(house, tmp_path_factory.mktemp("another"))
    asked = {"from_id": old, "to_id": new, "reason": "law"}
    migration = caller.post("/migrations", asked).get_json()["id"]
    case = caller.post("/cases", birth()).get_json()["id"]
    caller.file("NOTIFY", note="tax")
    caller.file("NOTIFY", note="nobody")
    definition = caller.case(case)["definition_id"]
    return {
        "case_id": case,
        "task_id": caller.claim(case)["id"],
        "clock_id": caller.case(case)["clocks"][0]["id"],
        "incident_id": caller.get("/incidents").get_json()["items"][0]["id"],
        "outbox_id": caller.get("/outbox").get_json()["items"][0]["id"],
        "definition_id": definition,
        "migration_id": migration,
        "process_id": "P01",
        "package_id": "P01",
        "agency": "tax",
    }


def _own(app: Flask) -> Flask:
    own: Flask = app.extensions["huzheng.api.application"]
    return own


def test_the_document_is_served_and_valid(house: House) -> None:
    served = house.app.test_client().get("/api/v1/openapi.json").get_json()

    assert served == house.document
    assert served["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(served).validate()


def test_every_route_stands_in_the_document_with_who_may_call_it(house: House) -> None:
    own = _own(house.app)
    for rule in own.url_map.iter_rules():
        if rule.endpoint == "openapi":
            continue
        operations = house.document["paths"].get(FlaskPlugin.flaskpath2openapi(rule.rule))
        assert operations is not None, rule.rule
        policy = policy_of(own.view_functions[rule.endpoint])
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = operations[method.lower()]
            assert operation["summary"], rule.rule
            assert bool(operation["security"]) is not bool(policy and policy.public)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for each in inner:
        yield from _references(each)


def test_no_reference_of_the_document_leads_nowhere(house: House) -> None:
    found = set(_references(house.document))

    assert len(found) > 40
    for reference in found:
        place: Any = house.document
        for name in reference.removeprefix("#/").split("/"):
            assert name in place, reference
            place = place[name]


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("ids", ["known", "made up"])
def test_whatever_is_sent_the_answer_is_one_the_document_names(
    house: House, caller: Caller, known: dict[str, str], mode: GenerationMode, ids: str
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house.app)
    headers = {"Authorization": f"Bearer {caller.token}"}
    answered: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        places = {parameter.name for parameter in operation.path_parameters}
        if operation.definition.raw["operationId"] in LEFT_OUT:
            continue
        if ids == "known" and not places <= set(known):
            continue
        fixed = {name: known[name] for name in places} if ids == "known" and places else None
        answered += _try(operation.as_strategy(mode, path_parameters=fixed), headers)
    assert sum(answered.values()) > 200
    assert answered[401] < sum(answered.values()) / 2, "the caller was signed in"
    assert answered[422] > 20
    assert answered[200] > 10


def _try(strategy: Any, headers: dict[str, str]) -> Counter[int]:
    answered: Counter[int] = Counter()

    @SELDOM
    @given(case=strategy)
    def answer_is_documented(case: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the tool's own dependencies
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=CHECKS)
        answered[answer.status_code] += 1

    try:
        answer_is_documented()
    except Exception as error:
        if type(error).__name__ not in ("Unsatisfiable", "SkipTest"):
            raise  # an operation that takes nothing cannot be sent anything wrong
    return answered
