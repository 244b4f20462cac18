"""Matrix products, and the determinant. Integers wrap around."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import Clamp, broadcast, expect
from edgec.ir.ops.quantized import expect_product, expect_types
from edgec.ir.types import FLOATS, NUMBERS, TensorType


@dataclass(eq=False)
class Dense(Op):
    """Fully connected: ``x[..., I], w[O,I], bias[O] -> [..., O]``."""

    x: Value
    w: Value
    bias: Value
    clamp: Clamp | None = None

    def infer(self) -> list[TensorType]:
        """Output type: that of x with w's output channels last."""
        expect_product(self, NUMBERS, self.x, self.w, self.bias)
        expect(self.w.type.rank == 2, f"weights must be [O,I], are {list(self.w.shape)}")
        expect(
            self.x.type.rank >= 1 and self.x.shape[-1] == self.w.shape[1],
            f"{self.x!r} {list(self.x.shape)} does not end in the weights' {self.w.shape[1]} inputs",
        )
        expect(self.bias.shape == self.w.shape[:1], f"bias must be [{self.w.shape[0]}]")
        return [self.x.type.with_shape(*self.x.shape[:-1], self.w.shape[0])]

    def macs(self) -> int:
        """One per output element and input channel."""
        return self.result.type.elements * self.w.shape[1]


@dataclass(eq=False)
class MatMul(Op):
    """Batched matrix product: ``a[..., M, K], b[..., K, N] -> [..., M, N]``, leading axes broadcast."""

    a: Value
    b: Value

    def infer(self) -> list[TensorType]:
        """Output type: broadcast batch axes, then M and N."""
        expect_types(self, NUMBERS, self.a, self.b)
        expect(self.a.type.rank >= 2 and self.b.type.rank >= 2, "matmul takes tensors of rank 2 or more")
        expect(self.a.shape[-1] == self.b.shape[-2], f"{list(self.a.shape)} @ {list(self.b.shape)} does not fit")
        batch = broadcast(self.a.shape[:-2], self.b.shape[:-2])
        return [self.a.type.with_shape(*batch, self.a.shape[-2], self.b.shape[-1])]

    def macs(self) -> int:
        """One per output element and inner index."""
        return self.result.type.elements * self.a.shape[-1]


@dataclass(eq=False)
class Det(Op):
    """Determinants of square matrices: ``x[..., N, N] -> [...]``."""

    x: Value

    def infer(self) -> list[TensorType]:
        """Output type: the batch axes."""
        shape = self.x.shape
        expect(self.x.type.dtype in FLOATS, f"det of {self.x.type.dtype.value}")
        expect(len(shape) >= 2 and shape[-1] == shape[-2], f"{list(shape)} does not end in a square matrix")
        return [self.x.type.with_shape(*shape[:-2])]
