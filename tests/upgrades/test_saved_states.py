"""Every state that a released version ever wrote loads, says the same, and goes on to its end."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from engine.bpmn.codec import FORMAT
from engine.bpmn.interpreter import dump_state, incidents, load_state
from engine.bpmn.state import StateFormatError
from feel.values import same, to_feel
from tests.upgrades.story import (
    Story,
    golden_files,
    golden_now,
    play,
    saved,
    stories,
)

GOLDEN = golden_files()
each_golden = pytest.mark.parametrize(
    ("story", "file"), GOLDEN, ids=[file.stem for _, file in GOLDEN]
)
each_story = pytest.mark.parametrize("story", stories(), ids=lambda story: story.name)


@each_golden
def test_a_saved_state_stands_where_it_stood(story: Story, file: Path) -> None:
    instance = story.resume(file)

    assert sorted(instance.open()) == sorted(story.open)
    assert [each.element_id for each in incidents(instance.state)] == list(story.incidents)


@each_golden
def test_a_saved_state_goes_on_to_its_end(story: Story, file: Path) -> None:
    instance = story.resume(file)

    play(instance, story.after)

    assert set(story.ended_at) <= set(instance.completed_at())
    for name, value in story.variables.items():
        assert same(instance.value(name), to_feel(value)) is True, name


@each_golden
def test_a_saved_state_goes_on_as_a_fresh_one_does(story: Story, file: Path) -> None:
    resumed, fresh = story.resume(file), story.begin()
    told_before = len(fresh.facts)

    play(resumed, story.after)
    play(fresh, story.after)

    assert resumed.facts == fresh.facts[told_before:]
    assert dump_state(resumed.state) == dump_state(fresh.state)


@each_story
def test_every_story_is_saved_in_todays_format_to_the_letter(story: Story) -> None:
    # A difference here is a new format: raise FORMAT, keep a reader for the old one, and record.
    golden = orjson.loads(golden_now(story).read_bytes())

    assert saved(story.begin()) == golden
    assert dump_state(load_state(orjson.dumps(golden["state"]))) == orjson.dumps(golden["state"])


def test_a_format_nobody_knows_is_refused() -> None:
    golden = orjson.loads(golden_now(stories()[0]).read_bytes())
    later = {**golden["state"], "v": FORMAT + 1}

    with pytest.raises(StateFormatError):
        load_state(orjson.dumps(later))
