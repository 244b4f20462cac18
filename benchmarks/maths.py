"""Measure the maths functions of runtime_c against correctly rounded results and write docs/maths.md.

    python benchmarks/maths.py [--count 4000000]

Arguments are seeded: bit patterns of every sign and exponent, a dense part where each function bends, and special
values with their neighbours. Errors are in ulp: units in the last place of the exact result, half of one being the
least that a rounded result can promise. The exact result is float64's for float32, and that of an 80-bit (or longer)
long double for float64, both from the C library.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

ROOT = Path(__file__).parent.parent
INCLUDE = ROOT / "runtime_c" / "include"
TYPES: dict[str, Any] = {"f32": np.float32, "f64": np.float64}
WIDE: dict[str, Any] = {"f32": np.float64, "f64": np.longdouble}
C_TYPES = {"f32": "float", "f64": "double"}


def _sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.where(x > 0, 1 / (1 + e), e / (1 + e))


def _softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _erf(x: Array) -> Array:
    """NumPy has none: the C library's, through a program that is compiled once."""
    source = (
        "#include <math.h>\n#include <stdio.h>\nint main(void)\n{\n  long double x;\n"
        "  while (fread(&x, sizeof x, 1, stdin) == 1) {\n    x = erfl(x);\n    fwrite(&x, sizeof x, 1, stdout);\n  }\n"
        "  return 0;\n}\n"
    )
    with tempfile.TemporaryDirectory() as work:
        program = Path(work) / "erf"
        command = ["gcc", "-O1", "-x", "c", "-", "-o", str(program), "-lm"]
        subprocess.run(command, input=source.encode(), check=True)
        done = subprocess.run([str(program)], input=x.astype(np.longdouble).tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.longdouble).astype(x.dtype)


@dataclass(frozen=True)
class Function:
    """One function: its exact meaning on wide arrays, the errors in ulp that it keeps to, where arguments lie dense."""

    name: str
    exact: Callable[..., Array]
    bounds: dict[str, float]
    dense: tuple[float, float] = (-8.0, 8.0)
    operands: int = 1
    note: str = ""


def _bounds(f32: float, f64: float) -> dict[str, float]:
    return {"f32": f32, "f64": f64}


EXACT = _bounds(0.0, 0.0)
ROUNDED = _bounds(0.501, 0.501)
"""Correctly rounded; the exact result has an error of its own."""

FUNCTIONS = [
    Function("exp", np.exp, _bounds(0.75, 0.75), (-30, 30)),
    Function("expm1", np.expm1, _bounds(1.25, 1.25), (-3, 3)),
    Function("log", np.log, _bounds(1, 1), (0, 4)),
    Function("log1p", np.log1p, _bounds(1.25, 1), (-1, 3)),
    Function("sqrt", np.sqrt, ROUNDED, (0, 4), note="correctly rounded"),
    Function("sin", np.sin, _bounds(1, 1), (-100, 100), note="any argument, reduced exactly"),
    Function("cos", np.cos, _bounds(1, 1), (-100, 100), note="any argument, reduced exactly"),
    Function("tan", np.tan, _bounds(1.25, 1.25), (-100, 100), note="any argument, reduced exactly"),
    Function("asin", np.arcsin, _bounds(0.75, 0.75), (-1, 1)),
    Function("acos", np.arccos, _bounds(0.75, 0.75), (-1, 1)),
    Function("atan", np.arctan, _bounds(0.75, 0.75)),
    Function("sinh", np.sinh, _bounds(1.75, 1.75)),
    Function("cosh", np.cosh, _bounds(1.25, 1.25)),
    Function("tanh", np.tanh, _bounds(1.5, 1.75), (-4, 4)),
    Function("asinh", np.arcsinh, _bounds(1.75, 1.75)),
    Function("acosh", np.arccosh, _bounds(2, 2), (1, 8)),
    Function("atanh", np.arctanh, _bounds(1.75, 1.75), (-1, 1)),
    Function("erf", _erf, _bounds(1.5, 1.5), (-6, 6)),
    Function("sigmoid", _sigmoid, _bounds(2.5, 2), (-20, 20)),
    Function("softplus", _softplus, _bounds(1.75, 1.75), (-20, 20)),
    Function("pow", np.power, _bounds(1, 1.25), operands=2, note="special cases as in C99, Annex F"),
    Function("fmod", np.fmod, EXACT, operands=2, note="exact"),
    Function("floor", np.floor, EXACT, (-300, 300), note="exact"),
    Function("ceil", np.ceil, EXACT, (-300, 300), note="exact"),
    Function("trunc", np.trunc, EXACT, (-300, 300), note="exact"),
    Function("round", np.rint, EXACT, (-300, 300), note="exact; half way to even"),
]


CLOSEST = {
    "f32": ["0x1.f37c8ap+95", "0x1.47d0fep+34", "0x1.f9cbe2p+7"],
    "f64": ["0x1.6ac5b262ca1ffp+849", "0x1.6c6cbc45dc8dep+5", "0x1.b951f1572eba5p+23"],
}
"""The arguments closest to a multiple of pi / 2, from the continued fraction of 2 / pi times each power of two."""


def special_values(type: str) -> Array:
    """Zeros, infinities, NaN, the ends of the subnormal and the normal numbers, round numbers, and all neighbours."""
    dtype = TYPES[type]
    info = np.finfo(dtype)
    digits = info.nmant + 1
    marks = [0, info.smallest_subnormal, info.smallest_normal, info.max, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 10]
    marks += [np.pi / 4, np.pi / 2, np.pi, 3 * np.pi / 4, np.tan(np.pi / 8), 1 / np.tan(np.pi / 8), 2 / 3, 4 / 3, np.e]
    marks += [2.0**e for e in (digits - 1, digits, digits + 1, -digits, -digits - 1)]
    marks += [np.log(float(info.max)), -np.log(float(info.smallest_subnormal)), 0.625, 0.925, 3.92, 5.93, 9.02, 19.1]
    positive = np.array([*marks, *map(float.fromhex, CLOSEST[type])], dtype)
    with np.errstate(all="ignore"):
        around = np.concatenate([positive, np.nextafter(positive, dtype(0)), np.nextafter(positive, dtype(np.inf))])
    around = np.concatenate([around, np.array([np.inf, np.nan], dtype)])
    return np.concatenate([around, -around])


def arguments(function: Function, type: str, count: int) -> Array:
    """At least ``count`` seeded arguments: an array ``[N, operands]``."""
    dtype = TYPES[type]
    generator = np.random.default_rng(sum(function.name.encode()))
    special = special_values(type)
    bits: Array = generator.integers(
        0, 2 ** (8 * np.dtype(dtype).itemsize), (count, 2), np.dtype(f"u{dtype().itemsize}")
    )
    anything = bits.view(dtype)
    if function.operands == 1:
        dense = generator.uniform(*function.dense, count // 2).astype(dtype)
        half_way = generator.integers(-2000, 2000, 1000).astype(dtype) / 2
        return np.concatenate([special, anything[: count // 2, 0], dense, half_way])[:, None]
    pairs = np.stack(np.meshgrid(special, special), -1).reshape(-1, 2)
    near = np.array(anything[count // 2 :])
    if function.name == "pow":
        # Most powers of arbitrary numbers are 0 or infinite: choose the exponent for a result in range.
        limit = np.finfo(dtype).maxexp * 1.1
        near[::2, 0] = generator.uniform(0.5, 2, len(near[::2]))
        with np.errstate(all="ignore"):
            base = np.abs(near[:, 0].astype(np.float64))
            near[:, 1] = generator.uniform(-limit, limit, len(near)) / np.log2(base)
            near[::3, 1] = np.rint(near[::3, 1])
    else:
        # Divisors not far below.
        with np.errstate(all="ignore"):
            near[:, 1] = near[:, 0] * np.exp2(generator.uniform(-40, 2, len(near))).astype(dtype)
    return np.concatenate([pairs, anything[: count // 2], near])


def build(directory: Path, command: list[str]) -> Path:
    """Compile a program that applies any of the functions (and the integer square roots) to a stream of arguments."""
    lines = [f'#include "edgec/{f.name}.h"' for f in FUNCTIONS]
    lines += ["#include <stdio.h>", "#include <string.h>", "", "int main(int argc, char **argv)", "{"]
    for type, c_type in C_TYPES.items():
        calls = [(f"{f.name}_{type}", f"edgec_{f.name}_scalar_{type}", f.operands) for f in FUNCTIONS]
        for name, call, operands in [*calls, (f"sqrt_integer_{type}", f"edgec_sqrt_integer_{type}", 1)]:
            lines += [
                f'  if (argc == 2 && strcmp(argv[1], "{name}") == 0) {{',
                f"    {c_type} x[{operands}];",
                "    while (fread(x, sizeof x, 1, stdin) == 1) {",
                f"      const {c_type} y = {call}({', '.join(f'x[{i}]' for i in range(operands))});",
                "      fwrite(&y, sizeof y, 1, stdout);",
                "    }",
                "    return 0;",
                "  }",
            ]
    source = directory / "maths.c"
    source.write_text("\n".join([*lines, "  return 1;", "}", ""]))
    program = directory / "maths"
    subprocess.run([*command, "-ffp-contract=off", f"-I{INCLUDE}", str(source), "-o", str(program)], check=True)
    return program


def apply(program: Path, name: str, type: str, x: Array) -> Array:
    """The results of function ``name`` of a program from ``build`` on arguments ``[N, operands]``."""
    done = subprocess.run([str(program), f"{name}_{type}"], input=x.tobytes(), capture_output=True)
    if done.returncode != 0 or done.stderr:
        raise RuntimeError(f"{name}_{type}: {done.stderr.decode()}")
    return np.frombuffer(done.stdout, TYPES[type])


def exact_result(function: Function, type: str, x: Array) -> Array:
    """The wide result on arguments ``[N, operands]``."""
    with np.errstate(all="ignore"):
        return function.exact(*(x[:, i].astype(WIDE[type]) for i in range(function.operands)))


def ulps(got: Array, exact: Array) -> Array:
    """Distance of results from the exact ones, in units of the last place that the exact one would have.

    Infinity counts as the number after the largest. A NaN or a sign that should not be, or is not, counts as infinitely
    far.
    """
    info = np.finfo(got.dtype)
    wide = exact.dtype.type
    limit = np.ldexp(wide(1), info.maxexp)
    with np.errstate(all="ignore"):
        target, result = np.clip(exact, -limit, limit), np.clip(got.astype(wide), -limit, limit)
        exponent = np.clip(np.frexp(target)[1], info.minexp + 1, info.maxexp) - 1
        distance = np.abs(result - target) / np.ldexp(wide(1), exponent - info.nmant)
    missing = np.isnan(got) & np.isnan(exact)
    wrong = (np.isnan(got) != np.isnan(exact)) | (np.signbit(got) != np.signbit(exact))
    return np.where(missing, 0, np.where(wrong, np.inf, distance))


def measure(program: Path, function: Function, type: str, count: int) -> tuple[float, Array, int]:
    """The largest error in ulp, the arguments where it is, and how many were tried."""
    x = arguments(function, type, count)
    errors = ulps(apply(program, function.name, type, x), exact_result(function, type, x))
    worst = int(np.argmax(errors))
    return float(errors[worst]), x[worst], len(x)


def report(rows: list[str], count: int) -> str:
    """The text of docs/maths.md."""
    table = "\n".join(rows)
    return f"""\
# Accuracy of the maths functions

Written by `python benchmarks/maths.py`: {count:,} arguments per function and type. `tests/codegen/test_maths.py` holds
the functions to the bounds on a smaller sweep, under sanitizers, and checks that gcc and clang give the same bits.

An error is the distance from the exact result in ulp, units of the last place of that result. A correctly rounded
result has at most 0.5. *Largest* is the largest one found, *bound* what the tests hold the function to.

{table}

- Special values are as C99's Annex F has them: NaN, infinities, signed zeros, subnormal arguments and results, overflow
  to infinity. `round` is C's `rint`: half way to even. No flags, no `errno`; the rounding mode is to nearest.
- Every target computes the same bits: no fused multiply-add, no instruction but those of IEEE 754. Only the sign and
  payload of a NaN are the processor's. float32 functions use no float64 arithmetic.
- One exception is not ours: where GCC computes float64 in software for Armv7-M and Armv8-M (Cortex-M3, M4, M33, and M7
  without a double FPU), its library's subtraction is wrong by one ulp for half of the differences of a power of two and
  a number 33 binary exponents below (seen with libgcc 12.2; float32, Cortex-M0 and zig's library are right).
- An argument of `sin`, `cos` and `tan` is reduced with the digits of 2 / pi that count for its exponent, as integers:
  it is as exact at 1e30 as at 1. The arguments closest to a multiple of pi / 2 are among those tried.
- `sqrt` is the processor's instruction where there is one and otherwise an integer method, both correctly rounded.
- `exp`, `tanh`, `sigmoid` and `erf` in float32 are short rather than as accurate as could be: as activations they run
  once per element.
- Polynomials are minimax fits on the interval that the comment beside them states: Remez' exchange in 60 digits,
  weighted by what the polynomial counts for in the result, the coefficients then rounded to the type. The leading terms
  (1, x, x^2 / 2) are exact, so that the rounding of a coefficient hardly shows.
"""


def main() -> None:
    """Write docs/maths.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4_000_000, help="arguments per function and type")
    count = parser.parse_args().count
    rows = [
        "| function | float32: largest | at | bound | float64: largest | at | bound | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as work:
        program = build(Path(work), ["gcc", "-O2"])
        for function in FUNCTIONS:
            cells = []
            for type in TYPES:
                error, at, tried = measure(program, function, type, count)
                print(f"{function.name}_{type}: {error:.3f} ulp at {at} of {tried}", file=sys.stderr, flush=True)
                bound = function.bounds[type]
                where = ", ".join(f"{v:.9g}" for v in at) if error > 0 and bound > ROUNDED[type] else ""
                cells += [f"{error:.2f}", where, f"{bound:g}" if bound > ROUNDED[type] else ""]
            rows.append(f"| {function.name} | {' | '.join(cells)} | {function.note} |")
    (ROOT / "docs" / "maths.md").write_text(report(rows, count))


if __name__ == "__main__":
    main()
