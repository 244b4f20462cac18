"""Ends of kernels: what else a kernel can do with its result, in registers, before it stores it.

So a convolution adds a residual: its codes, rounded and clamped to its own result's type as ever, are no tensor then.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from edgec.codegen.ctree import Int
from edgec.codegen.emitter import Fields, Kernel
from edgec.codegen.kernels.literals import result_fields
from edgec.ir import Op, Value
from edgec.ir.ops import Add, Sub
from edgec.ir.ops.quantized import is_activation
from edgec.ir.requantization import sum_factors, zero_of


@dataclass(frozen=True)
class Residual:
    """The sum or difference of a kernel's result and another tensor of its shape and element type.

    ``(own_multiplier * own + other_multiplier * other + begin) >> shift``, and the zero point added, is its code;
    ``begin`` makes up for the operands' zero points and for rounding.
    """

    op: Add | Sub
    other: Value
    select: Callable[[Op], Kernel]
    """Gives the kernel of an operator, as that for a part of the sum."""
    own_multiplier: int
    other_multiplier: int
    begin: int
    shift: int

    def fields(self) -> Fields:
        """Those of an ``edgec_add``."""
        return {
            "a_multiplier": Int(self.own_multiplier),
            "b_multiplier": Int(self.other_multiplier),
            "begin": Int(self.begin),
            "shift": Int(self.shift),
            **result_fields(self.op.result, self.op.clamp),
        }


Ending = Callable[[Residual], Kernel | None]
"""Gives the kernel that adds a residual before it stores; None where that doesn't fit."""


def residual_of(op: Op, own: Value, select: Callable[[Op], Kernel]) -> Residual | None:
    """What an operator adds to a value that it reads; None where that is something else."""
    if not isinstance(op, Add | Sub) or not is_activation(op.result.type) or own not in (op.a, op.b):
        return None
    left, right, shift = sum_factors(op)
    begin = (1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right
    other, factors = (op.b, (left, right)) if own is op.a else (op.a, (right, left))
    alike = all((v.shape, v.type.dtype) == (own.shape, own.type.dtype) for v in (other, op.result))
    if other is own or other.data is not None or not alike:
        return None
    return Residual(op, other, select, *factors, begin, shift)


def ended(kernel: Kernel, op: Op, own: Value, select: Callable[[Op], Kernel]) -> Kernel | None:
    """The kernel of two operators: of the one that gives ``own``, and of ``op``, which alone reads it; None if none.

    ``select`` gives the kernel of an operator by itself.
    """
    residual = None if kernel.ending is None else residual_of(op, own, select)
    if residual is None or kernel.ending is None:
        return None
    made = kernel.ending(residual)
    if made is None:
        return None
    # What both take by themselves is what it takes at most.
    return replace(made, parts=(kernel, *(made.parts[1:] or (select(op),))))
