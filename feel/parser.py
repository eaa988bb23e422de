"""Reads FEEL text into a syntax tree: a Pratt parser over the tokens of `lexer`.

The order of binding is that of DMN 1.3, table of grammar rule 2: for/if/some/every and function
definitions, or, and, comparison, addition, multiplication, exponentiation (to the left), the
minus sign, `instance of`, and paths, filters and calls.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from feel import syntax, temporal
from feel.cursor import KEYWORDS, Cursor
from feel.errors import Fault, FeelSyntaxError, Position
from feel.lexer import Token, TokenKind
from feel.limits import MAX_TREE_DEPTH
from feel.names import KnownNames
from feel.syntax import Node
from feel.type_names import parse_type
from feel.values import NUMBERS

T = TypeVar("T")

ADDITIVE = 4
UNARY = 7

_BINDING = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "between", "in"), 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "**": 6,
    "instance": 8,
    ".": 9,
    "...": 9,
    "[": 9,
    "(": 9,
}
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def parse_expression(text: str, names: KnownNames) -> Node:
    """Read `text` as one expression. Raises FeelSyntaxError."""
    parser = Parser(text, names)
    return parser.whole(parser.expression)


def parse_unary_tests(text: str, names: KnownNames) -> tuple[bool, tuple[Node, ...]]:
    """Read a decision table cell: (negated?, tests). `-` and empty text are no tests at all."""
    parser = Parser(text, names)
    if not text.strip() or text.strip() == "-":
        return False, ()
    if parser.cursor.ahead_is("not", "("):
        parser.cursor.take()
        parser.cursor.take()
        tests = parser.nested(parser.tests)
        parser.cursor.expect(")")
        if parser.cursor.current.kind is TokenKind.END:
            return True, parser.checked(tests)
        parser = Parser(text, names)  # an expression that begins with a call of `not`
    tests = parser.tests()
    parser.end()
    return False, parser.checked(tests)


class Parser:
    """One reading of one text."""

    def __init__(self, text: str, names: KnownNames) -> None:
        self.cursor = Cursor(text, names)
        self._filters_allowed = True

    # --- frame ---------------------------------------------------------------------------

    def whole(self, rule: Callable[[], Node]) -> Node:
        node = rule()
        self.end()
        return self.checked((node,))[0]

    def end(self) -> None:
        if self.cursor.current.kind is not TokenKind.END:
            raise self.cursor.unexpected("an operator or the end of the text")

    def checked(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        for node in nodes:
            if syntax.measure(node)[1] > MAX_TREE_DEPTH:
                raise FeelSyntaxError(
                    f"Expected an expression at most {MAX_TREE_DEPTH} operations deep; "
                    "split it into several",
                    node.at,
                )
        return nodes

    def nested(self, rule: Callable[[], T]) -> T:
        """Apply `rule` inside brackets, where a filter may follow an operand again."""
        allowed, self._filters_allowed = self._filters_allowed, True
        try:
            return rule()
        finally:
            self._filters_allowed = allowed

    # --- operators -----------------------------------------------------------------------

    def expression(self, binding: int = 0) -> Node:
        with self.cursor.deeper():
            left = self._prefix()
            while (level := self._binding_of_next()) > binding:
                left = self._infix(left, level)
            return left

    def _binding_of_next(self) -> int:
        token = self.cursor.current
        if token.kind is TokenKind.STRING or token.kind is TokenKind.NUMBER:
            return 0
        if token.text == "[" and not self._filters_allowed:
            return 0
        return _BINDING.get(token.text, 0)

    def _infix(self, left: Node, level: int) -> Node:
        operator = self.cursor.take().text
        if operator in _COMPARISONS:
            return syntax.Comparison(*self._both(left, operator, level))
        special = _INFIX.get(operator)
        if special is not None:
            return special(self, left)
        return syntax.Arithmetic(*self._both(left, operator, level))

    def _both(self, left: Node, operator: str, level: int) -> tuple[Position, str, Node, Node]:
        right = self.expression(level)
        return self._span(left, right), operator, left, right

    def _span(self, first: Node, last: Node) -> Position:
        return self.cursor.lines.position(first.at.start, last.at.end)

    def _since(self, start: int) -> Position:
        return self.cursor.since(start)

    def _logic(self, operator: str, left: Node) -> Node:
        operands = [left]
        while True:
            operands.append(self.expression(_BINDING[operator]))
            if not self.cursor.skip(operator):
                return syntax.Logic(self._span(left, operands[-1]), operator, tuple(operands))

    def or_(self, left: Node) -> Node:
        return self._logic("or", left)

    def and_(self, left: Node) -> Node:
        return self._logic("and", left)

    def between(self, left: Node) -> Node:
        low = self.expression(3)
        self.cursor.expect("and", after="the lower bound of 'between'")
        high = self.expression(3)
        return syntax.Between(self._span(left, high), left, low, high)

    def in_(self, left: Node) -> Node:
        bracketed = self.cursor.current.text == "("
        tests = self._in_brackets() if bracketed else (self._test(3),)
        return syntax.In(self._since(left.at.start), left, tests)

    def _in_brackets(self) -> tuple[Node, ...]:
        start = self.cursor.take().start
        tests = self.nested(self.tests)
        if len(tests) == 1 and self.cursor.current.text == "..":
            return (self._range_after(tests[0], start, start_included=False),)
        self.cursor.expect(")")
        return tests

    def instance(self, left: Node) -> Node:
        self.cursor.expect("of", after="'instance'")
        named = parse_type(self.cursor)
        return syntax.InstanceOf(self._since(left.at.start), left, named)

    def path(self, left: Node) -> Node:
        name = self.cursor.name("the name of an entry after '.'", entry=True)
        return syntax.Path(self._since(left.at.start), left, name)

    def descendants(self, left: Node) -> Node:
        name = self.cursor.name("the name of an entry after '...'", entry=True)
        return syntax.Descendants(self._since(left.at.start), left, name)

    def filtered(self, left: Node) -> Node:
        predicate = self.nested(self.expression)
        self.cursor.expect("]")
        return syntax.Filter(self._since(left.at.start), left, predicate)

    def call(self, left: Node) -> Node:
        names: list[str] = []
        arguments: list[Node] = []
        while not self.cursor.skip(")"):
            if arguments:
                self.cursor.expect(",", ")")
            named = self.cursor.argument_name()
            if arguments and bool(named) != bool(names):
                raise self.cursor.unexpected("arguments either all with names or all without")
            if named:
                names.append(named)
            arguments.append(self.nested(self.expression))
        at = self._since(left.at.start)
        return syntax.Call(at, left, tuple(arguments), tuple(names) if names else None)

    # --- operands ------------------------------------------------------------------------

    def _prefix(self) -> Node:
        token = self.cursor.current
        match token.kind:
            case TokenKind.NUMBER:
                self.cursor.take()
                return syntax.Literal(self._since(token.start), self._number(token))
            case TokenKind.STRING:
                self.cursor.take()
                return syntax.Literal(self._since(token.start), token.value)
            case TokenKind.END:
                raise self.cursor.unexpected("an expression")
        special = _PREFIX.get(token.text)
        if special is not None and not self.cursor.known_name_ahead():
            return special(self)
        if token.kind is TokenKind.NAME:
            name = self.cursor.name("an expression")
            return syntax.Name(self._since(token.start), name)
        raise self.cursor.unexpected("an expression")

    def _number(self, token: Token) -> Decimal:
        try:
            number = Decimal(token.text)
        except InvalidOperation:  # an exponent beyond any that a Decimal can hold
            number = None
        if (
            number is None
            or len(number.as_tuple().digits) > NUMBERS.prec
            or abs(number.adjusted()) > 6000
        ):
            raise FeelSyntaxError(
                "Expected a number of at most 34 digits", self._since(token.start)
            )
        return number

    def constant(self) -> Node:
        token = self.cursor.take()
        value = {"true": True, "false": False, "null": None}[token.text]
        return syntax.Literal(self._since(token.start), value)

    def at_literal(self) -> Node:
        start = self.cursor.take().start
        token = self.cursor.take()
        if token.kind is not TokenKind.STRING:
            raise self.cursor.unexpected("a string after '@'", token)
        try:
            value = temporal.parse_any(token.value)
        except Fault as fault:
            raise FeelSyntaxError(fault.message, self._since(start)) from None
        return syntax.Literal(self._since(start), value)

    def minus(self) -> Node:
        start = self.cursor.take().start
        operand = self.expression(UNARY)
        return syntax.Negation(self._since(start), operand)

    def comparison_value(self) -> Node:
        token = self.cursor.take()
        operand = self.expression(ADDITIVE - 1)
        return syntax.UnaryComparison(self._since(token.start), token.text, operand)

    def group(self) -> Node:
        start = self.cursor.take().start
        if self.cursor.current.text == "=":  # `(= 10)` is a range; elsewhere `==` is a slip
            inner = self.comparison_value()
            self.cursor.expect(")")
            return inner
        inner = self.nested(self.expression)
        if self.cursor.current.text == "..":
            return self._range_after(inner, start, start_included=False)
        self.cursor.expect(")")
        return inner

    def list_or_range(self) -> Node:
        start = self.cursor.take().start
        items: list[Node] = []
        while not self.cursor.skip("]"):
            if items:
                self.cursor.expect(",", "]")
            items.append(self.nested(self.expression))
            if len(items) == 1 and self.cursor.current.text == "..":
                return self._range_after(items[0], start, start_included=True)
        return syntax.ListLiteral(self._since(start), tuple(items))

    def open_range(self) -> Node:
        start = self.cursor.take().start
        low = self.nested(lambda: self.expression(ADDITIVE - 1))
        if self.cursor.current.text != "..":
            raise self.cursor.unexpected("'..' and the other end of the range")
        return self._range_after(low, start, start_included=False)

    def _range_after(self, low: Node, start: int, *, start_included: bool) -> Node:
        self.cursor.expect("..")
        allowed, self._filters_allowed = self._filters_allowed, False
        high = self.expression(ADDITIVE - 1)
        self._filters_allowed = allowed
        closing = self.cursor.take()
        if closing.text not in {"]", ")", "["}:
            raise self.cursor.unexpected("']', ')' or '[' to close the range", closing)
        included = closing.text == "]"
        return syntax.RangeLiteral(self._since(start), low, high, start_included, included)

    def context(self) -> Node:
        start = self.cursor.take().start
        keys: list[str] = []
        values: list[Node] = []
        with self.cursor.local_names() as known:
            while not self.cursor.skip("}"):
                if keys:
                    self.cursor.expect(",", "}")
                key = self.cursor.key()
                if key in keys:
                    raise self.cursor.unexpected(f"every key once, but {key!r} comes twice")
                keys.append(key)
                values.append(self.nested(self.expression))
                known.add(key)
        return syntax.ContextLiteral(self._since(start), tuple(keys), tuple(values))

    # --- control -------------------------------------------------------------------------

    def if_(self) -> Node:
        start = self.cursor.take().start
        condition = self.expression()
        self.cursor.expect("then", after="the condition of 'if'")
        then = self.expression()
        self.cursor.expect("else", after="the value of 'then'")
        otherwise = self.expression()
        return syntax.If(self._since(start), condition, then, otherwise)

    def for_(self) -> Node:
        start = self.cursor.take().start
        with self.cursor.local_names() as known:
            iterations = self._iterations(known, "return")
            body = self.expression()
        return syntax.For(self._since(start), iterations, body)

    def quantified(self) -> Node:
        token = self.cursor.take()
        with self.cursor.local_names() as known:
            iterations = self._iterations(known, "satisfies")
            body = self.expression()
        return syntax.Quantified(self._since(token.start), token.text, iterations, body)

    def _iterations(self, known: KnownNames, last: str) -> tuple[syntax.Iteration, ...]:
        found: list[syntax.Iteration] = []
        while not found or self.cursor.skip(","):
            start = self.cursor.current.start
            name = self.cursor.new_name(KEYWORDS)
            self.cursor.expect("in", after="the name of the iteration variable")
            source = self.expression()
            until = self.expression() if self.cursor.skip("..") else None
            found.append(syntax.Iteration(self._since(start), name, source, until))
            known.add(name)
        self.cursor.expect(last, ",", after="the iteration")
        return tuple(found)

    def function(self) -> Node:
        start = self.cursor.take().start
        self.cursor.expect("(")
        parameters: list[str] = []
        types: list[syntax.TypeName | None] = []
        with self.cursor.local_names() as known:
            while not self.cursor.skip(")"):
                if parameters:
                    self.cursor.expect(",", ")")
                parameters.append(self.cursor.new_name({",", ":", ")"}))
                types.append(parse_type(self.cursor) if self.cursor.skip(":") else None)
                known.add(parameters[-1])
            if self.cursor.current.text == "external":
                raise self.cursor.unexpected("a FEEL expression (external functions are not run)")
            body = self.nested(self.expression)
        return syntax.FunctionDefinition(self._since(start), tuple(parameters), tuple(types), body)

    # --- unary tests ---------------------------------------------------------------------

    def tests(self) -> tuple[Node, ...]:
        found = [self._test()]
        while self.cursor.skip(","):
            found.append(self._test())
        return tuple(found)

    def _test(self, binding: int = 0) -> Node:
        token = self.cursor.current
        if token.text not in _COMPARISONS or token.kind is TokenKind.STRING:
            return self.expression(binding)
        self.cursor.take()
        operand = self.expression(ADDITIVE - 1)
        return syntax.UnaryComparison(self._since(token.start), token.text, operand)


_PREFIX: dict[str, Callable[[Parser], Node]] = {
    "true": Parser.constant,
    "false": Parser.constant,
    "null": Parser.constant,
    "@": Parser.at_literal,
    "-": Parser.minus,
    "(": Parser.group,
    "[": Parser.list_or_range,
    "]": Parser.open_range,
    "{": Parser.context,
    "if": Parser.if_,
    "for": Parser.for_,
    "some": Parser.quantified,
    "every": Parser.quantified,
    "function": Parser.function,
    **dict.fromkeys(("<", "<=", ">", ">="), Parser.comparison_value),
}

_INFIX: dict[str, Callable[[Parser, Node], Node]] = {
    "or": Parser.or_,
    "and": Parser.and_,
    "between": Parser.between,
    "in": Parser.in_,
    "instance": Parser.instance,
    ".": Parser.path,
    "...": Parser.descendants,
    "[": Parser.filtered,
    "(": Parser.call,
}
