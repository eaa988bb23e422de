"""All built-in functions, by name. This is the one list of them."""

from __future__ import annotations

from feel import (
    builtins_context,
    builtins_conversion,
    builtins_list,
    builtins_numeric,
    builtins_range,
    builtins_string,
    builtins_temporal,
)
from feel.registry import Builtin

BUILTINS: dict[str, Builtin] = {
    **builtins_conversion.TOPIC.builtins,
    **builtins_string.TOPIC.builtins,
    **builtins_list.TOPIC.builtins,
    **builtins_numeric.TOPIC.builtins,
    **builtins_temporal.TOPIC.builtins,
    **builtins_range.TOPIC.builtins,
    **builtins_context.TOPIC.builtins,
}
