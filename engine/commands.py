"""The command line's part of the engine: packages, the audit trail, offices and accounts."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from engine import (
    accounts,
    deployments,
    office_contacts,
    packages,
    people,
    stored_packages,
    subjects,
)
from engine.actors import system
from engine.bpmn.findings import Severity
from engine.errors import EngineError
from engine.keyring import BadKey
from engine.sealing import Anchor, seal_next
from engine.verification import verify_database
from store.database import StoreError

AT_ONCE = 200
PATHS = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")


class Commands(click.Group):
    """Commands whose refusals end the program with their sentence and exit status 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (EngineError, StoreError, BadKey) as refused:
            raise click.ClickException(str(refused)) from refused


@click.group()
def process() -> None:
    """Process packages (folders under bpmn/)."""


@process.command()
@PATHS
@AS_JSON
def lint(*, paths: tuple[Path, ...], as_json: bool) -> None:
    """Check the packages under PATHS. Exit status 1 if there is an error."""
    found = [
        (package_id, each)
        for library, package_ids in chosen(paths)
        for package_id in package_ids
        for each in _refusals(library.lint, package_id)
    ]
    unique = list(dict.fromkeys((str(each), each) for _, each in found))
    if as_json:
        click.echo(json.dumps([_finding(each) for _, each in unique], ensure_ascii=False))
    else:
        for text, _ in unique:
            click.echo(text)
    errors = sum(each.finding.severity is Severity.ERROR for _, each in unique)
    if not as_json:
        click.echo(f"{errors} errors, {len(unique) - errors} other findings")
    sys.exit(1 if errors else 0)


@process.command()
@PATHS
@click.option("--office", required=True, help="The office (or city, or country) it is for.")
@click.option("--comment", default="", help="Why.")
@click.pass_obj
def deploy(obj: Any, /, *, paths: tuple[Path, ...], office: str, comment: str) -> None:
    """Make the packages under PATHS the active versions of an office."""
    for library, package_ids in chosen(paths):
        for package_id in package_ids:
            _refusals(deployments.prepare, library, package_id)  # lint takes long; nobody waits
            with obj.db.transaction() as tx:
                deployed = _refusals(
                    deployments.deploy,
                    tx,
                    library,
                    package_id,
                    system(office),
                    obj.clock.now(),
                    comment,
                )
            state = "unchanged" if deployed.unchanged else "deployed"
            click.echo(f"{package_id} version {deployed.version}: {state}")


@process.command()
@click.argument("definition_id", type=click.UUID)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def export(obj: Any, /, *, definition_id: Any, folder: Path) -> None:
    """Write a deployed version's diagrams and forms to FOLDER, byte for byte."""
    with obj.db.transaction(read_only=True) as tx:
        loaded = _refusals(deployments.definition, tx, definition_id)
        forms = {
            name: stored_packages.file_of(tx, definition_id, "form", name) for name in loaded.forms
        }
    folder.mkdir(parents=True, exist_ok=True)
    for process_id, xml in loaded.diagrams.items():
        (folder / f"{process_id}.bpmn").write_bytes(xml)
    for form_id, content in forms.items():
        (folder / f"{form_id}.form").write_bytes(content)
    click.echo(f"{len(loaded.diagrams)} diagrams and {len(loaded.forms)} forms in {folder}")


@click.group()
def audit() -> None:
    """The history and its chains."""


@audit.command(name="verify")
@click.option("--anchor", "anchors", multiple=True, help="OFFICE:BLOCK:HASH kept outside.")
@AS_JSON
@click.pass_obj
def verify_command(obj: Any, /, *, anchors: tuple[str, ...], as_json: bool) -> None:
    """Compare the whole history with its seals. Exit status 1 if anything was touched."""
    while seal_next(obj.db, obj.clock.now()):
        pass
    verification = verify_database(obj.db, [_anchor(text) for text in anchors])
    if as_json:
        found = [finding.sentence for finding in verification.findings]
        document = {"sound": verification.is_sound, "rows": verification.rows, "findings": found}
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for finding in verification.findings:
            click.echo(finding.sentence)
        state = "sound" if verification.is_sound else "NOT SOUND"
        click.echo(f"{verification.rows} rows in {verification.blocks} blocks: {state}")
    sys.exit(0 if verification.is_sound else 1)


@click.group()
def office() -> None:
    """Offices."""


@office.command(name="create")
@click.argument("office_id")
@click.option("--code", required=True, help="In case numbers, at most 12 characters.")
@click.option("--name-zh", required=True)
@click.option("--name-en", required=True)
@click.option("--city", required=True)
@click.option("--parent", help="The city's or the country's office id.")
@click.pass_obj
def create_office(obj: Any, /, *, office_id: str, **given: Any) -> None:
    """Found the office OFFICE_ID."""
    new = people.NewOffice(
        office_id, given["code"], given["name_zh"], given["name_en"], given["city"], given["parent"]
    )
    with obj.db.transaction() as tx:
        _refusals(people.create_office, tx, new, system(office_id), obj.clock.now())
    click.echo(f"Office {office_id} is there")


@office.command(name="contact")
@click.argument("office_id")
@click.option("--address-zh")
@click.option("--address-en")
@click.option("--telephone")
@click.option("--open-zh", help="Opening hours in words.")
@click.option("--open-en")
@AS_JSON
@click.pass_obj
def contact(obj: Any, /, *, office_id: str, as_json: bool, **given: str | None) -> None:
    """Show how OFFICE_ID is reached, as it is printed on notices; what is given is changed."""
    wanted = {name: text for name, text in given.items() if text is not None}
    with obj.db.transaction() as tx:
        found = _refusals(
            office_contacts.change, tx, office_id, wanted, system(office_id), obj.clock.now()
        )
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    for name, text in asdict(found).items():
        click.echo(f"{name}: {text or '-'}")


@click.group()
def search() -> None:
    """Search terms: keyed hashes by which cases are found."""


@search.command(name="refill")
@click.pass_obj
def refill_search(obj: Any, /) -> None:
    """Make every case findable anew: once after the upgrade to search by parts of names."""
    last, done = None, 0
    while True:
        with obj.db.transaction() as tx:
            last = subjects.refill(tx, last, AT_ONCE)
        if last is None:
            break
        done += AT_ONCE
        click.echo(f"… {done}")
    click.echo("Every case is findable by the people in it")


@click.group()
def account() -> None:
    """Accounts."""


@account.command(name="create")
@click.argument("login")
@click.option("--office", "office_id", required=True)
@click.option("--name", required=True, help="The person's name.")
@click.option("--group", "groups", multiple=True, help="operator, counter, reviewer, chief …")
@click.option("--email", help="Where notifications are sent; they also lie in the product.")
@click.password_option()
@click.pass_obj
def create_account(obj: Any, /, *, login: str, password: str, **given: Any) -> None:
    """Enter a person and the account LOGIN. The first one of an office should be an operator."""
    now, actor = obj.clock.now(), system(given["office_id"])
    with obj.db.transaction() as tx:
        person_id = _refusals(
            people.create_person,
            tx,
            people.NewPerson(given["office_id"], given["name"], email=given["email"]),
            actor,
            now,
        )
        for group in given["groups"]:
            _refusals(people.join, tx, person_id, group, actor, now)
        new = accounts.NewAccount(person_id, login, password)
        _refusals(accounts.create_account, tx, new, actor, now)
    click.echo(f"Account {login} is there; its password must be changed at the first sign-in")


# --- shared -------------------------------------------------------------------------------------


def chosen(paths: tuple[Path, ...]) -> list[tuple[packages.Library, list[str]]]:
    """The libraries that hold PATHS, and which of their packages are meant."""
    chosen = []
    for path in paths:
        root = _root_of(path.resolve())
        library = _refusals(packages.load_library, root)
        wanted = [
            package.id
            for package in library.packages.values()
            if (root / package.folder).resolve().is_relative_to(path.resolve())
            or path.resolve().is_relative_to((root / package.folder).resolve())
        ]
        if not wanted:
            raise click.ClickException(f"{path}: there is no package.yaml here or below")
        chosen.append((library, sorted(wanted)))
    return chosen


def _root_of(path: Path) -> Path:
    """The folder `bpmn/` that holds `path`: the nearest one with a folder `decisions`."""
    for folder in (path, *path.parents):
        if (folder / "decisions").is_dir():
            return folder
    raise click.ClickException(f"{path}: no folder above it holds decisions/; is this a library?")


def _finding(each: packages.FileFinding) -> dict[str, str]:
    found = each.finding
    return {
        "file": each.file,
        "rule": found.rule,
        "severity": found.severity.value,
        "element_id": found.element_id,
        "message": found.message_en,
        "mend": found.mend_en,
        "message_zh": found.message_zh,
        "mend_zh": found.mend_zh,
    }


def _anchor(text: str) -> Anchor:
    office_id, _, rest = text.partition(":")
    number, _, digest = rest.partition(":")
    if not (office_id and number.isdigit() and digest):
        raise click.UsageError(f"Expected OFFICE:BLOCK:HASH, but got {text!r}")
    return Anchor(office_id, int(number), digest)


def _refusals(verb: Any, *arguments: Any) -> Any:
    """Call a verb; a refusal becomes the command's message."""
    try:
        return verb(*arguments)
    except EngineError as refused:
        raise click.ClickException(refused.message) from refused
