"""Seeded cases of one operator on quantized values: a graph whose result's type is chosen so that its codes spread."""

from math import prod
from typing import Any

import numpy as np
from kernel_harness import Case

from edgec.ir import Array, DType, Graph, Op, Quant, TensorType, Value, verify
from edgec.ir.ops import Clamp
from edgec.ir.requantization import scale_of, zero_of

BYTES = (DType.I8, DType.U8)
ACTIVATIONS = (DType.I8, DType.U8, DType.I16)


class Maker:
    """A graph in the making: drawn operands of quantized types, then the operator.

    ``small``: of a few units, so that sums are as small as codes, and factors as large as 1 and more.
    """

    def __init__(self, seed: int, small: bool = False) -> None:
        self.rng = np.random.default_rng(seed)
        self.small = small
        self.graph = Graph("g")
        self.inputs: dict[str, Array] = {}

    def one_of(self, *choices: Any) -> Any:
        """One of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def extent(self, most: int) -> int:
        """From 1 to ``most``."""
        return int(self.rng.integers(1, most, endpoint=True))

    def codes(self, dtype: DType, shape: tuple[int, ...]) -> Array:
        """Integers over their whole range, or at its ends only."""
        low, high = dtype.limits
        if self.rng.integers(5):
            return self.rng.integers(low, high, shape, endpoint=True).astype(dtype.numpy)
        return self.rng.choice(np.array([low, high]), shape).astype(dtype.numpy)

    def type(self, dtype: DType, shape: tuple[int, ...], scale: float | None = None) -> TensorType:
        """A quantized type; integers of 16 bits have no zero point."""
        low, high = dtype.limits
        zero = 0 if dtype is DType.I16 else self.one_of(low, high, int(self.rng.integers(low, high, endpoint=True)))
        scale = scale or float(np.float32(10 ** self.rng.uniform(-3, 1)))
        return TensorType(dtype, shape, Quant((scale,), (zero,)))

    def x(self, dtype: DType, *shape: int) -> Value:
        """An input."""
        value = self.graph.input(f"x{len(self.inputs)}", self.type(dtype, shape))
        near = zero_of(value) + self.rng.integers(-2, 3, shape)
        codes = np.clip(near, *dtype.limits).astype(dtype.numpy) if self.small else self.codes(dtype, shape)
        self.inputs[value.name] = codes
        return value

    def const(self, array: Array, quant: Quant | None = None) -> Value:
        """A constant."""
        value = self.graph.const(array)
        value.type = TensorType(value.type.dtype, value.shape, quant)
        return value

    def weights(self, zeros: bool, *shape: int) -> Value:
        """Of i8 per channel or per tensor, with zero points or without."""
        channels = self.one_of(1, shape[0], shape[0])
        scales = tuple((10 ** self.rng.uniform(-2, 0, channels)).tolist())
        points = tuple(self.rng.integers(-128, -1, channels).tolist()) if zeros else (0,)
        codes = self.rng.integers(-1, 2, shape).astype(np.int8) if self.small else self.codes(DType.I8, shape)
        codes.reshape(-1)[0] = 1 if self.small else 127  # more than 8 bits with a zero point, and none of the sums is 0
        return self.const(codes, Quant(scales, points, 0 if channels == shape[0] else None))

    def bias(self, x: Value, w: Value, largest: int) -> Value:
        """Of i32 as the operator adds it: small but in the first channel, where it is ``largest``, of either sign."""
        assert w.type.quant is not None
        scales = tuple((scale_of(x) * w.type.quant.reals()).tolist())
        few = 1 if self.small else 3000
        array = self.rng.integers(-few, few, (w.shape[0],), endpoint=True).astype(np.int32)
        array[0] = self.one_of(largest, -largest)
        return self.const(array, Quant(scales, (0,), w.type.quant.axis))

    def reach(self, x: Value, w: Value, count: int) -> float:
        """How far from zero sums of so many products go, for the most part."""
        assert w.type.quant is not None
        sizes = []
        for value in (x, w):
            assert value.type.quant is not None
            codes = self.inputs[value.name] if value.data is None else value.data
            sizes.append(np.abs(codes - np.mean(value.type.quant.zero_point)).mean())
        return float(scale_of(x) * w.type.quant.reals().mean() * max(prod(sizes) * count**0.5, 1e-3))

    def clamp(self, reach: float) -> Clamp | None:
        """Limits, or none, of results that reach that far from zero."""
        choices = [None, None, Clamp(0.0), Clamp(0.0, 0.6 * reach), Clamp(-0.4 * reach, 0.2 * reach)]
        return choices[int(self.rng.integers(len(choices)))]

    def case(self, op: Op, dtype: DType, reach: float) -> Case:
        """The operator with a result of that type, for numbers that reach that far from zero.

        Their codes then take up a part of their range, or leave it.
        """
        steps = 2.0 ** self.rng.uniform(8 * dtype.bytes - 4, 8 * dtype.bytes)
        kind = self.type(dtype, op.infer()[0].shape, float(np.float32(reach / steps)))
        self.graph.insert(op, types=[kind], names=["y"])
        self.graph.returns({"y": op.result})
        verify(self.graph)
        return Case(self.graph, self.inputs, exact=True)
