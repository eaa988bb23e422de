"""A condition over a form, in the words of that form: `by_proxy = true` is “if: Filed by a proxy”.

Comparisons of a field with a truth value or one of its options, joined by `and` and `or`, can be
worded; for anything else the author of a package writes the words (`when` in package.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.forms import Field, Form
from engine.public_words import Text
from feel import FeelSyntaxError
from feel.compiler import known_names
from feel.parser import parse_expression
from feel.syntax import Call, Comparison, Literal, Logic, Name, Node

_JOINS = {"and": ("，且", " and "), "or": ("，或", " or ")}
_OPPOSITE = {"and": "or", "or": "and", "=": "!=", "!=": "="}


def in_words(condition: str, form: Form) -> Text | None:
    """The condition for somebody who has seen no form; None where it cannot be worded."""
    return _worded(condition, form, unless=False)


def unless_in_words(condition: str, form: Form) -> Text | None:
    """When the condition does not hold, in words: of what hides a field, when it is asked."""
    return _worded(condition, form, unless=True)


def _worded(condition: str, form: Form, *, unless: bool) -> Text | None:
    fields = {field.key: field for field in form.inputs() if field.key}
    try:
        tree = parse_expression(condition.removeprefix("="), known_names(tuple(fields), ()))
    except FeelSyntaxError:
        return None
    clause = _clause(_opposite(tree) if unless else tree, fields)
    return None if clause is None else Text(f"{clause.zh}者", f"if {clause.en}")


def _opposite(node: Node) -> Node:
    """The node that holds where this one does not; itself `not(…)` where there is no plainer."""
    match node:
        case Call(callee=Name(name="not"), arguments=(inner,)):
            return inner
        case Logic(at=at, operator=operator, operands=operands):
            return Logic(at, _OPPOSITE[operator], tuple(map(_opposite, operands)))
        case Comparison(at=at, operator="=" | "!=" as operator, left=left, right=right):
            return Comparison(at, _OPPOSITE[operator], left, right)
        case _:
            return Call(node.at, Name(node.at, "not"), (node,))


def _clause(node: Node, fields: Mapping[str, Field]) -> Text | None:
    match node:
        case Logic(operator=operator, operands=operands):
            clauses = [_clause(each, fields) for each in operands]
            known = [clause for clause in clauses if clause is not None]
            zh, en = _JOINS[operator]
            joined = Text(zh.join(c.zh for c in known), en.join(c.en for c in known))
            return joined if len(known) == len(clauses) else None
        case Comparison(operator=operator, left=Name(name=name), right=Literal(value=value)) if (
            operator in ("=", "!=") and name in fields
        ):
            return _compared(fields[name], value, holds=operator == "=")
        case _:
            return None


def _compared(field: Field, value: object, *, holds: bool) -> Text | None:
    label = field.label
    if isinstance(value, bool):
        is_so = holds is value
        return Text(
            f"{'' if is_so else '非'}「{label.zh}」", f"{'' if is_so else 'not '}“{label.en}”"
        )
    chosen = next((option for option in field.options if option.value == value), None)
    if chosen is None:
        return None
    return Text(
        f"「{label.zh}」{'為' if holds else '不是'}「{chosen.label.zh}」",
        f"“{label.en}” is {'' if holds else 'not '}“{chosen.label.en}”",
    )
