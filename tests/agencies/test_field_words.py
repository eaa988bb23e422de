"""Whatever field an agency may get has a name that people read, on the case and in its story."""

import pytest

from agencies.directory import DIRECTORY
from engine.story_words import FIELDS
from engine.yaml_reading import load_yaml
from tests.architecture.checkout import ROOT

SENT = sorted({field for each in DIRECTORY.values() for field in each.fields | each.look_up_fields})


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_every_field_has_a_name_on_the_page_of_a_case(lang: str) -> None:
    words = load_yaml((ROOT / "web" / "texts" / lang / "cases.yaml").read_bytes())["data_field"]

    assert [field for field in SENT if field not in words] == []


def test_every_field_has_a_name_in_the_story_of_a_case() -> None:
    assert [field for field in SENT if field not in FIELDS] == []
