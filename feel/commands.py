"""The command line's part of FEEL: `huzheng feel eval`."""

from __future__ import annotations

import json
import sys
from decimal import Decimal

import click

import feel as language


@click.group()
def feel() -> None:
    """Expressions."""


@feel.command(name="eval")
@click.argument("expression")
@click.option("--context", default="{}", help="Variables, a JSON object.")
@click.option("--json", "as_json", is_flag=True, help="Value and diagnostics as JSON.")
def evaluate(*, expression: str, context: str, as_json: bool) -> None:
    """Evaluate EXPRESSION. Exit status 1 if it has diagnostics, 2 if it cannot be read."""
    try:
        variables = json.loads(context, parse_float=Decimal)
        result = language.evaluate_text(expression, variables)
    except (ValueError, AttributeError, TypeError, language.FeelSyntaxError) as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if as_json:
        found = [str(diagnostic) for diagnostic in result.diagnostics]
        click.echo(
            json.dumps({"value": _plain(result.value), "diagnostics": found}, ensure_ascii=False)
        )
    else:
        click.echo(_written(result.value))
        for diagnostic in result.diagnostics:
            click.echo(str(diagnostic), err=True)
    sys.exit(1 if result.diagnostics else 0)


def _plain(value: object) -> object:
    """JSON where it is enough, else FEEL's own text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return _written(value)


def _written(value: object) -> str:
    if isinstance(value, (dict, list, tuple, str)) or value is None:
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(language.compile_expression("string(value)", names=("value",))({"value": value}))
