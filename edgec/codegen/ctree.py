"""The C that edgec emits, as a tree: expressions, statements and the few things that stand at file level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edgec.ir import Array

# --- expressions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Name:
    """A variable, a function, a macro, or a field ``a->b``."""

    text: str


@dataclass(frozen=True)
class Int:
    """An integer literal."""

    value: int


ZERO = Int(0)


@dataclass(frozen=True)
class Float:
    """A float32 literal, or a ``double`` one; infinities are written as ``EDGEC_INFINITY``."""

    value: float
    double: bool = False


@dataclass(frozen=True)
class Call:
    """A function call."""

    function: str
    arguments: "tuple[Expr, ...]"


@dataclass(frozen=True)
class BinOp:
    """``left op right``, always in parentheses when nested."""

    op: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True)
class Address:
    """``&name``."""

    of: "Expr"


@dataclass(frozen=True)
class Element:
    """``of[index]``."""

    of: "Expr"
    index: "Expr"


@dataclass(frozen=True)
class Cast:
    """``(type)expression``."""

    type: str
    value: "Expr"


Expr: TypeAlias = Name | Int | Float | Call | BinOp | Address | Element | Cast


def add(left: Expr, right: Expr) -> Expr:
    """``left + right`` with zeros and constants folded."""
    if isinstance(left, Int) and isinstance(right, Int):
        return Int(left.value + right.value)
    if left == Int(0):
        return right
    if isinstance(right, Int):
        if right.value == 0:
            return left
        if right.value < 0:
            return BinOp("-", left, Int(-right.value))
    return BinOp("+", left, right)


def mul(left: Expr, right: Expr) -> Expr:
    """``left * right`` with ones, zeros and constants folded."""
    if isinstance(left, Int) and isinstance(right, Int):
        return Int(left.value * right.value)
    if Int(0) in (left, right):
        return Int(0)
    if left == Int(1):
        return right
    return left if right == Int(1) else BinOp("*", left, right)


# --- statements -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comment:
    """``/* text */``."""

    text: str


@dataclass(frozen=True)
class Declare:
    """``type name[extent] = value;`` (extent and value optional)."""

    type: str
    name: str
    value: Expr | None = None
    extent: int | None = None


@dataclass(frozen=True)
class Evaluate:
    """An expression for its effect."""

    value: Expr


@dataclass(frozen=True)
class Assign:
    """``target = value;``."""

    target: Expr
    value: Expr


@dataclass(frozen=True)
class For:
    """``for (int32_t variable = start; variable < stop; variable += step)``."""

    variable: str
    start: int
    stop: int | Expr
    body: "Sequence[Stmt]"
    step: int = 1


@dataclass(frozen=True)
class If:
    """``if (condition) { body }``."""

    condition: Expr
    body: "Sequence[Stmt]"


@dataclass(frozen=True)
class Block:
    """A scope of its own."""

    body: "Sequence[Stmt]"


@dataclass(frozen=True)
class ReturnValue:
    """``return value;``."""

    value: Expr


Stmt: TypeAlias = Comment | Declare | Evaluate | Assign | For | If | Block | ReturnValue


# --- file level -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Include:
    """``#include <path>`` or ``#include "path"``."""

    path: str
    system: bool = False


@dataclass(frozen=True)
class Define:
    """``#define name value``, with a comment before it; ``default``: unless it is defined already."""

    name: str
    value: str
    comment: str = ""
    default: bool = False


@dataclass(frozen=True)
class ConstArray:
    """``static const type name[] = {...};``; ``align``: to so many bytes, 0 for what the type asks for.

    ``memory`` is the name of one of several memories, where it lies in that and not in flash.
    """

    type: str
    name: str
    data: Array
    comment: str = ""
    align: int = 0
    memory: str = ""

    @property
    def section(self) -> str:
        """That of the linker's in which it is if it lies in a memory."""
        return f".edgec.{self.memory}"

    @property
    def section_macro(self) -> str:
        """The macro by which it says so."""
        return f"EDGEC_SECTION_{self.memory.upper()}"


@dataclass(frozen=True)
class ExternArray:
    """``extern const type name[];``: an array that another file defines."""

    type: str
    name: str
    extent: int


@dataclass(frozen=True)
class ConstStruct:
    """``static const type name = {.field = value, ...};``; a tuple is an array field."""

    type: str
    name: str
    fields: "Mapping[str, Expr | tuple[Expr, ...]]"


@dataclass(frozen=True)
class StructType:
    """``typedef struct {...} name;``: fields are (type, name, comment)."""

    name: str
    fields: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Function:
    """A function definition, or its declaration where the body is None; parameters are (type, name)."""

    returns: str
    name: str
    parameters: Sequence[tuple[str, str]]
    body: Sequence[Stmt] | None = None
    comment: str = ""


TopLevel: TypeAlias = Comment | Include | Define | ConstArray | ExternArray | ConstStruct | StructType | Function


@dataclass(frozen=True)
class CModule:
    """One C file; with a guard it is a header."""

    items: Sequence[TopLevel]
    guard: str | None = None
