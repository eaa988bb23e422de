"""Saves the states that stories lack in today's format: `python -m tests.upgrades.record`.

What is there already is never written anew: it is what a released version wrote.
"""

from __future__ import annotations

import sys

import orjson

from tests.upgrades.story import golden_now, saved, stories


def main() -> None:
    for story in stories():
        file = golden_now(story)
        if not file.exists():
            file.write_bytes(orjson.dumps(saved(story.begin()), option=orjson.OPT_INDENT_2) + b"\n")
            sys.stdout.write(f"{file.name}\n")


if __name__ == "__main__":
    main()
