"""Convolutions and matrix products on quantized values, as compiled C, against the interpreter, to the bit."""

from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from kernel_harness import BUILDS, Case, check
from quantized_cases import ACTIVATIONS, Maker

from edgec.codegen.ctree import Int
from edgec.codegen.emitter import Emitter
from edgec.codegen.kernels import select
from edgec.errors import EdgecError
from edgec.ir import DType, Quant, TensorType, Value
from edgec.ir.interp import run
from edgec.ir.ops import Conv2d, Conv3d, Convolution, ConvTranspose2d, ConvTranspose3d, Dense, MatMul

CONVOLUTIONS: dict[int, type[Convolution]] = {2: Conv2d, 3: Conv3d}
TRANSPOSED: dict[int, type[Convolution]] = {2: ConvTranspose2d, 3: ConvTranspose3d}


class Form(NamedTuple):
    """What chooses between the kernels of an operator."""

    x: DType
    y: DType
    zeros: bool
    """The weights have zero points."""
    wide: bool
    """The sums need more than 32 bits."""


PAIRS = [(x, y) for x in ACTIVATIONS for y in ACTIVATIONS]
FORMS = [Form(x, y, zeros, wide) for x, y in PAIRS for zeros in (False, True) for wide in (False, True)[: x.bytes]]


def makers(times: int) -> Iterator[tuple[Maker, Form]]:
    """So many for each form."""
    for seed, form in enumerate(FORMS * times):
        yield Maker(seed, small=seed % 7 == 0 and form.zeros is form.wide is False), form


def window(make: Maker, rank: int) -> dict[str, Any]:
    """Kernel, stride, dilation and padding."""
    return {
        "kernel": tuple(make.extent(4 if axis > rank - 3 else 2) for axis in range(rank)),
        "stride": tuple(make.extent(3) for _ in range(rank)),
        "dilation": tuple(make.one_of(1, 1, 2, 3) for _ in range(rank)),
        "pad": tuple(int(p) for p in make.rng.integers(0, 4, 2 * rank)),
    }


def fitting(make: Maker, geometry: dict[str, Any]) -> list[int]:
    """Extents of an input that the window fits."""
    kernel, dilation, pad = (geometry[k] for k in ("kernel", "dilation", "pad"))
    least = [
        (k - 1) * d + 1 - sum(pad[2 * a : 2 * a + 2]) for a, (k, d) in enumerate(zip(kernel, dilation, strict=True))
    ]
    return [max(make.extent(14 if a == len(kernel) - 1 else 5), n) for a, n in enumerate(least)]


def weighted(
    make: Maker, form: Form, cls: type[Convolution | Dense], x: Value, shape: tuple[int, ...], **attributes: Any
) -> Case:
    """A convolution or dense layer by weights of that shape."""
    w = make.weights(form.zeros, *shape)
    reach = make.reach(x, w, prod(shape[1:]))
    op = cls(x, w, make.bias(x, w, 2**31 - 1 if form.wide else 1), **attributes, clamp=make.clamp(reach))
    return make.case(op, form.y, reach)


def convolution(
    make: Maker,
    form: Form,
    cls: type[Convolution],
    geometry: dict[str, Any],
    shape: list[int],
    channels: tuple[int, int, int],
) -> Case:
    """``channels``: groups, inputs and outputs of each."""
    groups, depth, out = channels
    kernel = geometry.pop("kernel")
    x = make.x(form.x, make.extent(2), *shape, depth * groups)
    return weighted(make, form, cls, x, (out * groups, *kernel, depth), **geometry, groups=groups)


def convolutions() -> Iterator[Case]:
    """Of several groups and of one, also with a single input channel."""
    for make, form in makers(2):
        rank = make.one_of(2, 2, 3)
        geometry = window(make, rank)
        groups, depth = make.one_of((1, 1), (1, make.extent(6)), (2, 2), (3, 1 + make.extent(4)))
        channels = groups, depth, make.extent(9)
        yield convolution(make, form, CONVOLUTIONS[rank], geometry, fitting(make, geometry), channels)


def depthwise() -> Iterator[Case]:
    """One input channel per group, with one output channel and several."""
    for make, form in makers(2):
        rank = make.one_of(2, 2, 3)
        geometry = window(make, rank)
        channels = 1 + make.extent(8), 1, make.one_of(1, 1, 2, 3)
        yield convolution(make, form, CONVOLUTIONS[rank], geometry, fitting(make, geometry), channels)


def transposed() -> Iterator[Case]:
    """With stride, crop and output padding: runs of output pixels that see different taps."""
    for make, form in makers(1):
        rank = make.one_of(2, 2, 3)
        geometry = window(make, rank)
        shape, pad = [], []
        for k, s, d in zip(geometry["kernel"], geometry["stride"], geometry["dilation"], strict=True):
            shape.append(make.extent(7))
            full = (shape[-1] - 1) * s + (k - 1) * d + 1
            before = int(make.rng.integers(-1, min(3, full - 1), endpoint=True))
            pad += [before, int(make.rng.integers(-2, min(3, full - 1 - max(before, 0)), endpoint=True))]
        geometry["pad"] = tuple(pad)
        channels = make.one_of((1, make.extent(5), make.extent(9)), (5, 1, 1), (2, 2, 3))
        yield convolution(make, form, TRANSPOSED[rank], geometry, shape, channels)


def cropped() -> Iterator[Case]:
    """Transposed convolutions of which nothing is left but a column that no tap reaches."""
    for seed, channels in enumerate([(1, 3, 5), (5, 1, 1), (2, 2, 3)]):
        geometry = {"kernel": (2, 1), "stride": (1, 2), "dilation": (1, 1), "pad": (0, 0, 1, -1)}
        yield convolution(Maker(seed), FORMS[0], ConvTranspose2d, geometry, [3, 1], channels)


def denses() -> Iterator[Case]:
    """Also convolutions by a window of one tap; widths from 1 on."""
    for make, form in makers(2):
        inner, out, pointwise = make.extent(40), make.extent(11), make.one_of(False, True)
        x = make.x(form.x, *(make.extent(4) for _ in range(3 if pointwise else make.rng.integers(4))), inner)
        shape = (out, *((1, 1) if pointwise else ()), inner)
        yield weighted(make, form, Conv2d if pointwise else Dense, x, shape)


def matmuls() -> Iterator[Case]:
    """Every pair of types, with sums of 32 bits and more; batches that broadcast."""
    types = [(a, b, y, long) for a, b in PAIRS for y in ACTIVATIONS for long in (False, True)]
    for seed, (a_type, b_type, y_type, long) in enumerate(types):
        make = Maker(seed, small=seed % 7 == 0)
        rows, inner, columns = (make.extent(10) for _ in range(3))
        if DType.I16 in (a_type, b_type):
            inner = 1 if not long else 500 if a_type is b_type else 600
        batch = [make.extent(3) for _ in range(make.rng.integers(3))]
        kept = [[e if make.rng.integers(3) else 1 for e in batch[make.rng.integers(len(batch) + 1) :]] for _ in "ab"]
        a, b = make.x(a_type, *kept[0], rows, inner), make.x(b_type, *kept[1], inner, columns)
        yield make.case(MatMul(a, b), y_type, make.reach(a, b, inner))


FAMILIES = [convolutions, depthwise, transposed, cropped, denses, matmuls]


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_products_agree_with_the_interpreter(family: Callable[[], Iterator[Case]], build: str, tmp_path: Path) -> None:
    cases = list(family())
    cc, flags = BUILDS[build]
    check(cases, tmp_path, cc, flags.split())


@pytest.mark.parametrize("family", [f for f in FAMILIES if f is not cropped])
def test_results_are_of_several_codes(family: Callable[[], Iterator[Case]]) -> None:
    """Else the cases would show little."""
    results = [run(case.graph, case.inputs)["y"] for case in family()]
    several = [len(np.unique(y)) > 2 for y in results if y.size > 8]
    assert np.mean(several) > 0.75


@pytest.mark.parametrize(("family", "products"), [(convolutions, 8), (depthwise, 8), (denses, 8), (matmuls, 14)])
def test_every_kernel_is_tested(family: Callable[[], Iterator[Case]], products: int) -> None:
    """Of each product for each type of result, in the form for any shift and in the one for large ones."""
    cases = list(family())
    assert len({select(case.op).name for case in cases}) == 3 * products
    uppers = set()
    for case in cases:
        emitter = Emitter("y", {v: v.name for v in case.graph.values()}, None)
        select(case.op).emit(emitter)
        factors = emitter.structs[0].fields["factors"]
        assert isinstance(factors, tuple)
        uppers.add(factors[3])
    assert uppers == {Int(0), Int(1)}


def dense(bias: int, y_scale: float, x: DType = DType.I8) -> Dense:
    """Two products of codes of all sizes by 100."""
    make = Maker(0)
    value = make.graph.input("x", TensorType(x, (2,), Quant((1.0,), (10,))))
    w = make.const(np.full((1, 2), 100, np.int8), Quant((1.0,)))
    op = Dense(value, w, make.const(np.array([bias], np.int32), Quant((1.0,))))
    make.graph.insert(op, types=[TensorType(DType.I8, (1,), Quant((y_scale,)))], names=["y"])
    return op


@pytest.mark.parametrize(("bias", "fits"), [(2**31 - 1 - 23400, True), (2**31 - 23400, False), (1 - 2**31, False)])
def test_sums_of_bytes_that_may_leave_32_bits_are_refused(bias: int, fits: bool) -> None:
    """The largest sum of products is 200 * (127 - 10), the smallest 200 * (-128 - 10)."""
    if fits:
        assert select(dense(bias, 1.0)).name == "edgec_dense_i8_i8_i32_i8"
        return
    with pytest.raises(EdgecError, match=r"y \(dense\): a sum of its products may reach 2.15e\+09"):
        select(dense(bias, 1.0))


def test_sums_of_longer_integers_take_64_bits_where_they_may_leave_32() -> None:
    assert select(dense(0, 1.0, DType.I16)).name == "edgec_dense_i16_i8_i32_i8"
    assert select(dense(2**31 - 1, 1.0, DType.I16)).name == "edgec_dense_i16_i8_i64_i8"


def test_products_of_activations_that_may_leave_the_accumulator_are_refused() -> None:
    make = Maker(0)
    a, b = make.x(DType.I16, 2, 512), make.x(DType.I16, 512, 2)
    with pytest.raises(EdgecError, match=r"its accumulator holds no more than 5.50e\+11"):
        select(make.case(MatMul(a, b), DType.I8, 1.0).op)


def test_products_of_16_bits_with_zero_points_are_refused() -> None:
    """Of one that is 2^15 - 1 the differences take 17 bits."""
    make = Maker(0)
    a, b = (make.graph.input(n, TensorType(DType.I16, (1, 1), Quant((1.0,), (2**15 - 1,)))) for n in "ab")
    with pytest.raises(EdgecError, match="operands of 16 bits with zero points"):
        select(make.case(MatMul(a, b), DType.I8, 1.0).op)


def test_a_scale_that_is_too_small_for_the_sums_is_refused() -> None:
    with pytest.raises(EdgecError, match=r"a factor of 1e\+12 is too large"):
        select(dense(0, 1e-12))
