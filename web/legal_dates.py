"""Dates of law as an explanation has them, ISO 8601, written as people read them."""

from __future__ import annotations

from datetime import date, datetime

from engine.minguo import format_date, format_instant, format_short
from sla.explanation import parse_start
from web.visits import lang


def said(text: str | None) -> str:
    """A date or an instant in words; an answer that is none (`TWD 500`, `4`) as it is."""
    if not text or not text[:4].isdigit() or len(text) < len("2026-03-02"):
        return text or "—"
    moment = parse_start(text)
    if isinstance(moment, datetime):
        return format_instant(moment, lang())
    return format_date(moment, lang())


def short(text: str) -> str:
    """A date for a table, short."""
    return format_short(date.fromisoformat(text), lang())
