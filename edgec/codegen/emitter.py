"""What a kernel's lowering sees while it writes its C: where its values lie and what else goes into the module."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from edgec.codegen.assembly import Assembly
from edgec.codegen.ctree import Address, ConstArray, ConstStruct, Expr, Name, Stmt
from edgec.ir import Array, DType, Value
from edgec.ir.storage import bits

if TYPE_CHECKING:
    from edgec.codegen.kernels.endings import Residual

C_TYPES = {
    DType.F64: "double",
    DType.F32: "float",
    DType.F16: "uint16_t",
    DType.BF16: "uint16_t",
    DType.F8E4M3FN: "uint8_t",
    DType.F8E4M3FNUZ: "uint8_t",
    DType.F8E5M2: "uint8_t",
    DType.F8E5M2FNUZ: "uint8_t",
    DType.F8E8M0: "uint8_t",
    DType.F4E2M1: "uint8_t",
    DType.I4: "int8_t",
    DType.U4: "uint8_t",
    DType.I2: "int8_t",
    DType.U2: "uint8_t",
    DType.I8: "int8_t",
    DType.U8: "uint8_t",
    DType.I16: "int16_t",
    DType.U16: "uint16_t",
    DType.I32: "int32_t",
    DType.U32: "uint32_t",
    DType.I64: "int64_t",
    DType.U64: "uint64_t",
    DType.BOOL: "uint8_t",
}


Fields: TypeAlias = Mapping[str, Expr | tuple[Expr, ...]]
"""Those of a struct, by name; a tuple is an array or a struct inside it."""


@dataclass(frozen=True)
class Kernel:
    """The choice of a kernel for one operator, or for all of a step.

    ``name`` is the runtime function, ``header`` the file under ``edgec/`` that defines it, ``scratch`` the bytes of
    arena that it needs while it runs, ``emit`` writes the statements of the step. ``parts``: the kernels that one for
    several operators is made of. ``work`` is how often each of its loops turns, by names of the kernel's own, for the
    target's table of costs (``edgec.costs``); where it is empty, the operator's stands for it. ``ending`` gives the
    kernel that adds a residual before it stores (``edgec.codegen.kernels.endings``). ``once``: each element of the
    result is stored once, so that what such a kernel adds may lie in its place. ``distances``: operands that may lie
    over the first result, from so many bytes above its begin on (``edgec.codegen.kernels.reach``); no other may.
    ``backward`` gives the kernel that goes from the end to the begin, where there is one: its ``below`` are operands
    over which the first result may lie, from so many bytes above their begin on.
    """

    name: str
    header: str
    emit: "Callable[[Emitter], Sequence[Stmt]]"
    scratch: int = 0
    parts: "tuple[Kernel, ...]" = ()
    work: Mapping[str, float] = field(default_factory=dict)
    ending: "Callable[[Residual], Kernel | None] | None" = None
    once: bool = False
    distances: Mapping[Value, int] = field(default_factory=dict)
    below: Mapping[Value, int] = field(default_factory=dict)
    backward: "Callable[[], Kernel] | None" = None
    assembly: tuple[Assembly, ...] = ()
    """Functions that ``emit`` calls and no header has."""

    @property
    def identity(self) -> str:
        """Its name, and what tells it from others of that name: how often its loops turn, and its scratch."""
        told = repr((sorted(self.work.items()), self.scratch))
        return f"{self.name} {hashlib.sha256(told.encode()).hexdigest()[:8]}"

    @property
    def headers(self) -> set[str]:
        """All files that its statements need."""
        return {self.header}.union(*(part.headers for part in self.parts))


ArrayKey: TypeAlias = tuple[str, int, bytes]
"""Type, elements and a hash of the bytes of an array."""


def array_key(array: ConstArray) -> ArrayKey:
    """What arrays that can stand for each other have in common, their alignment aside."""
    return array.type, array.data.size, hashlib.sha256(array.data.tobytes()).digest()


class Emitter:
    """Collects the constants of one step; ``stem`` is the C name of the step's result.

    ``others`` are arrays of earlier steps, which this one uses instead of equal ones of its own: ``borrowed``.
    """

    def __init__(
        self,
        stem: str,
        pointers: Mapping[Value, str],
        scratch: str | None,
        others: "Mapping[ArrayKey, ConstArray] | None" = None,
    ) -> None:
        self.stem = stem
        self._others = others or {}
        self.borrowed: list[ConstArray] = []
        self._pointers = pointers
        self._places: Mapping[Value, Expr] = {}
        self._scratch = scratch
        self.arrays: list[ConstArray] = []
        self.structs: list[ConstStruct] = []
        self._inlined: dict[Value, Name] = {}

    def part(self, role: str, places: Mapping[Value, Expr]) -> "Emitter":
        """For one of several operators of the step: some values lie in other places than their own."""
        part = Emitter(f"{self.stem}_{role}", self._pointers, self._scratch)
        part._places = places
        part.arrays, part.structs = self.arrays, self.structs
        part._others, part.borrowed = self._others, self.borrowed
        return part

    def pointer(self, value: Value) -> Expr:
        """A typed pointer to the first element of a value, a constant's or an arena buffer's."""
        if value.data is not None:
            if value not in self._inlined:
                self._inlined[value] = self.array(f"const{len(self._inlined)}", value.data)
            return self._inlined[value]
        return self._places[value] if value in self._places else Name(self._pointers[value])

    def optional(self, value: Value | None) -> Expr:
        """A pointer to a value, or NULL where there is none."""
        return Name("NULL") if value is None else self.pointer(value)

    def array(self, role: str, data: Array, comment: str = "", align: int = 0) -> Name:
        """Put an array into flash, in the order in which the kernel reads it, once; returns its name.

        ``align``: to so many bytes, where its type asks for less.
        """
        ctype = C_TYPES[DType.of(data.dtype)]
        stored = data.astype(np.uint8) if data.dtype == np.bool_ else bits(data)
        for other in self.arrays:
            if other.type == ctype and other.align >= align and np.array_equal(other.data, stored):
                return Name(other.name)
        made = ConstArray(ctype, f"{self.stem}_{role}", stored, comment, align)
        earlier = self._others.get(array_key(made)) if self._others else None
        if earlier is not None and earlier.align >= align:
            self.borrowed.append(earlier)
            return Name(earlier.name)
        self.arrays.append(made)
        return Name(made.name)

    def struct(self, type: str, fields: Fields, role: str = "shape") -> Expr:
        """Put a constant struct of shapes and parameters into the module; returns its address."""
        return Address(self.constant(type, fields, role))

    def constant(self, type: str, fields: Fields, role: str) -> Name:
        """The same, as the struct itself; returns its name."""
        for other in self.structs:
            if (other.type, other.fields) == (type, fields):
                return Name(other.name)
        self.structs.append(ConstStruct(type, f"{self.stem}_{role}", fields))
        return Name(self.structs[-1].name)

    @property
    def scratch(self) -> Expr:
        """``void *`` to the step's scratch."""
        if self._scratch is None:
            raise ValueError(f"{self.stem} asked for no scratch")
        return Name(self._scratch)
