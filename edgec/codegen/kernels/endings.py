"""Ends of kernels: what else a kernel does with its result before that lies in memory as a whole.

So a convolution adds a residual: its codes, rounded and clamped to its own result's type as ever, are no tensor then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from edgec.codegen.ctree import Cast, Declare, Expr, Int, Name, Stmt, add
from edgec.codegen.emitter import C_TYPES, Emitter, Kernel
from edgec.ir import Op, Value
from edgec.ir.ops import Add, Sub
from edgec.ir.ops.quantized import is_activation
from edgec.schedule import aligned


@dataclass(frozen=True)
class Residual:
    """The sum or difference of a kernel's result and another tensor of its shape and element type.

    ``select`` gives the kernel of an operator, as that for a part of the sum.
    """

    op: Add | Sub
    own: Value
    other: Value
    select: Callable[[Op], Kernel]


def ended(kernel: Kernel, op: Op, own: Value, select: Callable[[Op], Kernel]) -> Kernel | None:
    """The kernel of two operators: of the one that gives ``own``, and of ``op``, which alone reads it; None if none.

    ``select`` gives the kernel of an operator by itself.
    """
    if kernel.ending is None or not isinstance(op, Add | Sub):
        return None
    other = op.b if own is op.a else op.a
    alike = all((v.shape, v.type.dtype) == (own.shape, own.type.dtype) for v in (other, op.result))
    if other is own or other.data is not None or not alike:
        return None
    made = kernel.ending(Residual(op, own, other, select))
    # What both take by themselves is what it takes at most.
    if made is None:
        return None
    parts, turned = (kernel, *(made.parts[1:] or (select(op),))), made.backward
    back = None if turned is None else lambda: replace(turned(), parts=parts)
    return replace(made, parts=parts, backward=back)


@dataclass(frozen=True)
class RowSums:
    """A residual sum of some rows at a time, whose codes are in scratch: at byte ``place``, for ``most`` rows."""

    residual: Residual
    ops: Mapping[int, Op]
    """By the number of rows."""
    parts: tuple[Kernel, ...]
    """The kernels for these, with their work."""
    place: int
    most: int

    @classmethod
    def of(cls, residual: Residual, counts: Sequence[int], scratch: int, most: int) -> "RowSums | None":
        """For so many rows each, behind so much scratch; None of floats, or where a sum needs scratch."""
        ops: dict[int, Op] = {}
        whole = residual.op
        if not is_activation(whole.result.type):
            return None
        for count in dict.fromkeys(counts):
            small = {v: _rows(v, count) for v in (whole.a, whole.b, whole.result)}
            ops[count] = replace(whole, a=small[whole.a], b=small[whole.b])
            ops[count].results = [small[whole.result]]
        kernels = {count: residual.select(op) for count, op in ops.items()}
        if any(kernel.scratch for kernel in kernels.values()):
            return None
        times = {count: list(counts).count(count) for count in ops}
        works = ({loop: n * times[count] for loop, n in kernel.work.items()} for count, kernel in kernels.items())
        parts = (replace(kernel, work=work) for kernel, work in zip(kernels.values(), works, strict=True))
        return cls(residual, ops, tuple(parts), aligned(scratch), most)

    def ended(
        self, kernel: Kernel, emit: Callable[[Emitter], Sequence[Stmt]], distances: Mapping[Value, int]
    ) -> Kernel:
        """A kernel that ends so; ``emit`` writes it."""
        own = self.residual.own
        row = own.type.bytes // own.type.elements * own.shape[-1] * own.shape[-2]
        name, parts = f"{kernel.name} + {self.parts[0].name}", (kernel, *self.parts)
        scratch = self.place + self.most * row
        return Kernel(name, kernel.header, emit, scratch, parts, once=True, distances=distances)

    def codes(self, emitter: Emitter) -> Stmt:
        """The declaration of the place of codes."""
        pointer = f"{C_TYPES[self.residual.own.type.dtype]} *"
        byte = add(Cast("unsigned char *", emitter.scratch), Int(self.place))
        return Declare(f"{pointer}const", CODES.text, Cast(pointer, Cast("void *", byte)))

    def emit(self, emitter: Emitter, count: int, codes: Expr, place: Callable[[Value], Expr]) -> list[Stmt]:
        """Of so many rows, whose codes are there; ``place``: where the other operand's rows and the result's are."""
        op, whole = self.ops[count], self.residual.op
        pairs = zip((*op.operands, *op.results), (*whole.operands, *whole.results), strict=True)
        places = {small: codes if value is self.residual.own else place(value) for small, value in pairs}
        return list(self.parts[list(self.ops).index(count)].emit(emitter.part(f"sum{count}", places)))


CODES = Name("codes")
"""Of the rows that a sum is about to be made with."""


def _rows(value: Value, count: int) -> Value:
    return Value(value.name, value.type.with_shape(1, count, *value.shape[-2:]))
