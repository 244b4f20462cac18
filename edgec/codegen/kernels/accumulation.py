"""Sums over pixels that are made row by row: the end of a chain of operators, whose last map is never stored."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from edgec.codegen.ctree import Call, Cast, Declare, Evaluate, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels.literals import result_fields
from edgec.codegen.kernels.pixel_sums import PixelSums, pixel_sums
from edgec.ir import DType, Op
from edgec.ir.ops import AveragePool, ReduceMean, ReduceSum

SUMS = Name("sums")


@dataclass(frozen=True)
class Accumulation:
    """A sum, a mean or a pool over all pixels of an image of bytes."""

    sums: PixelSums

    NAME: ClassVar = "edgec_accumulate_i8"
    HEADER: ClassVar = "accumulate.h"

    @classmethod
    def of(cls, op: Op) -> "Accumulation | None":
        """None for any other operator."""
        if not isinstance(op, AveragePool | ReduceMean | ReduceSum) or op.x.type.rank != 4 or op.x.shape[1] == 1:
            return None
        if op.result.type.quant is None or {v.type.dtype for v in (op.x, op.result)} != {DType.I8}:
            return None
        sums = pixel_sums(op)
        return None if sums is None else cls(sums)

    @property
    def scratch(self) -> int:
        """Bytes of the sums."""
        return 4 * self.sums.channels

    def emit(self, emitter: Emitter, byte: int) -> tuple[list[Stmt], Callable[[Expr, int], Stmt], list[Stmt]]:
        """With the sums at that byte of scratch: how it begins, what adds so many rows, how it ends."""
        sums = self.sums
        shape = emitter.struct(
            "edgec_accumulated",
            {
                "channels": Int(sums.channels),
                "first": sums.fields()["first"],
                "multiplier": Int(sums.multiplier),
                "shift": Int(sums.shift),
                **result_fields(sums.result, sums.clamp),
            },
            "pixels",
        )
        place = Cast("int32_t *", Cast("void *", add(Cast("unsigned char *", emitter.scratch), Int(byte))))
        begin: list[Stmt] = [
            Declare("int32_t *const", SUMS.text, place),
            Evaluate(Call("edgec_accumulate_begin", (shape, SUMS))),
        ]

        def rows(x: Expr, count: int) -> Stmt:
            return Evaluate(Call(self.NAME, (shape, Int(count * sums.x.shape[2]), x, SUMS)))

        return begin, rows, [Evaluate(Call("edgec_accumulate_end_i8", (shape, SUMS, emitter.pointer(sums.result))))]
