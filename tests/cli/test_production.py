"""A production start, from nothing, on both databases: no default account, nothing unsafe."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from engine.errors import Conflict
from engine.installation import Settings, keyring_of, refuse_unsafe
from engine.keyring import BadKey, Keyring
from tests.support.databases import PostgreSQL

APP = Path(__file__).resolve().parents[2] / "app.py"
PASSWORD, NEXT = "Ferry-crossing-41", "Lantern-Valley-52"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """The environment of an installation that does not exist yet."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {"HUZHENG_VAR": str(tmp_path / "var"), "HUZHENG_PUBLIC_URL": "https://huzheng.invalid"}
    if request.param == "sqlite":
        yield {**kept, **given}
        return
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    url = server.create(empty=True)
    yield {**kept, **given, "DATABASE_URL": url}
    server.drop(url)


def huzheng(place: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(APP), *words]
    return subprocess.run(
        command, env=dict(place), capture_output=True, text=True, timeout=120, check=False
    )


@contextmanager
def served(place: Mapping[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(APP), "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=dict(place), stderr=subprocess.DEVNULL)
    http, pause = urllib3.PoolManager(retries=False), threading.Event()
    try:
        for _ in range(600):
            try:
                http.request("GET", f"http://127.0.0.1:{port}/health/live")
                break
            except urllib3.exceptions.HTTPError:
                assert process.poll() is None, "the server ended by itself"
                pause.wait(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        http.clear()


def _found(place: Mapping[str, str]) -> None:
    """Make the database and the country's office with its calendar; nothing starts before."""
    refused = huzheng(place, "worker")
    assert refused.returncode == 1
    assert "huzheng db init" in refused.stderr

    office = ("--code", "TW", "--name-zh", "全國", "--name-en", "Country", "--city", "—")
    years = ("--office", "tw", "--from-year", "2025", "--to-year", "2027")
    for words in (
        ("db", "init"),
        ("office", "create", "tw", *office),
        ("sla", "load-days", *years),
    ):
        told = huzheng(place, *words)
        assert told.returncode == 0, told.stderr
    assert "1095 days" in told.stdout


def test_an_installation_from_nothing_to_the_first_sign_in(place: Mapping[str, str]) -> None:
    _found(place)
    operator = ("--office", "tw", "--name", "何示範", "--group", "operator")

    with served(place) as url:
        http = urllib3.PoolManager(retries=False)
        sign_in = {"login": "operator.he", "password": PASSWORD}
        nobody = http.request("POST", f"{url}/api/v1/sessions", json=sign_in)
        made = huzheng(place, "account", "create", "operator.he", *operator, "--password", PASSWORD)
        assert made.returncode == 0, made.stderr
        somebody = http.request("POST", f"{url}/api/v1/sessions", json=sign_in)
        token = {"Authorization": f"Bearer {somebody.json()['token']}"}
        unchanged = http.request("GET", f"{url}/api/v1/cases", headers=token)
        ready = http.request("GET", f"{url}/health/ready").json()
        page = http.request("GET", f"{url}/sign-in")
        demo = http.request("GET", f"{url}/api/v1/demo/clock", headers=token)
        http.clear()

    assert nobody.status == 401
    assert somebody.status == 201
    assert unchanged.json()["code"] == "account.must_change_password"
    assert (ready["status"], ready["workers"]) == ("ok", "ok")
    assert demo.status in (403, 404)
    cookie = page.headers["Set-Cookie"]
    assert re.search(r"__Host-huzheng-form=.*Secure", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert page.headers["Strict-Transport-Security"]
    assert "示範" not in page.data.decode()


# --- what stops the start -----------------------------------------------------------------------


def settings(folder: Path, **environ: str) -> Settings:
    return Settings.read({"HUZHENG_VAR": str(folder), **environ})


def test_the_demos_keys_protect_nothing_real(tmp_path: Path) -> None:
    here = settings(tmp_path)
    keyring = Keyring.create(here.secrets_folder / "keys")
    assert not keyring.is_for_demo
    _put_demo_key(here.secrets_folder / "keys" / "k9.key")

    with pytest.raises(BadKey, match="everybody knows"):
        keyring_of(here, demo=False)


def _put_demo_key(file: Path) -> None:
    import base64
    import hashlib

    # Whatever the file is called, the key in it is the demo's.
    key = hashlib.sha256(b"huzheng demo master: everybody knows this key").digest()
    file.touch(mode=0o600)
    file.write_bytes(base64.b64encode(key))


def test_a_secret_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    here = settings(tmp_path)
    here.secret("session.key")
    refuse_unsafe(here, "production")
    (here.secrets_folder / "session.key").chmod(0o644)

    with pytest.raises(Conflict, match="chmod 600"):
        refuse_unsafe(here, "production")


def test_a_short_secret_stops_the_start(tmp_path: Path) -> None:
    here = settings(tmp_path)
    here.secret("session.key")
    (here.secrets_folder / "session.key").write_text("short")

    with pytest.raises(Conflict, match=r"session\.key"):
        refuse_unsafe(here, "production")


def test_an_address_without_tls_stops_the_start_but_on_this_machine(tmp_path: Path) -> None:
    refuse_unsafe(settings(tmp_path, HUZHENG_PUBLIC_URL="http://127.0.0.1:8080"), "production")

    with pytest.raises(Conflict, match="TLS"):
        refuse_unsafe(settings(tmp_path, HUZHENG_PUBLIC_URL="http://office.invalid"), "production")


def test_a_database_nobody_has_named_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="huzheng db init"):
        refuse_unsafe(settings(tmp_path), None)


def test_keys_are_rotated_while_a_process_runs(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    running = Keyring.create(folder)
    key, wrapped = running.new_case_key("case")
    sealed = key.seal("case_data", b"text")

    rotated = Keyring.rotate(folder, "k2")
    anew = rotated.rewrap("case", wrapped.wrapped)

    assert anew.master_key_id == rotated.current_id == "k2"
    # The process that started before looks into the folder when it meets the new id.
    assert running.unwrap("case", anew.wrapped).open("case_data", sealed) == b"text"
    with pytest.raises(BadKey, match="already"):
        Keyring.rotate(folder, "k2")
