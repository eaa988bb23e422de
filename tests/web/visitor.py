"""Somebody in front of a browser without JavaScript: opens pages, fills in forms, presses buttons.

What is sent is what the page's own form holds, hidden fields included, so a form that would not
work in a browser does not work here.
"""

from __future__ import annotations

from copy import copy
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from lxml import html
from werkzeug.test import TestResponse


class Visitor:
    def __init__(self, app: Flask, *, https: bool = False) -> None:
        self.client = app.test_client()
        self._base = "https://localhost" if https else "http://localhost"
        self.path = "/"

    # --- doing ----------------------------------------------------------------------------------

    def open(self, path: str) -> Visitor:
        self._took(self.client.get(path, base_url=self._base, follow_redirects=True))
        return self

    def sign_in(self, login: str, password: str) -> Visitor:
        self.open("/sign-in")
        return self.press("登入", login=login, password=password)

    def press(self, label: str, **values: Any) -> Visitor:
        """Press the first button with this label, after filling in `values` (field name → value;
        a list for several, None to leave it out). Points in names are written `__`."""
        self.send(self.button(label), {n.replace("__", "."): v for n, v in values.items()})
        return self

    def send(self, button: html.HtmlElement, values: dict[str, Any]) -> None:
        form = self._form_of(button)
        sent: dict[str, Any] = {}
        for name, value in form.form_values():
            sent.setdefault(name, []).append(value)
        if button.get("name"):
            sent[button.get("name")] = button.get("value", "")
        sent.update(values)
        fields = {name: value for name, value in sent.items() if value is not None}
        action = button.get("formaction") or form.get("action") or self.path
        address = urlsplit(urljoin(self.path, action))
        target = address.path + (f"?{address.query}" if address.query else "")
        method = (form.get("method") or "get").upper()
        self.last = (target, fields)
        send = self.client.post if method == "POST" else self.client.get
        key = "data" if method == "POST" else "query_string"
        self._took(send(target, base_url=self._base, follow_redirects=True, **{key: fields}))

    def send_again(self) -> Visitor:
        """The reload of a sent form, or the second click."""
        target, fields = self.last
        self._took(
            self.client.post(target, base_url=self._base, data=fields, follow_redirects=True)
        )
        return self

    def another_window(self) -> Visitor:
        """A second tab of the same browser, at the same address."""
        second = copy(self)
        return second.open(self.path)

    def autosaved(self, form: str, **typed: Any) -> str:
        """What the form of this id would send by itself while somebody types; what it is told."""
        found = self.page.get_element_by_id(form)
        sent = {**dict(found.form_values()), **typed}
        answer = self.client.post(found.get("hx-post"), data=sent, base_url=self._base)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    # --- looking --------------------------------------------------------------------------------

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """What stands on the page (menu and hidden words included), spaces made single."""
        return " ".join(self.page.text_content().split())

    @property
    def main(self) -> str:
        return " ".join(self.page.xpath("//main")[0].text_content().split())

    def button(self, label: str) -> html.HtmlElement:
        for button in self.page.xpath("//button"):
            if " ".join(button.text_content().split()) == label:
                found: html.HtmlElement = button
                return found
        raise AssertionError(f"There is no button {label!r} on {self.path}: {self.main}")

    def has_button(self, label: str) -> bool:
        labels = [" ".join(b.text_content().split()) for b in self.page.xpath("//button")]
        return label in labels

    def link(self, text: str) -> str:
        for link in self.page.xpath("//a[@href]"):
            if text in " ".join(link.text_content().split()):
                return str(link.get("href"))
        raise AssertionError(f"There is no link {text!r} on {self.path}: {self.main}")

    def follow(self, text: str) -> Visitor:
        return self.open(self.link(text))

    def value_of(self, name: str) -> str:
        found = self.page.xpath(f"//*[@name='{name}']")
        assert found, f"There is no field {name} on {self.path}"
        field = found[0]
        return str(field.text or "") if field.tag == "textarea" else str(field.value or "")

    def _form_of(self, button: html.HtmlElement) -> html.HtmlElement:
        if button.get("form"):
            found: html.HtmlElement = self.page.get_element_by_id(button.get("form"))
            return found
        form = next(button.iterancestors("form"), None)
        assert form is not None, f"The button {button.text_content()!r} is in no form"
        return form

    def _took(self, response: TestResponse) -> None:
        self.response = response
        self.path = response.request.path
        query = response.request.query_string.decode()
        self.path += f"?{query}" if query else ""
        if response.mimetype == "text/html" and response.data:
            self.page = html.fromstring(response.data)
