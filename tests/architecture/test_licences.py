"""What we ship with: only licences that let an office run, change and pass on the whole."""

from __future__ import annotations

import importlib.metadata
import json
import re

import pytest

from tests.architecture.checkout import ROOT, locked

ALLOWED = re.compile(
    r"MIT|BSD|0BSD|Apache|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General Public"
    r"|ISC|OFL|Unlicense|Zope Public|ZPL",
    re.IGNORECASE,
)
# A licence of the GPL or AGPL as such; the Lesser GPL, used unchanged as a library, is fine.
COPYLEFT = re.compile(r"\bA?GPL|(?<!Lesser )General Public License", re.IGNORECASE)

# Under any one of several licences, as their own text says; the one that we take.
TAKEN = {"pyphen": "License :: OSI Approved :: Mozilla Public License 1.1 (MPL 1.1)"}


def stated_licences(about: importlib.metadata.PackageMetadata) -> list[str]:
    """Say what a package states; of several that it needs all (AND), each on its own."""
    expression = about.get("License-Expression")
    if expression:
        return re.split(r"\s+AND\s+", expression)
    classifiers = [c for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    stated = classifiers or [about.get("License") or ""]
    return [licence.strip().splitlines()[0] if licence.strip() else "" for licence in stated]


def is_allowed(licence: str) -> bool:
    return bool(ALLOWED.search(licence)) and not COPYLEFT.search(licence)


@pytest.mark.parametrize("package", sorted(locked("requirements.lock")))
def test_a_package_we_need_has_an_allowed_licence(package: str) -> None:
    try:
        about = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{package} is for another platform")

    stated = stated_licences(about)
    if package in TAKEN:
        assert TAKEN[package] in stated
        stated = [TAKEN[package]]

    refused = [licence for licence in stated if not is_allowed(licence)]

    assert refused == []


def test_every_package_of_the_browser_parts_has_an_allowed_licence() -> None:
    lock = json.loads((ROOT / "web" / "ui" / "package-lock.json").read_text(encoding="utf-8"))
    # The bpmn.io licence is MIT with one more condition: their mark stays on the diagrams.
    own_text = {"bpmn-js": "SEE LICENSE IN LICENSE"}
    stated = {
        path.rpartition("node_modules/")[2]: about.get("license", "")
        for path, about in lock["packages"].items()
        if path
    }

    refused = {
        name: licence
        for name, licence in stated.items()
        if not is_allowed(licence) and own_text.get(name) != licence
    }

    assert len(stated) > 40
    assert stated["axe-core"] == "MPL-2.0"
    assert refused == {}


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("LGPL-3.0-only", True),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", True),
        ("License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("License :: OSI Approved :: GNU General Public License v2 (GPLv2)", False),
        ("GNU Affero General Public License v3", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_the_list_tells_licences_apart(licence: str, allowed: bool) -> None:
    assert is_allowed(licence) is allowed
