"""Where the agencies are, and the ways out of the house: read from the installation's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from agencies.directory import DIRECTORY, SMS
from agencies.identity import CERTIFICATE, ISSUERS, Issuer
from agencies.smtp import MailTransport, read_server
from agencies.transports import Endpoint, HttpTransport, Transport
from engine.errors import Rejected
from engine.installation import Settings
from engine.yaml_reading import load_yaml


def endpoints_of(settings: Settings) -> dict[str, Endpoint]:
    """The agencies of `HUZHENG_AGENCIES`, a YAML file of id → {url, secret_file}, of the gateway of
    text messages (`sms`) and of the issuer of certificates (`certificate`); the secret's file is
    relative to it. Raises Rejected naming the file and what is wrong in it."""
    file = settings.agencies_file
    if file is None:
        return {}
    try:
        listed = load_yaml(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as unreadable:
        raise _wrong(file, f"it cannot be read: {unreadable}") from unreadable
    if not isinstance(listed, dict):
        raise _wrong(file, "expected a mapping of agencies, each with url and secret_file")
    unknown = sorted(set(listed) - {*DIRECTORY, SMS, *ISSUERS})
    if unknown:
        known = [*sorted(DIRECTORY), SMS, *sorted(ISSUERS)]
        raise _wrong(file, f"there are no agencies {unknown}; known are {known}")
    return {agency: _endpoint(file, agency, entry, settings) for agency, entry in listed.items()}


def ways_out(settings: Settings) -> dict[str, Transport]:
    """The transport of each operation. One without a way stays queued; operations shows it."""
    ways: dict[str, Transport] = {}
    endpoints = endpoints_of(settings)
    if endpoints:
        agencies = HttpTransport(endpoints)
        ways["agency.notify"] = agencies
        ways["agency.look_up"] = agencies
        ways["agency.list"] = agencies
        if SMS in endpoints:
            ways["sms.send"] = agencies
    if settings.smtp_url:
        server = read_server(settings.smtp_url, settings.smtp_password_file, settings.smtp_ca_file)
        ways["mail.send"] = MailTransport(server, settings.mail_sender)
    return ways


def issuer_of(settings: Settings) -> Issuer | None:
    """Who answers for the certificates of applicants; None: nobody, and nothing is filed online."""
    endpoint = endpoints_of(settings).get(CERTIFICATE)
    return None if endpoint is None else Issuer(endpoint)


def write_sandbox_file(file: Path, port: int, secret_file: Path) -> None:
    """Write an agencies' file that names the sandbox on `port` for every agency."""
    listed = {
        agency: {"url": f"http://127.0.0.1:{port}/{agency}", "secret_file": str(secret_file)}
        for agency in (*DIRECTORY, SMS, *ISSUERS)
    }
    file.write_text(yaml.safe_dump(listed), encoding="utf-8")


def _endpoint(file: Path, agency: str, entry: Any, settings: Settings) -> Endpoint:
    try:
        url, secret_file = str(entry["url"]), file.parent / entry["secret_file"]
        secret = secret_file.read_bytes().strip()
    except (KeyError, TypeError) as missing:
        raise _wrong(file, f"{agency} needs url and secret_file") from missing
    except OSError as unreadable:
        raise _wrong(file, f"the secret of {agency} cannot be read: {unreadable}") from unreadable
    if not url.startswith(("http://", "https://")) or not secret:
        raise _wrong(file, f"{agency} needs an http(s) url and a secret that is not empty")
    return Endpoint(
        url=url.rstrip("/"),
        secret=secret,
        callback=f"{settings.public_url}/api/v1/agencies/{agency}/answers",
    )


def _wrong(file: Path, why: str) -> Rejected:
    return Rejected("agencies.file", f"Cannot use {file}: {why}", file=str(file))
