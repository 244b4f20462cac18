"""The maths functions of the runtime: accuracy as docs/maths.md states it, special values, the same bits everywhere."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from kernel_harness import INCLUDE, WARNINGS, compiler
from maths import FUNCTIONS, TYPES, Function, apply, arguments, build, exact_result, ulps

COUNT = 20_000
BUILDS = {
    "gcc-sanitized": ["gcc", "-O1", "-fsanitize=undefined,address", "-fsanitize=float-cast-overflow"],
    "gcc": ["gcc", "-O2"],
    "clang": ["clang", "-O2"],
}
CROSS: dict[str, list[list[str]]] = {
    "arm-none-eabi-gcc": [
        ["-mthumb", "-mcpu=cortex-m0", "-mfloat-abi=soft"],
        ["-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
        ["-mthumb", "-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-d16"],
    ],
    "riscv64-unknown-elf-gcc": [["-march=rv32imc", "-mabi=ilp32"], ["-march=rv64gc", "-mabi=lp64d"]],
    "gcc": [[]],
    "clang": [[]],
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The functions as programs, one per build."""
    built = {}
    for name, (cc, *flags) in BUILDS.items():
        built[name] = build(tmp_path_factory.mktemp(name), [compiler(cc), *WARNINGS, *flags])
    return built


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_errors_are_within_the_stated_bounds(programs: dict[str, Path], function: Function, type: str) -> None:
    x = arguments(function, type, COUNT)
    got = apply(programs["gcc-sanitized"], function.name, type, x)
    errors = ulps(got, exact_result(function, type, x))
    worst = int(np.argmax(errors))
    assert errors[worst] <= function.bounds[type], f"{function.name}{tuple(x[worst])} = {got[worst]!r}"


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_compilers_and_optimization_do_not_change_a_bit(
    programs: dict[str, Path], function: Function, type: str
) -> None:
    x = arguments(function, type, COUNT)
    results = [apply(program, function.name, type, x) for program in programs.values()]
    for result in results[1:]:
        # Of a NaN the sign and the payload are the processor's own.
        np.testing.assert_array_equal(np.isnan(result), np.isnan(results[0]))
        number = ~np.isnan(result)
        np.testing.assert_array_equal(result[number].view(np.uint8), results[0][number].view(np.uint8))


@pytest.mark.parametrize("type", TYPES)
def test_the_integer_square_root_agrees_with_the_instruction(programs: dict[str, Path], type: str) -> None:
    (sqrt,) = (f for f in FUNCTIONS if f.name == "sqrt")
    x = arguments(sqrt, type, COUNT)
    x = x[(x > 0) & (x < np.inf)][:, None]
    got = apply(programs["gcc-sanitized"], "sqrt_integer", type, x)
    np.testing.assert_array_equal(got, np.sqrt(x[:, 0]))


@pytest.mark.parametrize("level", ["-O0", "-Os", "-O2"])
@pytest.mark.parametrize("cc", CROSS)
def test_nothing_is_called_but_the_compilers_library(cc: str, level: str, need_compiler: None, tmp_path: Path) -> None:
    """No libm and no libc: what is undefined in the object is a helper of the compiler, named with two underscores.

    64-bit division is no such helper: on Arm Linux it calls libc's raise.
    """
    source = tmp_path / "all.c"
    lines = [f'#include "edgec/{f.name}.h"' for f in FUNCTIONS]
    for type, c_type in (("f32", "float"), ("f64", "double")):
        for f in FUNCTIONS:
            call = f"edgec_{f.name}_scalar_{type}({'x, y' if f.operands == 2 else 'x'})"
            lines.append(f"{c_type} {f.name}_{type}({c_type} x, {c_type} y);")
            lines.append(f"{c_type} {f.name}_{type}({c_type} x, {c_type} y) {{ (void)y; return {call}; }}")
    source.write_text("\n".join(lines) + "\n")
    path = compiler(cc)
    nm = shutil.which(path.removesuffix("gcc") + "nm") or compiler("nm")
    for flags in CROSS[cc]:
        command = [path, *WARNINGS, *flags, level, f"-I{INCLUDE}", "-c", str(source), "-o", str(tmp_path / "all.o")]
        built = subprocess.run(command, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        undefined = subprocess.run([nm, "-u", str(tmp_path / "all.o")], capture_output=True, text=True, check=True)
        called = {line.split()[-1] for line in undefined.stdout.splitlines()}
        memory = {"memcpy", "memset"}  # of src/edgec_memory.c
        assert {name for name in called - memory if not name.startswith("__")} == set()
        assert called.isdisjoint({"__aeabi_uldivmod", "__aeabi_ldivmod", "__udivdi3", "__umoddi3"})
