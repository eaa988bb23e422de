"""What anybody may read of the procedures over the API."""

from __future__ import annotations

from api.limits import Limiter, Limits
from engine import deployments
from engine.actors import system
from engine.packages import load_library
from tests.api.caller import refusal
from tests.api.house import HERE, LIBRARY, House


def with_birth(house: House) -> House:
    library = load_library(LIBRARY)
    deployments.prepare(library, "P01")
    with house.db.transaction() as tx:
        deployments.deploy(tx, library, "P01", system(HERE), house.clock.now())
    return house


def test_anybody_reads_papers_limits_fees_and_steps(either_house: House) -> None:
    client = with_birth(either_house).app.test_client()

    listed = client.get("/api/v1/procedures", query_string={"office": HERE})
    birth = client.get("/api/v1/procedures/P01", query_string={"office": HERE}).get_json()

    assert birth in listed.get_json()["items"]
    assert listed.headers["Cache-Control"].startswith("public")
    assert [(each["whose"], each["length"]["en"]) for each in birth["limits"]] == [
        ("applicant", "60 days"),
        ("office", "3 working days"),
    ]
    assert birth["fees"][0]["amount"] == 30
    assert birth["fine"][0] == {
        "first": 1,
        "last": 15,
        "amount": 300,
        "article": {"zh": "戶籍法第79條", "en": "Household Registration Act, Art. 79"},
    }
    papers = {each["id"]: each for each in birth["papers"]}
    assert papers["household_booklet"]["when"] is None
    assert papers["power_of_attorney"]["when"]["en"] == "if somebody applies for you"
    assert birth["applicants"]["by_proxy"] is True
    assert {"zh": "監護人", "en": "Guardian"} in birth["applicants"]["listed"]


def test_the_answer_is_kept_by_its_tag(house: House) -> None:
    client = with_birth(house).app.test_client()
    path = f"/api/v1/procedures/P01?office={HERE}"
    tag = client.get(path).headers["ETag"]

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_what_is_not_there_is_not_found(house: House) -> None:
    client = with_birth(house).app.test_client()

    for path in (f"P99?office={HERE}", f"C01?office={HERE}", "P01?office=nowhere"):
        assert refusal(client.get(f"/api/v1/procedures/{path}"))[0] == 404, path


def test_an_address_has_its_bound(house: House) -> None:
    bounded = House(house.db, limits=Limits(Limiter(0), Limiter(0), Limiter(2)))
    client = bounded.app.test_client()

    answers = [client.get("/api/v1/procedures").status_code for _ in range(3)]

    assert answers == [200, 200, 429]
