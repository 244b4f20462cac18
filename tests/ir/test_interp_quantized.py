"""Operators on quantized values mean what the same operators mean of the numbers that the integers stand for.

The float operator, in float64, on the dequantized operands is the truth: a code may differ from the exact quotient by
half a step, and by what the multipliers' bits leave.
"""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest

from edgec.ir import Array, DType, Graph, IRError, Op, Quant, TensorType, Value, verify
from edgec.ir.interp import run_samples
from edgec.ir.interp.registry import MEANINGS, QUANTIZED_MEANINGS
from edgec.ir.ops import (
    Add,
    AveragePool2d,
    AveragePool3d,
    Clamp,
    Conv2d,
    Conv3d,
    ConvTranspose2d,
    ConvTranspose3d,
    Dense,
    Lookup,
    MatMul,
    Mul,
    ReduceMean,
    ReduceSum,
    Requantize,
    Resample,
    Softmax,
    Sub,
)
from edgec.ir.requantization import code_limits, mean_factors, reduce_factor, scale_of, zero_of

SEEDS = range(12)
SAMPLES = 3
ACTIVATIONS = (DType.I8, DType.U8, DType.I16)
BYTES = (DType.I8, DType.U8)


class Draw:
    """A graph of one operator with drawn types, and its inputs; ``dtypes``: those of operands."""

    def __init__(self, seed: int, dtypes: tuple[DType, ...] = ACTIVATIONS) -> None:
        self.dtypes = dtypes
        self.rng = np.random.default_rng(seed)
        self.graph = Graph("g")
        self.inputs: dict[str, Array] = {}

    def integers(self, low: int, high: int, shape: tuple[int, ...]) -> Array:
        return self.rng.integers(low, high, shape, endpoint=True)

    def kind(self, shape: tuple[int, ...], dtypes: tuple[DType, ...], scale: float | None = None) -> TensorType:
        """A quantized type; integers of 16 bits have no zero point."""
        dtype = dtypes[self.rng.integers(len(dtypes))]
        zero = 0 if dtype is DType.I16 else int(self.integers(*dtype.limits, ()))
        scale = scale or float(np.float32(10 ** self.rng.uniform(-3, 1)))
        return TensorType(dtype, shape, Quant((scale,), (zero,)))

    def x(self, *shape: int, scale: float | None = None) -> Value:
        value = self.graph.input(f"x{len(self.inputs)}", self.kind(shape, self.dtypes, scale))
        dtype = value.type.dtype
        self.inputs[value.name] = self.integers(*dtype.limits, (SAMPLES, *shape)).astype(dtype.numpy)
        return value

    def const(self, array: Array, quant: Quant | None = None) -> Value:
        value = self.graph.const(array)
        value.type = TensorType(value.type.dtype, value.shape, quant)
        return value

    def weights(self, *shape: int) -> Value:
        """Per channel or per tensor, with and without zero points."""
        channels = shape[0] if self.rng.integers(3) else 1
        scales = tuple(10 ** self.rng.uniform(-3, 0, channels))
        zeros = (0,) if self.rng.integers(2) else tuple(self.integers(-128, 127, (channels,)).tolist())
        axis = 0 if channels == shape[0] else None
        return self.const(self.integers(-128, 127, shape).astype(np.int8), Quant(scales, zeros, axis))

    def bias(self, x: Value, w: Value) -> Value:
        assert w.type.quant is not None
        scales = tuple(scale_of(x) * np.array(w.type.quant.scale))
        array = self.integers(-3000, 3000, (w.shape[0],)).astype(np.int32)
        return self.const(array, Quant(scales, (0,), None if len(scales) == 1 else 0))

    def clamp(self) -> Clamp | None:
        limits = [None, None, Clamp(0.0, inf), Clamp(0.0, 6.0), Clamp(-1.0, 1.0)]
        return limits[self.rng.integers(len(limits))]


def exact(op: Op, arrays: list[Array]) -> Array:
    """What the operator means in float64 of the numbers that its operands stand for."""
    names = {v: f for f in vars(op) if isinstance(v := getattr(op, f), Value)}
    numbers: list[Array] = []
    changed: dict[str, Any] = {}
    for value, array in zip(op.operands, arrays, strict=True):
        kind, number = TensorType(value.type.dtype, value.shape), array
        if (quant := value.type.quant) is not None:
            along = (-1, *(1,) * (value.type.rank - 1 - (quant.axis or 0)))
            zero, scale = (np.array(p, np.float64).reshape(along) for p in (quant.zero_point, quant.scale))
            number = (array - zero) * scale
        if number.dtype.kind == "f":
            number, kind = number.astype(np.float64), TensorType(DType.F64, value.shape)
        numbers.append(number)
        changed[names[value]] = Value(value.name, kind)
    if isinstance(op, Requantize):
        return numbers[0]
    plain: Any = replace(op, **changed)
    plain.results = [Value("y", plain.infer()[0])]
    result = MEANINGS[type(op)](plain, *numbers)
    assert isinstance(result, np.ndarray)
    return result


def evaluated(draw: Draw, op: Op, dtypes: tuple[DType, ...], scale: float | None = None) -> tuple[Array, Array]:
    """The codes that the operator gives in a result of a drawn type, and the exact quotients, unrounded, in limits.

    Unless a scale is given, the results take up a part of what the codes stand for, or go beyond that.
    """
    (inferred,) = op.infer()
    arrays = [v.data[None] if v.data is not None else draw.inputs[v.name] for v in op.operands]
    numbers = exact(op, arrays)
    if scale is None:
        scale = float(np.float32(max(np.abs(numbers).max(), 1e-3) / 2.0 ** draw.rng.uniform(6, 9)))
    kind = draw.kind(inferred.shape, dtypes, scale)
    codes = run(draw, op, kind)
    low, high = code_limits(kind, getattr(op, "clamp", None))
    assert low <= codes.min() and codes.max() <= high
    quotients = np.clip(numbers / scale_of(op.result) + zero_of(op.result), low, high)
    return codes, np.broadcast_to(quotients, codes.shape)


def run(draw: Draw, op: Op, kind: TensorType) -> Array:
    """The codes, on all samples."""
    draw.graph.insert(op, types=[kind], names=["y"])
    draw.graph.returns({"y": op.result})
    verify(draw.graph)
    return run_samples(draw.graph, draw.inputs)["y"]


def assert_rounded(codes: Array, quotients: Array, beyond: float) -> None:
    """Codes are the nearest ones, but where the quotient is as close as ``beyond`` to half way between two."""
    np.testing.assert_array_less(np.abs(codes - quotients), 0.5 + beyond)


def convolution(draw: Draw, dims: int) -> tuple[Value, Value, Value, dict[str, Any]]:
    depth, out = draw.integers(1, 3, (2,)).tolist()
    x = draw.x(1, *(5, 4, 3)[:dims], 2 * depth)
    groups = int(draw.integers(1, 2, ()))
    w = draw.weights(out * groups, *(2, 3, 1)[:dims], 2 * depth // groups)
    pad = tuple(draw.integers(0, 1, (2 * dims,)).tolist())
    return x, w, draw.bias(x, w), {"stride": (2, 1, 1)[:dims], "pad": pad, "groups": groups, "clamp": draw.clamp()}


def dense(draw: Draw) -> Op:
    x, w = draw.x(2, 30), draw.weights(5, 30)
    return Dense(x, w, draw.bias(x, w), draw.clamp())


def conv(cls: Callable[..., Op], dims: int) -> Callable[[Draw], Op]:
    def build(draw: Draw) -> Op:
        x, w, bias, attributes = convolution(draw, dims)
        return cls(x, w, bias, **attributes)

    return build


def matmul(draw: Draw) -> Op:
    return MatMul(draw.x(2, 4, 9), draw.x(9, 3))


def mul(draw: Draw) -> Op:
    return Mul(draw.x(3, 4), draw.x(2, 3, 1), clamp=draw.clamp())


def mean(draw: Draw) -> Op:
    return ReduceMean(draw.x(4, 5, 6), (0, 2), bool(draw.rng.integers(2)))


def total(draw: Draw) -> Op:
    return ReduceSum(draw.x(4, 5, 6), (1,))


def pool(draw: Draw) -> Op:
    pad = tuple(draw.integers(0, 2, (4,)).tolist())
    counted = tuple(draw.integers(0, p, ()).item() for p in pad)
    form: dict[str, Any] = {"pad": pad, "counted": counted, "stride": (1, 2), "dilation": (2, 1)}
    return AveragePool2d(draw.x(2, 6, 5, 3), (3, 3), **form, clamp=draw.clamp())


def pool3d(draw: Draw) -> Op:
    return AveragePool3d(draw.x(1, 3, 4, 5, 2), (2, 3, 2), pad=(1, 0, 1, 1, 0, 1))


ONE_FACTOR: dict[str, Callable[[Draw], Op]] = {
    "conv2d": conv(Conv2d, 2),
    "conv3d": conv(Conv3d, 3),
    "conv_transpose2d": conv(ConvTranspose2d, 2),
    "conv_transpose3d": conv(ConvTranspose3d, 3),
    "dense": dense,
    "matmul": matmul,
    "mul": mul,
    "reduce_mean": mean,
    "reduce_sum": total,
    "average_pool2d": pool,
    "average_pool3d": pool3d,
}
"""Sums that are exact and rescaled once."""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ONE_FACTOR)
def test_exact_sums_are_rounded_once(name: str, seed: int) -> None:
    draw = Draw(seed)
    op = ONE_FACTOR[name](draw)
    # 23 bits of a factor are 2^-24 of a result of 16 bits; as 16 bits of a result are, too.
    assert_rounded(*evaluated(draw, op, ACTIVATIONS), beyond=2**-7)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ONE_FACTOR)
def test_of_bytes_the_nearest_code_is_hit_but_for_near_ties(name: str, seed: int) -> None:
    draw = Draw(seed, BYTES)
    assert_rounded(*evaluated(draw, ONE_FACTOR[name](draw), BYTES), beyond=2**-21)


@pytest.mark.parametrize("dtypes", [BYTES, ACTIVATIONS])
@pytest.mark.parametrize("seed", SEEDS)
def test_other_scales(seed: int, dtypes: tuple[DType, ...]) -> None:
    draw = Draw(seed, dtypes)
    # A multiplier of 21 bits times a difference of 8.
    assert_rounded(*evaluated(draw, Requantize(draw.x(300)), dtypes), beyond=2**-12)


@pytest.mark.parametrize("dtypes", [BYTES, ACTIVATIONS])
@pytest.mark.parametrize("cls", [Add, Sub])
@pytest.mark.parametrize("seed", SEEDS)
def test_sums_of_two(cls: Callable[..., Op], seed: int, dtypes: tuple[DType, ...]) -> None:
    draw = Draw(seed, dtypes)
    # A multiplier of 21 bits, at 2^18 in 30 at worst, times a difference of 8 bits.
    op = cls(draw.x(3, 4, scale=2.0 ** draw.rng.uniform(-4, 4)), draw.x(2, 3, 1, scale=0.7), draw.clamp())
    assert_rounded(*evaluated(draw, op, dtypes), beyond=2**-7)


@pytest.mark.parametrize("dtypes", [BYTES, ACTIVATIONS])
@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_sums_along_an_axis(seed: int, dtypes: tuple[DType, ...]) -> None:
    draw = Draw(seed, dtypes)
    weights = draw.rng.uniform(-0.3, 1, (7, 4)).astype(np.float32)
    indices = draw.integers(-5, 4, (7, 4)).astype(np.int32)
    op = Resample(draw.x(2, 5, 3), draw.const(indices), draw.const(weights), 1)
    assert_rounded(*evaluated(draw, op, dtypes), beyond=2**-7)


def test_resampling_by_whole_weights_moves_codes() -> None:
    draw = Draw(1, BYTES)
    x = draw.x(6)
    op = Resample(x, draw.const(np.array([[5, 0], [-3, 1]])), draw.const(np.array([[1, 0], [1, 0]], np.float32)), 0)
    np.testing.assert_array_equal(run(draw, op, replace(x.type, shape=(2,))), draw.inputs["x0"][:, [5, 3]])


@pytest.mark.parametrize("result", ACTIVATIONS)
@pytest.mark.parametrize("classes", [1, 2, 10, 1000, 30000])
@pytest.mark.parametrize("scale", [1e-6, 0.002, 0.05, 1.0, 1e4])
def test_softmax_is_the_nearest_code_but_for_near_ties(scale: float, classes: int, result: DType) -> None:
    draw = Draw(classes, BYTES)
    op = Softmax(draw.x(classes, scale=scale), 0)
    assert_rounded(*evaluated(draw, op, (result,), scale=2.0**-15 if result is DType.I16 else 2.0**-8), beyond=2**-7)


@pytest.mark.parametrize("scale", [3e-9, 1 / 3, 1.0, 5.0, 1e6])
def test_softmax_with_any_scale_of_the_result(scale: float) -> None:
    draw = Draw(3, BYTES)
    op = Softmax(draw.x(4, 5, scale=0.03), 0)
    assert_rounded(*evaluated(draw, op, ACTIVATIONS, scale=scale), beyond=2**-7)


@pytest.mark.parametrize(("result", "scale", "beyond"), [(DType.I8, 2.0**-8, 2**-7), (DType.I16, 2.0**-15, 2**-2)])
def test_a_softmax_with_most_of_its_elements_in_the_tail(result: DType, scale: float, beyond: float) -> None:
    """One large element, and many that are a few units of the table each: together they count."""
    draw = Draw(0, (DType.I8,))
    x = draw.x(100000, scale=0.0785)
    draw.inputs[x.name][...] = -128
    draw.inputs[x.name][:, 0] = 127
    assert_rounded(*evaluated(draw, Softmax(x, 0), (result,), scale), beyond)


@pytest.mark.parametrize("seed", range(4))
def test_a_table_holds_the_lowest_byte_first(seed: int) -> None:
    draw = Draw(seed, BYTES)
    x = draw.x(300)
    kind = draw.kind((300,), ACTIVATIONS)
    table = draw.integers(*kind.dtype.limits, (256,)).astype(kind.dtype.numpy)
    codes = run(draw, Lookup(x, draw.const(table)), kind)
    places = draw.inputs[x.name].astype(int) - x.type.dtype.limits[0]
    np.testing.assert_array_equal(codes, table[places])


def test_requantizing_to_the_same_type_is_exact() -> None:
    for dtype in ACTIVATIONS:
        draw = Draw(2, (dtype,))
        x = draw.x(70000)
        np.testing.assert_array_equal(run(draw, Requantize(x), x.type), draw.inputs[x.name])


def test_half_way_is_up() -> None:
    draw = Draw(0, (DType.I8,))
    x = draw.x(5, scale=0.5)
    x.type = replace(x.type, quant=Quant((0.5,), (1,)))
    draw.inputs[x.name] = np.array([[-4, -2, 0, 2, 4]], np.int8)
    kind = TensorType(DType.I8, (5,), Quant((1.0,), (10,)))
    assert run(draw, Requantize(x), kind).tolist() == [[8, 9, 10, 11, 12]]


def test_every_requantizing_operator_is_tested() -> None:
    tested = {type(build(Draw(0))) for build in ONE_FACTOR.values()}
    assert tested | {Add, Sub, Requantize, Resample, Softmax, Lookup} == set(QUANTIZED_MEANINGS)


def constant(draw: Draw, code: int, *shape: int, dtype: DType = DType.I8) -> Value:
    return draw.const(np.full(shape, code, dtype.numpy), Quant((1.0,), (0,)))


@pytest.mark.parametrize(("bias", "fits"), [(-1, True), (0, False)])
def test_sums_that_leave_the_accumulator_are_refused(bias: int, fits: bool) -> None:
    """128 * 128 * 2^17 is 2^31."""
    draw = Draw(0, (DType.I8,))
    x = draw.x(1, 2**17, scale=1.0)
    x.type = replace(x.type, quant=Quant((1.0,)))
    draw.inputs[x.name] = np.full((1, *x.shape), -128, np.int8)
    op = Dense(x, constant(draw, -128, 1, 2**17), draw.const(np.array([bias], np.int32)))
    kind = TensorType(DType.I8, (1, 1), Quant((2.0**24,)))
    if fits:
        assert run(draw, op, kind).tolist() == [[[127]]]
    else:
        with pytest.raises(IRError, match="a sum leaves the accumulator"):
            run(draw, op, kind)


def test_sums_that_could_leave_the_accumulator_are_refused() -> None:
    graph = Graph("g")
    x = graph.input("x", TensorType(DType.U8, (1, 2**12, 2**11 + 1, 1), Quant((1.0,))))
    mean = graph.insert(ReduceMean(x, (1, 2)))
    pool = graph.insert(AveragePool2d(x, (2**12, 2**11 + 1)))
    assert isinstance(mean, ReduceMean) and isinstance(pool, AveragePool2d)
    for factors in (lambda: reduce_factor(mean), lambda: mean_factors(pool)):
        with pytest.raises(IRError, match="a sum of 8392704 elements leaves the accumulator"):
            factors()


@pytest.mark.parametrize(
    "build",
    [
        lambda d: Dense(d.x(1, 2), constant(d, 1, 3, 2), constant(d, 1, 3, dtype=DType.I32)),
        lambda d: Add(d.x(2), d.x(2)),
        lambda d: ReduceMean(d.x(2), (0,)),
        lambda d: AveragePool2d(d.x(1, 2, 2, 1), (2, 2)),
        lambda d: Requantize(d.x(2)),
        lambda d: Softmax(d.x(2), 0),
        lambda d: Resample(d.x(2), d.const(np.array([[0]])), d.const(np.array([[1.0]], np.float32)), 0),
    ],
)
def test_scales_beyond_fixed_point_arithmetic_are_refused(build: Callable[[Draw], Op]) -> None:
    draw = Draw(0, BYTES)
    op = build(draw)
    with pytest.raises(IRError, match="fixed-point arithmetic"):
        run(draw, op, replace(op.infer()[0], dtype=DType.I8, quant=Quant((1e-30,))))
