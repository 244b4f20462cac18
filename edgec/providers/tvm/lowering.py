"""A scheduled TIR function as assembly of a plain C function: pointers in, no allocation, no runtime."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any


@dataclass(frozen=True)
class Lowered:
    """``text`` of the function ``symbol(tensors..., scratch...)``; ``scratch``: bytes of each buffer that it needs."""

    text: str
    scratch: tuple[int, ...]


SMALL = 4096
"""Bytes of a buffer that may lie on the function's stack: mostly it is registers."""


def lower_module(module: Any, symbol: str, target: Any) -> Lowered:
    """Lower a module's ``main`` for an LLVM target. ValueError where it needs memory that it can't be given."""
    import tvm
    from tvm import tirx
    from tvm.ir import PointerType, PrimType
    from tvm.s_tir import transform as blocks

    for lowering in (
        blocks.CanonicalizeLoop(),
        blocks.LowerInitBlock(),
        blocks.PlanAndUpdateBufferAllocationLocation(),
        blocks.ConvertBlocksToOpaque(),
        blocks.CompactBufferAllocation(),
        blocks.LowerMatchBuffer(),
        blocks.LowerOpaqueBlock(),
        tirx.transform.FlattenBuffer(),
        tirx.transform.NarrowDataType(32),
        tirx.transform.VectorizeLoop(),
        tirx.transform.StorageRewrite(),
        tirx.transform.UnrollLoop(),
        tirx.transform.StmtSimplify(),
        tirx.transform.RemoveNoOp(),
    ):
        module = lowering(module)
    plain = module["main"]
    statements = list(plain.body.seq) if isinstance(plain.body, tirx.SeqStmt) else [plain.body]

    def large(statement: Any) -> bool:
        return isinstance(statement, tirx.AllocBuffer) and _bytes(statement.buffer) > SMALL

    given = [s.buffer for s in statements if large(s)]
    rest = [s for s in statements if not large(s)]
    if any(large(s) for s in _inner(rest)):
        raise ValueError("allocates memory in a loop")
    buffers = [*plain.params, *given]
    pointers = [tirx.Var(f"p{i}", PointerType(PrimType(_scalar(b)))) for i, b in enumerate(buffers)]
    bound = [tirx.DeclBuffer(b, data=p) for b, p in zip(buffers, pointers, strict=True)]
    made = tirx.PrimFunc(pointers, tirx.SeqStmt([*bound, *rest]))
    made = made.with_attr("global_symbol", symbol).with_attr("tirx.noalias", True).with_attr("target", target)
    lowered = tirx.transform.LowerIntrin()(tvm.IRModule({symbol: made}))
    text = tvm.get_global_func("target.build.llvm")(lowered, target).inspect_source("asm")
    return Lowered(_cleaned(text, symbol), tuple(_bytes(b) for b in given))


def _scalar(buffer: Any) -> str:
    return str(buffer.dtype).split("x")[0]


def _bytes(buffer: Any) -> int:
    scalar, _, lanes = str(buffer.dtype).partition("x")
    return prod(int(n) for n in buffer.shape) * int(lanes or 1) * (int(re.sub(r"\D", "", scalar)) // 8)


def _inner(statements: list[Any]) -> Iterator[Any]:
    """All statements, those within others, too."""
    for statement in statements:
        yield statement
        for name in ("seq", "body", "then_case", "else_case"):
            held = getattr(statement, name, None)
            yield from _inner(list(held) if name == "seq" and held is not None else [held] if held is not None else [])


_DROPPED = re.compile(r"^\t\.(file|loc|ident|cfi_sections|addrsig)\b.*\n", re.MULTILINE)
_COMMENT = re.compile(r"(^|[ \t]+)(#|//) .*$", re.MULTILINE)
_BEHIND = re.compile(r"^\t\.section\t\.(text\.tvm|debug_)", re.MULTILINE)
"""Where TVM's helpers for halves, or what is for debuggers, begin."""


def _cleaned(text: str, symbol: str) -> str:
    """The function and its constants alone, with local labels of its own, so that it can stand beside others.

    Its symbol is weak: what is named alike is alike.
    """
    behind = _BEHIND.search(text)
    body = _DROPPED.sub("", text[: behind.start()] if behind else text)
    body = _COMMENT.sub("", body)
    body = re.sub(r"\.L(\w+)", rf".L{symbol}_\1", body)
    return body.replace(f"\t.globl\t{symbol}\n", f"\t.weak\t{symbol}\n")
