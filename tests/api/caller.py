"""A caller of the API who holds every answer against the OpenAPI document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jsonschema_rs
from flask import Flask
from werkzeug.test import TestResponse

BASE = "/api/v1"


@dataclass
class Caller:
    app: Flask
    document: dict[str, Any]
    token: str | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        if body is not None:
            options["json"] = body
        return self.call("POST", path, **options)

    def call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "",
        version: int | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """One call; a new Idempotency-Key unless `key` gives one, or None for none at all."""
        sent = dict(headers or {})
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if method not in ("GET", "HEAD") and key is not None:
            sent["Idempotency-Key"] = key or str(uuid4())
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        full = path if path.startswith(("/health", "/metrics", "/api")) else BASE + path
        answer = self.app.test_client().open(full, method=method, headers=sent, **options)
        self._hold_against_document(method, full.partition("?")[0], answer)
        return answer

    def _hold_against_document(self, method: str, path: str, answer: TestResponse) -> None:
        operation = self._operation(method, path)
        if operation is None:
            assert answer.status_code in (400, 404, 405), f"{method} {path} is not documented"
            return
        found = operation["responses"].get(str(answer.status_code))
        assert found is not None, f"{method} {path}: {answer.status_code} {answer.get_data()!r}"
        if "$ref" in found:
            found = self.document["components"]["responses"][found["$ref"].rpartition("/")[2]]
        for media, content in found.get("content", {}).items():
            assert answer.mimetype == media
            if media.endswith("json"):
                schema = {**content["schema"], "components": self.document["components"]}
                jsonschema_rs.validate(schema, answer.get_json(), validate_formats=True)
        if "content" not in found:
            assert answer.get_data() == b""

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        exact = self.document["paths"].get(path, {}).get(method.lower())
        if exact is not None:
            return dict(exact)
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in operations:
                return dict(operations[method.lower()])
        return None

    # --- what most tests do ---------------------------------------------------------------------

    def file(self, package: str = "REVIEW", **values: Any) -> dict[str, Any]:
        """File a case of a small package; the receipt."""
        data = {"applicant": {"name": "王小明", "id_number": "A123456789"}}
        body = {"package": package, "channel": "counter", "values": values, "data": data}
        answer = self.post("/cases", body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def case(self, case_id: str) -> dict[str, Any]:
        answer = self.get(f"/cases/{case_id}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def task(self, case_id: str) -> dict[str, Any]:
        """The case's only open task."""
        (task,) = self.case(case_id)["tasks"]
        return dict(task)

    def claim(self, case_id: str) -> dict[str, Any]:
        """Claim the case's only open task; how it then stands."""
        answer = self.post(f"/user-tasks/{self.task(case_id)['id']}/claim")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def complete(self, task: dict[str, Any], **body: Any) -> TestResponse:
        return self.post(f"/user-tasks/{task['id']}/complete", body, version=task["version"])


def refusal(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert answer.mimetype == "application/problem+json", answer.get_data(as_text=True)
    return answer.status_code, str(answer.get_json()["code"])
