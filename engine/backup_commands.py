"""The command line's part of saving an installation: `backup`, `restore`, `keys`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from engine import backups, keys, rewrapping
from engine.backups import Proof
from engine.clock import SystemClock
from engine.installation import Settings, keyring_of, mode_of, version
from engine.keyring import Keyring
from store.database import open_database

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")


class FileOrWord(click.Group):
    """`huzheng backup FILE` makes one; `huzheng backup verify FILE` tries one."""

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if words and words[0] not in self.commands:
            words = ["make", *words]
        return super().resolve_command(context, words)


@click.group(cls=FileOrWord)
def backup() -> None:
    """Make a backup (`huzheng backup FILE`), or try one (`huzheng backup verify FILE`).

    A backup holds the whole database, whatever is written meanwhile. It never holds the keys: copy
    the folder HUZHENG_SECRETS/keys to another place, once and after every rotation.
    """


@backup.command(name="make")
@FILE
@AS_JSON
def make_command(*, file: Path, as_json: bool) -> None:
    """Write a backup to FILE while the system is at work."""
    settings, now = Settings.read(), SystemClock().now()
    db = open_database(settings.database_url)
    try:
        keyring = keyring_of(settings, demo=mode_of(db) == "demo")
        manifest = backups.make(settings.database_url, file, keyring, now, version())
        backups.note(db, now)
    finally:
        db.close()
    if as_json:
        click.echo(manifest.to_json().decode())
        return
    click.echo(f"{file}: {sum(manifest.rows.values())} rows, {manifest.rows['cases']} cases")
    click.echo(
        "The keys are not in it. Without a copy of the key folder "
        f"({settings.secrets_folder / 'keys'}), kept apart, nobody can read the personal data"
    )


@backup.command(name="verify")
@FILE
@AS_JSON
def verify_command(*, file: Path, as_json: bool) -> None:
    """Restore FILE into a trial database and judge it. Exit status 1 if it is not sound."""
    settings = Settings.read()
    manifest, _, _ = backups.read_manifest(file)
    keyring = keyring_of(settings, demo=manifest.mode == "demo")
    proof = backups.verify(settings.database_url, file, keyring)
    _say(proof, as_json=as_json)
    if not proof.is_sound:
        raise click.exceptions.Exit(1)


@click.command()
@FILE
@click.option(
    "--over-existing", is_flag=True, help="Take the place of a database; it is kept aside."
)
@AS_JSON
def restore(*, file: Path, over_existing: bool, as_json: bool) -> None:
    """Put the backup FILE where DATABASE_URL points, judge it, and say what was found.

    All sessions end. Agencies may know more than the database now does: what is sent again goes
    under the same idempotency key, so that nobody gets it twice.
    """
    settings = Settings.read()

    def keyring_for(mode: str) -> Keyring:
        return keyring_of(settings, demo=mode == "demo")

    proof, kept = backups.restore(
        settings.database_url,
        file,
        keyring_for,
        SystemClock().now(),
        over_existing=over_existing,
    )
    _say(proof, as_json=as_json)
    if kept is not None and not as_json:
        click.echo(f"What was there before is kept as {kept}; remove it when you are content")


def _say(proof: Proof, *, as_json: bool) -> None:
    if as_json:
        document = {
            "sound": proof.is_sound,
            "made_at": proof.manifest.made_at.isoformat(),
            "cases": proof.manifest.rows["cases"],
            "rows": sum(proof.manifest.rows.values()),
            "differences": list(proof.differences),
            "findings": [each.sentence for each in proof.chain.findings],
            "keys_tried": proof.keys_tried,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    for told in (*proof.differences, *(each.sentence for each in proof.chain.findings)):
        click.echo(told)
    state = "sound" if proof.is_sound else "NOT SOUND"
    click.echo(
        f"Backup of {proof.manifest.made_at.isoformat(timespec='seconds')}: "
        f"{proof.manifest.rows['cases']} cases, history of {proof.chain.rows} sealed rows in "
        f"{proof.chain.blocks} blocks, {proof.keys_tried} data keys opened: {state}"
    )


# --- keys ---------------------------------------------------------------------------------------


@click.group(name="keys")
def keys_group() -> None:
    """The master keys."""


@keys_group.command()
@click.argument("key_id")
@click.option(
    "--only-new-key", is_flag=True, help="Make it, wrap nothing yet: to copy it to other nodes."
)
@click.pass_obj
def rotate(obj: Any, /, *, key_id: str, only_new_key: bool) -> None:
    """Make the master key KEY_ID, and wrap every data key with it. Safe while people work.

    Every node must have the new file before data keys are wrapped with it: where nodes do not share
    the folder, use --only-new-key, copy, then `huzheng keys rewrap`.
    """
    folder = Settings.read().secrets_folder / "keys"
    _refuse_demo(obj)
    keys.use(Keyring.rotate(folder, key_id))
    click.echo(
        f"{folder / (key_id + '.key')} is the current master key; copy it to where you keep "
        "the others"
    )
    if not only_new_key:
        _rewrap(obj)


@keys_group.command()
@click.pass_obj
def rewrap(obj: Any, /) -> None:
    """Wrap the data keys that older master keys still wrap. Goes on where it was broken off."""
    _refuse_demo(obj)
    _rewrap(obj)


@keys_group.command()
@AS_JSON
@click.pass_obj
def status(obj: Any, /, *, as_json: bool) -> None:
    """Say which master keys wrap how many data keys."""
    with obj.db.transaction(read_only=True) as tx:
        used = rewrapping.in_use(tx)
    current = keys.current().current_id
    if as_json:
        click.echo(json.dumps({"current": current, "data_keys": used}))
        return
    for key_id in sorted({*used, current}):
        mark = " (current)" if key_id == current else ""
        click.echo(f"{key_id}{mark}: {used.get(key_id, 0)} data keys")


def _rewrap(obj: Any) -> None:
    done = rewrapping.rewrap_all(obj.db)
    with obj.db.transaction() as tx:
        rewrapping.tell(tx, keys.current().current_id, done, obj.clock.now())
    click.echo(
        f"{done} data keys wrapped anew. Keep the older files: letters and messages sealed for an "
        "office, and older backups, still need them"
    )


def _refuse_demo(obj: Any) -> None:
    if obj.parts.demo:
        raise click.ClickException("The demo's keys are known to everybody and are not rotated")
