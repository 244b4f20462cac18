"""Counts of short sequences."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.types import DType, TensorType


@dataclass(eq=False)
class TfIdf(Op):
    """How often each n-gram of a pool stands in ``x[C]`` or in the rows of ``x[N,C]``, as f32 ``[..., outputs]``.

    ``pool`` (i64) holds the n-grams of ``shortest`` elements one after the other, then those of one more, and so on;
    of each length there are ``counts``. ``places`` (i32) says where in the result each n-gram is counted. The elements
    of an n-gram stand 1 to ``skips + 1`` apart; one of one element counts once. With ``binary`` any number counts as 1;
    the result is multiplied by ``weights[outputs]``.
    """

    x: Value
    pool: Value
    places: Value
    weights: Value | None
    outputs: int
    shortest: int
    counts: tuple[int, ...]
    skips: int = 0
    binary: bool = False

    def infer(self) -> list[TensorType]:
        """Output type: f32, x's rows of ``outputs`` elements."""
        expect(self.x.type.dtype in (DType.I32, DType.I64), f"n-grams of {self.x.type.dtype.value}")
        expect(self.x.type.rank in (1, 2), f"{list(self.x.shape)} is neither a sequence nor rows of them")
        expect(self.shortest > 0 and self.skips >= 0, "lengths must be positive, and skips not negative")
        expect(
            (self.pool.type.dtype, self.places.type.dtype) == (DType.I64, DType.I32), "a pool is i64, places are i32"
        )
        size = sum(count * (self.shortest + i) for i, count in enumerate(self.counts))
        expect(self.pool.shape == (size,) and self.places.shape == (sum(self.counts),), "the pool is not as counted")
        if (places := self.places.data) is not None:
            inside = int(places.min()) >= 0 and int(places.max()) < self.outputs
            expect(inside, f"a place leaves 0..{self.outputs - 1}")
        if self.weights is not None:
            expect(self.weights.type == TensorType(DType.F32, (self.outputs,)), "weights are one per output")
        return [TensorType(DType.F32, (*self.x.shape[:-1], self.outputs))]
