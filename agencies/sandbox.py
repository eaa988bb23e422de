"""The sandbox: one process that plays every agency over real HTTP, with faults on demand.

It plays the gateway of text messages as well, at `/sms/messages`, which answers 422 to a number
or words that are none, takes each message once, and calls nobody back.

The national household registration system numbers the entries it is handed and keeps one for each
case and kind (`agencies/sandbox_register.py`).

It plays the issuer of citizen certificates, at `/certificate/verify`, and the reader with the card
in it, at `/certificate/card`: any identity number of the right shape has a card, its PIN is 123456.

It takes notifications and look-ups at `/<agency>/notifications` and `/<agency>/look-ups`, checks
their signature, answers 202, and sends its signed answer to the callback named in the call. It
remembers what it received per idempotency key, as a careful receiver does; and it answers 422 to
a field that is not the agency's, and to a look-up without a purpose or the number of its case.

Faults per agency, set by `POST /control/faults` with JSON `{"agency": "tax", …}`:

- `slow`: seconds to wait before answering the call
- `fail`: answer 500 to that many calls from now on
- `refuse`: true answers 422 to every call (a permanent failure)
- `reject`: text; take the call, then answer that the notification is rejected for this reason
- `none`: true answers every look-up that nothing was found
- `score`: the likeness from 0 to 100 that comparing a face or a seal gives (default 95)
- `answer_after`: seconds until the callback (default 0.2)
- `answer_first`: true sends the callback before the call itself is answered
- `duplicate`: how many more times to send the same callback
- `silent`: true never calls back

`GET /control/received` lists calls and effects; `POST /control/reset` forgets everything, also the
callbacks not yet taken. Nothing here is ever called in production: it is a stranger to the engine,
like a real agency.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from dataclasses import dataclass, field, fields
from typing import Any

import orjson
import structlog
import urllib3
from flask import Flask, Response, request

from agencies.directory import DIRECTORY, NATIONAL, SMS
from agencies.identity import CERTIFICATE, bound
from agencies.sandbox_register import Register
from agencies.signatures import HEADER, check, sign
from engine.clock import SystemClock
from engine.errors import Forbidden
from engine.identity_numbers import is_identity_number

log = structlog.get_logger()
DEFAULT_ANSWER_AFTER = 0.2
MOST_KEPT = 20_000
MESSAGES = "messages"
PIN = "123456"
MOST_TEXT = 335  # five parts of 67 characters
CALLBACK_TRIES = 40
LONGEST_PAUSE = 5.0  # seconds between two tries: an office comes back, and then wants its answers


@dataclass(slots=True)
class Faults:
    """What goes wrong at one agency."""

    slow: float = 0.0
    fail: int = 0
    refuse: bool = False
    reject: str = ""
    none: bool = False
    score: int = 95
    answer_after: float = DEFAULT_ANSWER_AFTER
    answer_first: bool = False
    duplicate: int = 0
    silent: bool = False


@dataclass(slots=True)
class Memory:
    """Everything the sandbox remembers, behind one lock."""

    faults: dict[str, Faults] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    effects: dict[str, dict[str, Any]] = field(default_factory=dict)  # by idempotency key
    register: Register = field(default_factory=Register)
    lock: threading.Lock = field(default_factory=threading.Lock)
    forgotten: threading.Event = field(default_factory=threading.Event)

    def forget(self) -> None:
        """Start anew; who still carries an answer from before drops it."""
        with self.lock:
            self.forgotten.set()
            self.forgotten = threading.Event()
            self.faults.clear()
            self.calls.clear()
            self.effects.clear()
        self.register.forget()

    def faults_of(self, agency: str) -> Faults:
        with self.lock:
            return self.faults.setdefault(agency, Faults())

    def note(self, agency: str, key: str, status: int, fields: list[str]) -> None:
        with self.lock:
            del self.calls[:-MOST_KEPT]
            self.calls.append({"agency": agency, "key": key, "status": status, "fields": fields})

    def take_failure(self, agency: str) -> bool:
        """Use up one of the failures that were asked for."""
        with self.lock:
            faults = self.faults.setdefault(agency, Faults())
            if faults.fail <= 0:
                return False
            faults.fail -= 1
            return True

    def first_effect(self, agency: str, key: str, fields: list[str]) -> bool:
        """Remember the effect of `key`; False if it was here before."""
        with self.lock:
            known = self.effects.get(key)
            if known is not None:
                known["calls"] += 1
                return False
            self.effects[key] = {"agency": agency, "key": key, "fields": fields, "calls": 1}
            return True


class Sandbox:
    """The agencies' side. `secret` is shared with the office; `clock` is the real one."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._clock = SystemClock()
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=2, read=10))
        self.memory = Memory()

    def receive(self, agency: str, kind: str) -> Response:
        """One call to one agency, with whatever is wrong with it today."""
        if agency not in (DIRECTORY if kind != MESSAGES else {SMS}):
            return _json({"error": f"there is no agency {agency!r} here"}, 404)
        body = request.get_data(cache=False)
        try:
            check(self._secret, request.headers.get(HEADER), body, self._clock.now())
        except Forbidden as refused:
            return _json({"error": refused.message}, 401)
        call = orjson.loads(body)
        wrong = _not_for_us(agency, kind, call)
        if wrong:
            self.memory.note(agency, call["id"], 422, sorted(call["fields"]))
            return _json({"error": wrong}, 422)
        faults = self.memory.faults_of(agency)
        self._pause(faults.slow)
        status = 500 if self.memory.take_failure(agency) else 422 if faults.refuse else 202
        self.memory.note(agency, call["id"], status, sorted(call["fields"]))
        if status != 202:
            return _json({"error": "the sandbox was told to fail"}, status)
        self.memory.first_effect(agency, call["id"], sorted(call["fields"]))
        self._answer_later(agency, kind, call, faults)
        return _json({"taken": call["id"]}, 202)

    def prove(self, what: str) -> Response:
        """The card signs a challenge (`card`), or its issuer says whether that holds (`verify`)."""
        body = request.get_data(cache=False)
        now = self._clock.now()
        try:
            check(self._secret, request.headers.get(HEADER), body, now)
        except Forbidden as refused:
            return _json({"error": refused.message}, 401)
        faults = self.memory.faults_of(CERTIFICATE)
        self._pause(faults.slow)
        if self.memory.take_failure(CERTIFICATE):
            return _json({"error": "the sandbox was told to fail"}, 500)
        asked = orjson.loads(body)
        told = _signed(self._secret, asked) if what == "card" else _valid(self._secret, asked)
        answer = _json({"valid": False} if faults.refuse else told, 200)
        answer.headers[HEADER] = sign(self._secret, answer.get_data(), now)
        return answer

    def _answer_later(self, agency: str, kind: str, call: dict[str, Any], faults: Faults) -> None:
        if faults.silent or kind == MESSAGES or not call.get("callback"):
            return
        answer = orjson.dumps(self._answer(agency, kind, call, faults))
        url = str(call["callback"]).replace("{agency}", agency)
        deliveries = (agency, url, answer, 1 + faults.duplicate, self.memory.forgotten)
        if faults.answer_first:
            self._call_back(*deliveries)
            return
        timer = threading.Timer(faults.answer_after, self._call_back, deliveries)
        timer.daemon = True
        timer.start()

    def _answer(
        self, agency: str, kind: str, call: dict[str, Any], faults: Faults
    ) -> dict[str, Any]:
        if agency == NATIONAL and not faults.reject:
            entered = self.memory.register.enter(call["id"], call["kind"], call["fields"])
            return {"id": call["id"], **entered}
        return _answer(agency, kind, call, faults)

    def _call_back(
        self, agency: str, url: str, body: bytes, times: int, forgotten: threading.Event
    ) -> None:
        for _ in range(times):
            self._deliver(agency, url, body, forgotten)

    def _deliver(self, agency: str, url: str, body: bytes, forgotten: threading.Event) -> None:
        """As a careful agency does: try again while the office is away."""
        for attempt in range(CALLBACK_TRIES):
            if forgotten.is_set():
                return
            try:
                answer = self._pool.request(
                    "POST",
                    url,
                    body=body,
                    headers={
                        "Content-Type": "application/json",
                        HEADER: sign(self._secret, body, self._clock.now()),
                    },
                )
                if answer.status < 500:
                    return
            except urllib3.exceptions.HTTPError as error:
                log.debug("callback failed", agency=agency, error=str(error))
            forgotten.wait(min(0.5 * 2**attempt, LONGEST_PAUSE))
        log.warning("callback not taken", action="sandbox.callback_lost", agency=agency)

    @staticmethod
    def _pause(seconds: float) -> None:
        if seconds > 0:
            threading.Event().wait(min(seconds, 60))


def _signed(secret: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    """What the card of that person answers; nothing for a wrong PIN."""
    if asked["pin"] != PIN or not is_identity_number(asked["id_number"]):
        return {"answer": ""}
    return {"answer": _mark(secret, bound(asked["id_number"], asked["challenge"]))}


def _valid(secret: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    signed = hmac.compare_digest(
        _mark(secret, asked["id_hash"]).encode(), str(asked["answer"]).encode()
    )
    return {"valid": signed, "reference": f"CERT-{asked['id_hash'][:8].upper()}"}


def _mark(secret: bytes, id_hash: str) -> str:
    return hmac.new(secret, f"card|{id_hash}".encode(), hashlib.sha256).hexdigest()


def _not_for_us(agency: str, kind: str, call: dict[str, Any]) -> str:
    """Why an agency that minds the data minimum sends a call back; empty if it takes it."""
    if kind == MESSAGES:
        return _no_message(call["fields"])
    known = DIRECTORY[agency]
    takes = known.look_up_fields if kind == "look-ups" else known.fields_of(call["kind"])
    foreign = sorted(set(call["fields"]) - takes)
    if foreign:
        return f"{foreign} are not for {agency}"
    if kind == "look-ups" and not (call.get("kind") and call["fields"].get("case_number")):
        return "a look-up names its purpose and its case"
    return ""


def _no_message(fields: dict[str, Any]) -> str:
    """Why the gateway takes no message of these fields; empty if it does."""
    if set(fields) != {"to", "text"}:
        return "a message has a number and a text"
    if re.fullmatch(r"09[0-9]{8}", str(fields["to"])) is None:
        return "the number is no mobile number"
    return "" if 0 < len(str(fields["text"])) <= MOST_TEXT else "a text has 1 to 335 characters"


def _answer(agency: str, kind: str, call: dict[str, Any], faults: Faults) -> dict[str, Any]:
    reference = f"{agency[:4].upper()}-{call['id'][:8]}"
    if kind == "look-ups":
        found = (
            {"status": "none"}
            if faults.none
            else {"status": "found", "answer": _found(call, faults)}
        )
        return {"id": call["id"], "reference": reference, **found}
    if faults.reject:
        return {
            "id": call["id"],
            "status": "rejected",
            "reference": reference,
            "reason": faults.reject,
        }
    return {"id": call["id"], "status": "confirmed", "reference": reference, "reason": ""}


def _found(call: dict[str, Any], faults: Faults) -> dict[str, Any]:
    """What a look-up of this purpose finds. The images themselves stay where they are: the answer
    tells how alike they are, or under which number one can be opened."""
    image = f"IMG-{call['id'][:8].upper()}"
    match call["kind"]:
        case "face_match":
            return {"score": faults.score, "photo_age": 3, "image_reference": image}
        case "seal_comparison":
            return {"score": faults.score, "image_reference": image}
        case "archived_image":
            return {"images": 2, "image_reference": image}
        case _:
            return {"found": True, "owner": True, "clear": True, "records": 1}


def create_sandbox(secret: bytes) -> Flask:  # noqa: C901 — a list of routes
    """The sandbox as a WSGI application."""
    app = Flask("sandbox", static_folder=None)
    sandbox = Sandbox(secret)
    app.extensions["sandbox"] = sandbox

    @app.post("/<agency>/notifications")
    def notifications(agency: str) -> Response:
        return sandbox.receive(agency, "notifications")

    @app.post("/<agency>/look-ups")
    def look_ups(agency: str) -> Response:
        return sandbox.receive(agency, "look-ups")

    @app.post(f"/{SMS}/{MESSAGES}")
    def messages() -> Response:
        return sandbox.receive(SMS, MESSAGES)

    @app.post(f"/{CERTIFICATE}/<any(card, verify):what>")
    def prove(what: str) -> Response:
        return sandbox.prove(what)

    @app.post("/control/faults")
    def faults() -> Response:
        return _set_faults(sandbox.memory, request.get_json())

    @app.get("/control/received")
    def received() -> Response:
        with sandbox.memory.lock:
            return _json(
                {"calls": sandbox.memory.calls, "effects": list(sandbox.memory.effects.values())},
                200,
            )

    @app.post("/control/reset")
    def reset() -> Response:
        sandbox.memory.forget()
        return _json({"reset": True}, 200)

    @app.get("/health/live")
    def live() -> Response:
        return _json({"live": True}, 200)

    return app


def _set_faults(memory: Memory, wanted: dict[str, Any]) -> Response:
    agency = wanted.pop("agency", "")
    if agency not in (*DIRECTORY, SMS, CERTIFICATE):
        return _json({"error": f"there is no agency {agency!r} here"}, 404)
    known = {field.name: type(field.default) for field in fields(Faults)}
    for name, value in wanted.items():
        kind = known.get(name)
        # A whole number is a number of seconds too; true is none.
        if kind is None or not isinstance(value, (int, float) if kind is float else kind):
            return _json({"error": f"expected faults of {sorted(known)}, each as documented"}, 422)
    faults = Faults(**wanted)
    with memory.lock:
        memory.faults[agency] = faults
    return _json({"agency": agency}, 200)


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
