"""What a program gets to know of quantized inputs and outputs: macros in the header, the manifest, the example."""

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kernel_harness import WARNINGS

from edgec import driver, lowering
from edgec.codegen.source import emit_model
from edgec.ir import DType, Graph, Quant, TensorType, Value
from edgec.ir.ops import Add
from edgec.options import Options
from edgec.samples import input_types, random_samples
from edgec.target import Target

SCALE = float(np.float32(1 / 30))


def compiled(tmp_path: Path, caller_io: bool = False) -> driver.CompiledModel:
    """``X = x + y`` with a plain output besides."""
    graph = Graph("sum")

    def given(name: str, dtype: DType, quant: Quant | None) -> Value:
        return graph.input(name, TensorType(dtype, (1, 5), quant))

    x = given("x", DType.U8, Quant((SCALE,), (128,)))
    y, plain = given("in/y", DType.I16, Quant((2.0**-20,))), given("plain", DType.F32, None)
    kind = replace(x.type, dtype=DType.I8, quant=Quant((1e-10,), (-7,)))
    graph.returns({"X": graph.insert(Add(x, y), types=[kind]).result, "plain": plain})
    target, options = Target.load("x86-64"), Options(caller_io=caller_io, passes="", main=True)
    driver.optimize(graph, target, options)
    model = lowering.lower(graph, target, options, "sum")
    file = tmp_path / "sum.onnx"
    file.write_bytes(b"")
    return driver.CompiledModel(file, target, options, model, emit_model(model))


def test_scales_and_zero_points_are_macros(tmp_path: Path) -> None:
    header = compiled(tmp_path).sources["sum.h"]
    assert isinstance(header, str)
    assert "/* x: real = SUM_X_SCALE * (stored - SUM_X_ZERO_POINT). */\n#define SUM_X_SCALE 0.033333335f\n" in header
    assert "#define SUM_X_ZERO_POINT 128\n" in header
    assert "#define SUM_IN_Y_SCALE 9.536743e-07f\n" in header
    assert "#define SUM_IN_Y_ZERO_POINT 0\n" in header
    # In C names upper and lower case differ, in macros they do not.
    assert "/* X: real = SUM_X_2_SCALE * (stored - SUM_X_2_ZERO_POINT). */\n#define SUM_X_2_SCALE 1e-10f\n" in header
    assert "#define SUM_X_2_ZERO_POINT (-7)\n" in header
    assert "PLAIN_SCALE" not in header


def test_scales_and_zero_points_are_in_the_manifest(tmp_path: Path) -> None:
    manifest = compiled(tmp_path).manifest
    x, y, plain = manifest["inputs"]
    assert x == {
        "name": "x",
        "c_name": "x",
        "dtype": "u8",
        "shape": [1, 5],
        "scale": SCALE,
        "zero_point": 128,
    }
    assert (y["scale"], y["zero_point"]) == (2.0**-20, 0)
    assert "scale" not in plain and "zero_point" not in plain
    assert [o.get("zero_point") for o in manifest["outputs"]] == [-7, None]


@pytest.mark.parametrize("caller_io", [False, True])
def test_the_example_begins_with_the_number_zero(tmp_path: Path, caller_io: bool) -> None:
    made = compiled(tmp_path, caller_io)
    made.save(tmp_path / "out")
    main = tmp_path / "out" / "main.c"
    text = main.read_text()
    assert "outputs.X: real = SUM_X_2_SCALE * (stored - SUM_X_2_ZERO_POINT)." in text
    # 0 + 0 = 0
    assert "return status;\n}\n" in text
    # In the arena the result may lie over the input.
    read = "outputs.X[4] + 7 + inputs.x[4] - 128" if caller_io else "outputs.X[4] + 7"
    main.write_text(text.replace("return status;\n}\n", f"return status ? 1 : {read};\n}}\n"))
    flags = [f for f in WARNINGS if f != "-ffreestanding"]
    subprocess.run(["gcc", *flags, "-Iinclude", "main.c", "sum.c", "-o", "main"], cwd=main.parent, check=True)
    assert subprocess.run([main.parent / "main"]).returncode == 0


def test_random_codes_are_of_the_whole_range(tmp_path: Path) -> None:
    samples = random_samples(input_types(compiled(tmp_path).model.graph), 200).inputs
    assert (samples["x"].min(), samples["x"].max()) == (0, 255)
    assert samples["in/y"].min() < -30000
