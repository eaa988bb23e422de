"""The issuer of citizen certificates: the sandbox itself, asked in this process."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask
from freezegun import freeze_time

from agencies.identity import Answered, Issuer
from agencies.sandbox import Memory, create_sandbox
from agencies.transports import Endpoint
from tests.support.clock import GivenClock

SECRET = b"shared with the sandbox of the tests"


class SandboxIssuer(Issuer):
    """It looks at the clock it is given. `down`: nobody answers."""

    def __init__(self, clock: GivenClock) -> None:
        self.sandbox: Flask = create_sandbox(SECRET)
        self.clock = clock
        self.down = False
        super().__init__(Endpoint("http://sandbox.invalid/certificate", SECRET), self._post_to)

    @property
    def memory(self) -> Memory:
        found: Memory = self.sandbox.extensions["sandbox"].memory
        return found

    def _post_to(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        if self.down:
            raise ConnectionRefusedError(url)
        with freeze_time(self.clock.now()):
            answer = self.sandbox.test_client().post(
                urlsplit(url).path, data=body, headers=dict(headers)
            )
        return answer.status_code, answer.headers, answer.data
