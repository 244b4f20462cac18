"""Conversions between all element types, as C that is compiled and run, against the interpreter, to the bit."""

from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from kernel_harness import BUILDS, Case, check

from edgec.ir import Array, DType, Graph, TensorType
from edgec.ir.ops import Cast, Pad
from edgec.ir.ops.elementwise import ROUND_MODES
from edgec.ir.storage import restored
from edgec.ir.types import FLOATS, SMALL_INTEGERS

FLOATS_OF_8_BITS = (DType.F8E4M3FN, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ, DType.F8E8M0)


def elements(dtype: DType) -> Array:
    """All elements of a type of at most 16 bits; else random ones, those at the ends, and those half way."""
    if dtype is DType.BOOL:
        return np.array([False, True])
    if dtype in SMALL_INTEGERS or dtype is DType.F4E2M1:
        low, high = {"i4": (-8, 8), "i2": (-2, 2), "u2": (0, 4)}.get(dtype.value, (0, 16))
        codes = np.arange(low, high).astype(np.int8 if low else np.uint8)
        found = restored(codes, dtype)
        assert found is not None
        return found
    if dtype.bytes < 4:
        patterns = np.arange(1 << (8 * dtype.bytes)).astype(np.uint8 if dtype.bytes == 1 else np.uint16)
        return patterns.view(dtype.numpy)
    rng = np.random.default_rng(1)
    if dtype not in FLOATS:
        drawn = rng.integers(0, 1 << 63, 400, np.uint64) << rng.integers(0, 2, 400, np.uint64)
        ends = np.array([0, 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1], np.uint64)
        # Half way between two numbers of 8 bits, and one beyond: where rounding twice goes wrong.
        halves = np.array([(257 << s) + d for s in (16, 20, 40, 54) for d in (-1, 0, 1)], np.uint64)
        every = np.concatenate([drawn, drawn >> rng.integers(0, 60, 400, np.uint64), ends, halves])
        return np.concatenate([every, np.uint64(0) - every]).astype(dtype.numpy)
    number = dtype.numpy.type
    ends = np.array([0.0, inf, nan, 1e-45, 1e-300, 3e38, 1e300, 0.99, 126.7, 127.9, 2147483520.0, 9.3e18, 1.9e19])
    powers = [2.0**e for e in (*range(-152, -120), *range(-30, 20), 31, 32, 63, 64, 127)]
    # Numbers of 1 to 12 bits and half way between such, with and without a bit far behind.
    steps = rng.integers(1, 1 << 12, (len(powers), 12)) / rng.choice([1.0, 2.0, 8.0, 64.0, 2048.0], (len(powers), 12))
    drawn = (np.array(powers)[:, None] * steps).reshape(-1)
    beside = [np.nextafter(drawn, inf), np.nextafter(drawn, 0.0)] if dtype is DType.F64 else []
    with np.errstate(over="ignore", under="ignore"):
        found = np.concatenate([ends, powers, drawn, *beside]).astype(number)
    if dtype is DType.F32:
        found = np.concatenate([found, np.nextafter(found, number(inf)), np.nextafter(found, number(0))])
    return np.concatenate([found, -found])


def cast(source: DType, target: DType, known: bool = False, saturate: bool = True, round_mode: str = "up") -> Case:
    graph, x = Graph("g"), elements(source)
    value = graph.const(x) if known else graph.input("x", TensorType(source, x.shape))
    graph.returns({"y": graph.insert(Cast(value, target, saturate, round_mode), names=["y"]).result})
    return Case(graph, {} if known else {"x": x}, exact=True)


def cases() -> list[Case]:
    found = [cast(s, t) for s in DType for t in DType if s is not t]
    found += [cast(s, t, saturate=False) for s in DType for t in FLOATS_OF_8_BITS if s is not t]
    sources = (DType.F32, DType.F64, DType.F16)
    found += [
        cast(s, DType.F8E8M0, saturate=x, round_mode=m) for s in sources for m in ROUND_MODES for x in (True, False)
    ]
    return found + [cast(s, DType.F32 if s is not DType.F32 else DType.F64, known=True) for s in DType]


@pytest.mark.parametrize("build", BUILDS)
def test_casts_agree_with_the_interpreter(build: str, tmp_path: Path) -> None:
    cc, flags = BUILDS[build]
    check(cases(), tmp_path, cc, flags.split())


def padded(dtype: DType) -> Case:
    graph, x = Graph("g"), elements(dtype)[:5]
    value = 1.0 if dtype.value.startswith("u") else -1.0
    pad = Pad(graph.input("x", TensorType(dtype, x.shape)), (1,), (2,), value)
    graph.returns({"y": graph.insert(pad, names=["y"]).result})
    return Case(graph, {"x": x}, exact=True)


def test_numbers_in_the_code_are_stored_as_those_in_memory(tmp_path: Path) -> None:
    """An integer of 4 bits is a number in a whole byte."""
    cc, flags = BUILDS["sanitized"]
    check([padded(d) for d in DType if d is not DType.BOOL], tmp_path, cc, flags.split())
