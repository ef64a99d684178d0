# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes that could be made to a module's source, one at a time: a `<` becomes `<=`, an argument is left out.

What can be changed, and into what, is mutmut's list. Left out is only what no test can notice by its nature; each kind
stands here with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import libcst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string

UNNOTICED_KEYWORDS = {
    "frozen": "guards against a programming error: no code of ours assigns to a frozen object",
    "slots": "saves memory",
    "maxsize": "how much a cache keeps: time and memory",
    "strict": "guards against a programming error: zip is only given sequences of one length",
    "thread_name_prefix": "is for who debugs",
    "compress_level": "the same picture, in more or fewer bytes",
}
LOG_METHODS = ("debug", "info", "warning", "error", "exception", "critical")
"""Of loggers. What developers read is not tested word for word."""
NO_CASE = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|BEGIN|PRAGMA)\b.*"  # SQL
    r"|utf-8|ascii|inf|nan"  # names of encodings and numbers
    r"|GET|POST|DELETE|HEAD|PUT"  # requests writes methods in capitals itself
    r"|Accept|Authorization|Range|Location|Retry-After|User-Agent|Content-\w+(-\w+)*",  # HTTP: headers have no case
    re.IGNORECASE | re.DOTALL,
)
"""Texts to whose reader small and capital letters are the same."""
ESCAPE = re.compile(r"\\x[0-9a-fA-F]{2}")
"""A character by its number, in a regular expression."""
BLANK = (libcst.BaseParenthesizableWhitespace, libcst.EmptyLine, libcst.TrailingWhitespace, libcst.Comma)
TYPE_NAME = re.compile(r"_?[A-Z]+[a-z]\w*|T")
"""How an alias of a type is named, in contrast to a constant."""


@dataclass(frozen=True)
class Change:
    """One change: the lines of what is changed (from 1, both inclusive), and the module's source after it."""

    first: int
    last: int
    in_function: bool
    apply: Callable[[], str]


def changes(source: str) -> list[Change]:
    """All changes that can be made to a module, in the order of its lines."""
    wrapper = MetadataWrapper(libcst.parse_module(source), unsafe_skip_copy=True)
    visitor = _Visitor(wrapper)
    wrapper.module.visit(visitor)
    return sorted(visitor.found, key=lambda change: change.first)


def is_valid(source: str) -> bool:
    """Whether it can be compiled: a `break` may have become a `return` outside of any function."""
    try:
        compile(source, "", "exec")
    except SyntaxError:
        return False
    return True


class _Visitor(libcst.CSTVisitor):
    def __init__(self, wrapper: MetadataWrapper) -> None:
        super().__init__()
        self.found: list[Change] = []
        self._module = wrapper.module
        self._positions = cast("dict[libcst.CSTNode, CodeRange]", wrapper.resolve(PositionProvider))
        self._bodies: set[libcst.CSTNode] = set()  # of functions; their defaults and decorators run elsewhere
        self._depth = 0
        self._types: set[libcst.CSTNode] = set()

    def on_visit(self, node: libcst.CSTNode) -> bool:
        if isinstance(node, BLANK) or _cannot_be_noticed(node) or node in self._types:
            return False
        if _is_cast(node):  # it does nothing when it is run
            self._types.add(cast(libcst.Call, node).args[0])
        elif node in self._positions:
            place = self._positions[node]
            for changed in _variants(node):
                apply = _application(self._module, node, changed)
                self.found.append(Change(place.start.line, place.end.line, self._depth > 0, apply))
        if isinstance(node, libcst.FunctionDef):
            self._bodies.add(node.body)
        self._depth += node in self._bodies
        return True

    def on_leave(self, original_node: libcst.CSTNode) -> None:
        self._depth -= original_node in self._bodies


def _application(module: libcst.Module, node: libcst.CSTNode, changed: libcst.CSTNode) -> Callable[[], str]:
    return lambda: cast(libcst.Module, module.deep_replace(node, changed)).code


def _variants(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    """What mutmut would put in a node's place."""
    for kind, operator in mutation_operators:
        if not isinstance(node, kind):
            continue
        for changed in operator(node):
            if operator is operator_string and _same_but_for_case(node, changed):
                continue
            if isinstance(node, libcst.Call) and any(_is_unnoticed(lost) for lost in _lost(node, changed)):
                continue
            yield changed


def _same_but_for_case(node: Any, changed: Any) -> bool:
    """Whether a text means what it did, though other letters of it are capitals now."""
    text, other = (ast.literal_eval(literal.value) for literal in (node, changed))
    if not isinstance(text, str) or text.lower() != other.lower():
        return False
    return NO_CASE.fullmatch(text) is not None or ESCAPE.sub("", text) == ESCAPE.sub("", other)


def _lost(call: libcst.Call, changed: libcst.CSTNode) -> list[libcst.Arg]:
    """The arguments of a call that a changed one has no more."""
    kept = changed.args if isinstance(changed, libcst.Call) else ()
    return [argument for argument in call.args if not any(argument is other for other in kept)]


def _is_unnoticed(argument: libcst.Arg) -> bool:
    match argument:
        case libcst.Arg(keyword=libcst.Name(name)):
            return name in UNNOTICED_KEYWORDS
        case libcst.Arg(value=libcst.Attribute(value=libcst.Name("np"), attr=libcst.Name("float32"))):
            return True  # saves memory: without it, the same numbers are kept in more places
    return False


def _cannot_be_noticed(node: libcst.CSTNode) -> bool:
    """Whether no change in a node, whatever it is, could be noticed."""
    match node:
        case libcst.Arg():
            return _is_unnoticed(node)
        case libcst.Call(func=libcst.Attribute(attr=libcst.Name(name)), args=[libcst.Arg(value=text), *_]):
            return name in LOG_METHODS and isinstance(text, libcst.BaseString)
        case libcst.Assign(value=libcst.Call(func=libcst.Name("auto"))):
            return True  # a member of an enumeration, which only has to be itself
        case libcst.Assign(targets=[libcst.AssignTarget(libcst.Name(name))]):
            return name == "__all__" or TYPE_NAME.fullmatch(name) is not None
        case (
            libcst.Annotation()  # for mypy
            | libcst.If(test=libcst.Name("TYPE_CHECKING"))  # likewise
            | libcst.ClassDef(bases=[libcst.Arg(libcst.Name("Protocol")), *_])  # likewise: its lines never run
            | libcst.Expr(value=libcst.SimpleString() | libcst.ConcatenatedString())  # a docstring
            | libcst.Call(func=libcst.Name("print"))  # into Blender's console, for developers
        ):
            return True
    return False


def _is_cast(node: libcst.CSTNode) -> bool:
    return isinstance(node, libcst.Call) and isinstance(node.func, libcst.Name) and node.func.value == "cast"
