"""The C writer: what it writes, a compiler reads back as the same numbers."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgec.codegen.ctree import (
    BinOp,
    Block,
    Call,
    CModule,
    Comment,
    ConstArray,
    Evaluate,
    Float,
    For,
    Function,
    Int,
    Name,
    ReturnValue,
    Stmt,
    add,
    mul,
)
from edgec.codegen.text import expression, float_literal, render
from edgec.ir import IRError


def test_constants_fold_in_sums_and_products() -> None:
    assert expression(add(mul(Name("y"), Int(1)), Int(0))) == "y"
    assert expression(add(mul(Name("y"), Int(2)), Int(-4))) == "(y * 2) - 4"
    assert expression(mul(Int(3), Int(4))) == "12"
    assert expression(mul(Name("y"), Int(0))) == "0"


def test_nested_operations_keep_their_parentheses() -> None:
    assert expression(BinOp("*", BinOp("+", Name("a"), Int(-1)), Name("b"))) == "(a + (-1)) * b"


def test_no_loop_hides_the_variable_of_another_around_it() -> None:
    inner = Block([For("i", 0, 2, [])])
    with pytest.raises(IRError, match="a loop over 'i' inside another one"):
        render(CModule([Function("void", "f", [], [For("i", 0, 2, [inner])])]))
    render(CModule([Function("void", "f", [], [For("j", 0, 2, [inner]), For("i", 0, 2, [])])]))


def test_comments_cannot_end_early() -> None:
    text = render(CModule([Comment("a */ b /* c")]))
    assert text.count("*/") == 1
    assert text.count("/*") == 1


def test_long_calls_are_wrapped() -> None:
    call = Evaluate(Call("f", tuple(Name(f"argument_{i}") for i in range(40))))
    text = render(CModule([Function("void", "g", [], [call])]))
    assert max(map(len, text.splitlines())) <= 120
    assert text.count("argument_39") == 1


def test_a_loop_reads_like_a_loop() -> None:
    body: list[Stmt] = [For("y", 0, 4, [Evaluate(Call("row", (Name("y"),)))]), ReturnValue(Int(0))]
    expected = "int f(void)\n{\n  for (int32_t y = 0; y < 4; ++y) {\n    row(y);\n  }\n  return 0;\n}\n"
    assert render(CModule([Function("int", "f", [], body)])) == expected


def test_float_literals() -> None:
    assert float_literal(0.1) == "0.1f"
    assert float_literal(6.0) == "6.0f"
    assert float_literal(float("-inf")) == "-EDGEC_INFINITY"
    assert expression(Float(1e-20)) == "1e-20f"


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int32", "int64", "uint8", "uint32", "uint64"])
def test_arrays_compile_to_the_same_bytes(tmp_path: Path, dtype: str) -> None:
    kind = np.dtype(dtype)
    rng = np.random.default_rng(1)
    if kind.kind == "f":
        info = np.finfo(kind)
        edge = [info.max, info.min, info.tiny, info.smallest_subnormal, 0.0, -0.0, 1 / 3, np.inf, -np.inf]
        data = np.array([*edge, *(rng.standard_normal(200) * 10.0 ** rng.integers(-30, 30, 200))], kind)
    else:
        limits = np.iinfo(kind)
        data = np.array([limits.min, limits.max, 0, 1, *rng.integers(0, 100, 50)], kind)
    ctype = {"float32": "float", "float64": "double"}.get(dtype, f"{dtype}_t")
    core = "#include <stdint.h>\n#include <stdio.h>\n#define EDGEC_INFINITY (__builtin_inff())\n"
    main = "int main(void) { fwrite(data, sizeof data[0], sizeof data / sizeof data[0], stdout); return 0; }\n"
    (tmp_path / "t.c").write_text(core + render(CModule([ConstArray(ctype, "data", data)])) + main)
    flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    subprocess.run(["gcc", *flags, "t.c", "-o", "t"], cwd=tmp_path, check=True)
    written = subprocess.run([tmp_path / "t"], capture_output=True, check=True).stdout
    assert written == data.tobytes()
