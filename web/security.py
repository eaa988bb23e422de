"""Headers of every page: what a browser may do with it, and that it is not kept."""

from __future__ import annotations

from flask import Flask, Response, request

from web.visits import context

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
_SESSION_HOURS = 8


def _header(rules: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in rules.items())


_STRICT = _header(CONTENT_SECURITY_POLICY)


def harden(response: Response) -> Response:
    """Set the headers; a page with personal data is never stored on the way or on disk."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _STRICT)  # content of files is sandboxed besides
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if context().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "web.assets.static":
        response.cache_control.public = True
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


def configure(app: Flask, *, https: bool) -> None:
    """Cookies and form tokens: for this host only, out of reach of scripts and other sites."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-huzheng-form" if https else "huzheng-form",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,  # begin_visit asks; the API has its own door
        WTF_CSRF_SSL_STRICT=False,  # we send no referrer that could be compared
        WTF_CSRF_TIME_LIMIT=_SESSION_HOURS * 3600,
    )
