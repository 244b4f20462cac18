"""Functions of two tensors of bytes: what the instruction sets' kernels for these have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgec.codegen.ctree import Call, Evaluate, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Add, Arithmetic, Sub
from edgec.ir.requantization import code_limits, sum_factors, zero_of


@dataclass(frozen=True)
class ByteSum:
    """The code is ``(a * left + b * right + begin) >> shift``, within ``low`` and ``high``; the sum fits 32 bits."""

    left: int
    right: int
    begin: int
    shift: int
    low: int
    high: int

    @property
    def ends(self) -> tuple[int, int]:
        """The smallest and the largest sum."""
        sums = [self.begin + a * self.left + b * self.right for a in (-128, 127) for b in (-128, 127)]
        return min(sums), max(sums)

    def fields(self, swapped: bool = False) -> dict[str, int]:
        """The first fields of the kernels' structs; ``swapped``: what they call a is the right operand."""
        left, right = (self.right, self.left) if swapped else (self.left, self.right)
        # Where it begins may wrap around as what is added does.
        return {"a_multiplier": left, "b_multiplier": right, "begin": wrapped(self.begin), "shift": self.shift}


def byte_sum(op: Add | Sub) -> ByteSum | None:
    """None for other types, or where the result's zero point, shifted, doesn't fit the sum."""
    if any(v.type.dtype is not DType.I8 for v in (op.a, op.b, op.result)):
        return None
    left, right, shift = sum_factors(op)
    begin = (1 << (shift - 1)) - zero_of(op.a) * left - zero_of(op.b) * right + (zero_of(op.result) << shift)
    found = ByteSum(left, right, begin, shift, *code_limits(op.result.type, op.clamp))
    return found if max(map(abs, found.ends)) < 1 << 31 else None


def run_of_bytes(op: Arithmetic, name: str, family: str, numbers: Mapping[str, int]) -> Kernel:
    """``edgec_<name>_<family>_i8(parameters, a, b, y, elements)`` of tensors of one shape."""
    kernel, elements = f"edgec_{name}_{family}_i8", op.result.type.elements

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: Fields = {n: Int(number) for n, number in numbers.items()}
        places = (emitter.pointer(v) for v in (op.a, op.b, op.result))
        return [Evaluate(Call(kernel, (emitter.struct(f"edgec_{name}_{family}", fields), *places, Int(elements))))]

    return Kernel(kernel, f"elementwise_{family}.h", emit, work={LAYER: 1, "elements": elements})


def wrapped(number: int) -> int:
    """Modulo 2^32, with a sign."""
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)
