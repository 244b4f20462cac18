"""C tree -> text: the only place where C is written."""

from collections.abc import Iterable, Sequence

import numpy as np

from edgec.codegen.ctree import (
    Address,
    Assign,
    BinOp,
    Block,
    Call,
    Cast,
    CModule,
    Comment,
    ConstArray,
    ConstStruct,
    Declare,
    Define,
    Element,
    Evaluate,
    Expr,
    ExternArray,
    Float,
    For,
    Function,
    If,
    Include,
    Int,
    Name,
    ReturnValue,
    Stmt,
    StructType,
    TopLevel,
)
from edgec.ir import Array, IRError

WIDTH = 118
_CPLUSPLUS_BEGIN = ["#ifdef __cplusplus", 'extern "C" {', "#endif", ""]
_CPLUSPLUS_END = ["#ifdef __cplusplus", "}", "#endif", ""]


def render(module: CModule) -> str:
    """The text of one C file."""
    lines: list[str] = []
    if module.guard:
        lines += [f"#ifndef {module.guard}", f"#define {module.guard}", "", *_CPLUSPLUS_BEGIN]
    for item, following in zip(module.items, [*module.items[1:], None], strict=True):
        lines += _top_level(item)
        # Runs of includes and defines stand together, everything else is set apart.
        if not (isinstance(item, Include | Define | ConstStruct | ExternArray) and type(item) is type(following)):
            lines.append("")
    if module.guard:
        lines += [*_CPLUSPLUS_END, "#endif", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _top_level(item: TopLevel) -> list[str]:
    match item:
        case Comment(text):
            return _comment(text, "")
        case Include(path, system):
            return [f"#include <{path}>" if system else f'#include "{path}"']
        case Define(name, value, comment, default):
            define = [f"#define {name} {value}"]
            unless = [f"#ifndef {name}", *define, "#endif"]
            return [*(_comment(comment, "") if comment else []), *(unless if default else define)]
        case ConstArray(type, name, data, comment, align, memory):
            aligned = f"EDGEC_ALIGNED({align}) " if align else ""
            aligned += f"{item.section_macro} " if memory else ""
            head = f"static {aligned}const {type} {name}[{data.size}] = {{"
            return [*(_comment(comment, "") if comment else []), head, *_elements(data), "};"]
        case ExternArray(type, name, extent):
            return [f"extern const {type} {name}[{extent}];"]
        case ConstStruct(type, name, fields):
            parts = [f".{field} = {_initializer(value)}" for field, value in fields.items()]
            return [f"static const {type} {name} = {{", *_fill(parts, "  "), "};"]
        case StructType(name, struct_fields):
            members = [f"  {declaration(t, n)};" + (f" /* {c} */" if c else "") for t, n, c in struct_fields]
            return ["typedef struct {", *members, f"}} {name};"]
        case Function(returns, name, parameters, body, comment):
            arguments = ", ".join(declaration(t, n) for t, n in parameters) or "void"
            head = f"{returns} {name}({arguments})"
            lines = _comment(comment, "") if comment else []
            if body is None:
                return [*lines, head + ";"]
            _check_loops(body, [])
            return [*lines, head, "{", *_statements(body, "  "), "}"]


def _check_loops(body: Sequence[Stmt], around: Sequence[str]) -> None:
    """A loop inside another one has a variable of its own: what is computed by the outer one would be hidden."""
    for statement in body:
        match statement:
            case For(variable, body=inner):
                if variable in around:
                    raise IRError(f"a loop over {variable!r} inside another one")
                _check_loops(inner, [*around, variable])
            case If(body=inner) | Block(body=inner):
                _check_loops(inner, around)


def declaration(type: str, name: str) -> str:
    """``type name``, with no space after a star."""
    return f"{type}{name}" if type.endswith("*") else f"{type} {name}"


def _statements(body: Sequence[Stmt], indent: str) -> list[str]:
    return [line for statement in body for line in _statement(statement, indent)]


def _statement(statement: Stmt, indent: str) -> list[str]:
    match statement:
        case Comment(text):
            return ["", *_comment(text, indent)]
        case Declare(type, name, value, extent):
            target = declaration(type, name) + (f"[{extent}]" if extent is not None else "")
            return [f"{indent}{target};" if value is None else f"{indent}{target} = {expression(value)};"]
        case Evaluate(value):
            return _wrapped(f"{indent}{expression(value)};", indent + "    ")
        case Assign(target, value):
            return [f"{indent}{expression(target)} = {expression(value)};"]
        case For(variable, start, stop, body, step):
            advance = f"++{variable}" if step == 1 else f"{variable} += {step}"
            end = stop if isinstance(stop, int) else expression(stop)
            head = f"{indent}for (int32_t {variable} = {start}; {variable} < {end}; {advance}) {{"
            return [head, *_statements(body, indent + "  "), f"{indent}}}"]
        case If(condition, body):
            return [f"{indent}if ({expression(condition)}) {{", *_statements(body, indent + "  "), f"{indent}}}"]
        case Block(body):
            return [f"{indent}{{", *_statements(body, indent + "  "), f"{indent}}}"]
        case ReturnValue(value):
            return [f"{indent}return {expression(value)};"]


def expression(value: Expr, nested: bool = False) -> str:
    """The text of an expression."""
    match value:
        case Name(text):
            return text
        case Int(number):
            return f"({number})" if number < 0 and nested else str(number)
        case Float(number, double):
            return _decimal(repr(number), "") if double else float_literal(number)
        case Call(function, arguments):
            return f"{function}({', '.join(expression(a) for a in arguments)})"
        case BinOp(op, left, right):
            text = f"{expression(left, True)} {op} {expression(right, True)}"
            return f"({text})" if nested else text
        case Address(of):
            return f"&{expression(of, True)}"
        case Element(of, index):
            return f"{expression(of, True)}[{expression(index)}]"
        case Cast(type, inner):
            return f"({type}){expression(inner, True)}"


def float_literal(number: float) -> str:
    """The shortest decimal float32 literal that reads back as the same value."""
    return _decimal(f"{np.float32(number)!s}", "f")


def _decimal(text: str, suffix: str) -> str:
    special = {"inf": "EDGEC_INFINITY", "nan": "EDGEC_NAN"}.get(text.lstrip("-"))
    if special:
        return ("-" if text.startswith("-") else "") + (special if suffix else f"(double){special}")
    return f"{text}{suffix}" if "." in text or "e" in text else f"{text}.0{suffix}"


def _initializer(value: Expr | tuple[Expr, ...]) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(expression(v) for v in value) + "}"
    return expression(value)


def _comment(text: str, indent: str) -> list[str]:
    safe = text.replace("*/", "* /").replace("/*", "/ *").splitlines()
    if len(safe) == 1:
        return [f"{indent}/* {safe[0]} */"]
    return [f"{indent}/* {safe[0]}", *(f"{indent} * {line}".rstrip() for line in safe[1:]), f"{indent} */"]


def _wrapped(line: str, indent: str) -> list[str]:
    """Break a long call after commas."""
    lines = []
    while len(line) > WIDTH and (cut := line.rfind(", ", len(indent), WIDTH)) > 0:
        lines.append(line[: cut + 1])
        line = indent + line[cut + 2 :]
    return [*lines, line]


def _fill(parts: Iterable[str], indent: str) -> list[str]:
    """Comma-separated parts in lines of at most WIDTH characters."""
    lines, line = [], indent
    for part in parts:
        if len(line) + len(part) + 2 > WIDTH and line != indent:
            lines.append(line.rstrip())
            line = indent
        line += part + ", "
    return [*lines, line.rstrip()] if line != indent else lines


def _elements(data: Array) -> list[str]:
    flat = np.ascontiguousarray(data).reshape(-1)
    if flat.dtype.kind == "f":
        # 9 (17) significant digits identify every float (double); much faster than looking for the fewest.
        digits, suffix = (".9g", "f") if flat.dtype == np.float32 else (".17g", "")
        texts = [_decimal(f"{e:{digits}}", suffix) for e in flat.tolist()]
        per_line = 8
    else:
        suffix = {"uint32": "u", "int64": "LL", "uint64": "ULL"}.get(str(flat.dtype), "")
        texts = [_integer(int(e), suffix) for e in flat.tolist()]
        per_line = 16
    return ["  " + ", ".join(texts[i : i + per_line]) + "," for i in range(0, len(texts), per_line)]


def _integer(value: int, suffix: str) -> str:
    # The most negative number has no literal in C: minus is an operator on a positive one that does not fit.
    if value in (-(2**31), -(2**63)):
        return f"(-{-value - 1}{suffix} - 1)"
    return f"{value}{suffix}"
