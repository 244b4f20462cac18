"""The command line: JSON on stdout and nothing else, one clear error and exit code 2, no half-written directory."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgec import cli
from edgec.driver import compile as compile_model
from edgec.errors import EdgecError

ROOT = Path(__file__).parent.parent
DIGITS = ROOT / "examples/digits/digits.onnx"


class Result(NamedTuple):
    code: int
    out: str
    err: str


Cli = Callable[..., Result]


@pytest.fixture
def edgec(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*args: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["edgec", *map(str, args)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        captured = capsys.readouterr()
        return Result(int(exit_.value.code or 0), captured.out, captured.err)

    return call


def save(path: Path, nodes: list[onnx.NodeProto], shape: list[int | str], **weights: np.ndarray) -> Path:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(w, n) for n, w in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_compile_writes_a_whole_directory(edgec: Cli, tmp_path: Path) -> None:
    result = edgec("compile", DIGITS, "--target", "cortex-m4", "-o", tmp_path / "out", "--main", "--json")
    assert result.code == 0
    manifest = json.loads(result.out)
    assert json.loads((tmp_path / "out/manifest.json").read_text()) == manifest
    for name in ("digits.h", "digits.c", "main.c", "Makefile", "CMakeLists.txt", "report.html", "include/edgec/core.h"):
        assert (tmp_path / "out" / name).is_file()
    assert manifest["ram_bytes"] == manifest["arena_bytes"] > 0
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_same_input_gives_the_same_bytes(edgec: Cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert edgec("compile", DIGITS, "-o", tmp_path / name).code == 0
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_an_earlier_output_is_replaced_and_anything_else_is_not(edgec: Cli, tmp_path: Path) -> None:
    assert edgec("compile", DIGITS, "-o", tmp_path / "out", "--main").code == 0
    assert edgec("compile", DIGITS, "-o", tmp_path / "out").code == 0
    assert not (tmp_path / "out/main.c").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").write_text("years of work")
    result = edgec("compile", DIGITS, "-o", tmp_path / "mine")
    assert result.code == 2
    assert "is not an output of edgec" in result.err
    assert (tmp_path / "mine/thesis.tex").read_text() == "years of work"


def test_compile_then_run_gives_what_onnxruntime_gives(edgec: Cli, tmp_path: Path) -> None:
    from edgec.verification import run_onnxruntime

    with np.load(ROOT / "examples/digits/digits.npz") as data:
        x = data["test"][:5]
    np.savez(tmp_path / "x.npz", x=x)
    assert edgec("compile", DIGITS, "-o", tmp_path / "out").code == 0
    result = edgec("run", tmp_path / "out", "--inputs", tmp_path / "x.npz", "-o", tmp_path / "y.npz", "--json")
    assert result.code == 0
    assert json.loads(result.out)["samples"] == 5
    with np.load(tmp_path / "y.npz") as outputs:
        expected = run_onnxruntime(DIGITS, {"x": x[:, None]})["y"]
        np.testing.assert_allclose(outputs["y"], expected[:, 0], rtol=1e-4, atol=1e-4)


def test_verify_reports_all_figures(edgec: Cli, tmp_path: Path) -> None:
    result = edgec("verify", DIGITS, "-i", ROOT / "examples/digits/digits.npz", "-o", tmp_path / "out", "--json")
    assert result.code == 0
    figures = json.loads(result.out)
    assert figures["passed"] is True
    assert figures["samples"] == 450
    assert figures["accuracy"] == figures["reference_accuracy"]
    assert {"max_abs_error", "instructions", "macs", "ram_bytes", "stack_bytes", "flash_bytes"} <= set(figures)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["flash_bytes"] == figures["flash_bytes"]


def test_inputs_and_outputs_of_the_caller(edgec: Cli) -> None:
    result = edgec("verify", DIGITS, "--caller-io", "--json")
    assert result.code == 0
    in_arena = json.loads(edgec("verify", DIGITS, "--json").out)
    assert json.loads(result.out)["ram_bytes"] <= in_arena["ram_bytes"]


@pytest.mark.parametrize(
    ("arguments", "key"),
    [(["inspect", DIGITS], "operators"), (["targets"], "targets"), (["passes"], "default")],
)
def test_listings_as_text_and_json(edgec: Cli, arguments: list[object], key: str) -> None:
    assert edgec(*arguments).code == 0
    result = edgec(*arguments, "--json")
    assert key in json.loads(result.out)


def test_verify_of_a_choice_at_run_time_and_an_input_without_elements(edgec: Cli, tmp_path: Path) -> None:
    def branch(kind: str) -> onnx.GraphProto:
        result = helper.make_tensor_value_info("r", TensorProto.FLOAT, None)
        return helper.make_graph([helper.make_node(kind, ["z"], ["r"])], "branch", [], [result])

    nodes = [
        helper.make_node("ReduceSum", ["e"], ["zero"], keepdims=0),
        helper.make_node("Add", ["x", "zero"], ["z"]),
        helper.make_node("If", ["c"], ["y"], then_branch=branch("Neg"), else_branch=branch("Exp")),
    ]
    model = onnx.load(save(tmp_path / "m.onnx", nodes, [3]))
    model.graph.input.append(helper.make_tensor_value_info("e", TensorProto.FLOAT, [0, 2]))
    model.graph.input.append(helper.make_tensor_value_info("c", TensorProto.BOOL, []))
    onnx.save(model, tmp_path / "m.onnx")
    result = edgec("verify", tmp_path / "m.onnx", "--json")
    assert json.loads(result.out)["passed"], result.err


def test_inspect_tells_all_problems(edgec: Cli, tmp_path: Path) -> None:
    nodes = [
        helper.make_node("NonZero", ["x"], ["a"], name="first"),
        helper.make_node("Cast", ["x"], ["b"], to=TensorProto.STRING, name="text"),
        helper.make_node("NonZero", ["x"], ["y"], name="last"),
    ]
    model = save(tmp_path / "m.onnx", nodes, [2, 3])
    result = edgec("inspect", model, "--json")
    assert result.code == 2
    told = json.loads(result.out)["problems"]
    assert [(p["operator"], p["nodes"]) for p in told] == [("NonZero", ["first", "last"]), ("Cast", ["text"])]
    assert all(p["reason"] and p["hint"] for p in told)
    shown = edgec("inspect", model)
    assert shown.code == 2
    assert "NonZero" in shown.out
    refused = edgec("compile", model, "-o", tmp_path / "out", "--json")
    assert refused.code == 2
    assert json.loads(refused.out)["error"]["problems"] == told
    assert all(word in refused.err for word in ("first", "text", "last"))
    assert json.loads(edgec("inspect", DIGITS, "--json").out)["problems"] == []


def test_opt_runs_passes_on_text(edgec: Cli, tmp_path: Path) -> None:
    eir = tmp_path / "g.eir"
    eir.write_text("graph @g(%x: f32[1,4]) {\n  %a: f32[1,4] = relu %x\n  %b: f32[1,4] = tanh %x\n  return y=%a\n}\n")
    result = edgec("opt", eir, "-p", "drop-dead-code")
    assert result.code == 0
    assert "tanh" not in result.out
    assert "relu" in result.out


def test_dump_ir_writes_the_graph_after_each_pass(edgec: Cli, tmp_path: Path) -> None:
    assert edgec("compile", DIGITS, "-o", tmp_path / "out", "--dump-ir", tmp_path / "ir").code == 0
    dumps = sorted(p.name for p in (tmp_path / "ir").glob("*.eir"))
    assert any("fuse-activations" in name for name in dumps)
    assert [name[:2] for name in dumps] == [f"{i:02}" for i in range(len(dumps))]
    # With its arrays beside it, each can be read again.
    assert edgec("opt", tmp_path / "ir" / dumps[-1], "-p", "drop-dead-code").code == 0


def test_an_unknown_option_of_the_api_is_named() -> None:
    with pytest.raises(EdgecError, match="option colour: is no option"):
        compile_model(DIGITS, colour="red")


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_the_makefile_takes_another_compiler(edgec: Cli, tmp_path: Path, cc: str, need_compiler: None) -> None:
    assert edgec("compile", DIGITS, "-o", tmp_path / "out", "--main").code == 0
    subprocess.run(["make", "-s", "-C", tmp_path / "out", f"CC={cc}"], check=True)
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-I.", "-Iinclude"]
    subprocess.run([cc, *strict, "main.c", "libdigits.a", "-o", "program"], cwd=tmp_path / "out", check=True)
    subprocess.run([tmp_path / "out/program"], check=True)


# --- bad input: where, what, what to do ------------------------------------------------------------------------------


def assert_refused(result: Result, output: Path, *words: str) -> None:
    assert result.code == 2
    for word in words:
        assert word in result.err
    assert "->" in result.err
    assert "Traceback" not in result.err
    assert not output.exists()
    assert not list(output.parent.glob(".out*"))


def test_not_a_model(edgec: Cli, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"not a model at all")
    assert_refused(edgec("compile", tmp_path / "m.onnx", "-o", tmp_path / "out"), tmp_path / "out", "m.onnx")


def test_a_missing_model(edgec: Cli, tmp_path: Path) -> None:
    assert_refused(edgec("compile", tmp_path / "m.onnx", "-o", tmp_path / "out"), tmp_path / "out", "m.onnx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_model(edgec: Cli, tmp_path: Path, share: float) -> None:
    whole = DIGITS.read_bytes()
    (tmp_path / "m.onnx").write_bytes(whole[: int(len(whole) * share)])
    assert_refused(edgec("compile", tmp_path / "m.onnx", "-o", tmp_path / "out"), tmp_path / "out", "m.onnx")


def test_an_unknown_operator(edgec: Cli, tmp_path: Path) -> None:
    model = save(tmp_path / "m.onnx", [helper.make_node("Frobnicate", ["x"], ["y"], name="node7")], [1, 4])
    result = edgec("compile", model, "-o", tmp_path / "out")
    assert_refused(result, tmp_path / "out", "Frobnicate", "node7")


def test_a_dynamic_dimension(edgec: Cli, tmp_path: Path) -> None:
    model = save(tmp_path / "m.onnx", [helper.make_node("Relu", ["x"], ["y"])], ["N", 4])
    assert_refused(edgec("compile", model, "-o", tmp_path / "out"), tmp_path / "out", "N", "--shape")
    assert edgec("compile", model, "-o", tmp_path / "out", "--shape", "N=2").code == 0


def test_an_arena_larger_than_the_target(edgec: Cli, tmp_path: Path) -> None:
    model = save(tmp_path / "m.onnx", [helper.make_node("Tanh", ["x"], ["y"])], [1, 4 << 20])
    result = edgec("compile", model, "-t", "cortex-m4", "-o", tmp_path / "out")
    assert_refused(result, tmp_path / "out", "the smallest that was found needs 16777216", "RAM")


def test_an_image_larger_than_the_target(edgec: Cli, tmp_path: Path) -> None:
    for rows in (1023, 1100):  # too large with its code, and by its constants alone
        weights = np.ones((rows, 1025), np.float32)
        model = save(tmp_path / "m.onnx", [helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)], [1, 1025], w=weights)
        result = edgec("verify", model, "-t", "cortex-m4", "-o", tmp_path / "out")
        assert_refused(result, tmp_path / "out", "flash")


@pytest.mark.parametrize(
    ("arrays", "word"),
    [
        ({"x": np.zeros((2, 1, 1, 8, 7), np.float32)}, "shape"),
        ({"x": np.zeros((2, 1, 1, 8, 8), np.int32)}, "dtype"),
        ({"x": np.full((2, 1, 1, 8, 8), np.nan, np.float32)}, "NaN"),
        ({"z": np.zeros((2, 1, 1, 8, 8), np.float32)}, "no array for input x"),
        ({"x": np.zeros((0, 1, 1, 8, 8), np.float32)}, "samples"),
        ({"test": np.zeros((1, 1, 8, 8), np.float32), "test_labels": np.array(["one"])}, "test_labels"),
    ],
)
def test_samples_that_do_not_fit(edgec: Cli, tmp_path: Path, arrays: dict[str, np.ndarray], word: str) -> None:
    np.savez(tmp_path / "x.npz", **arrays)  # type: ignore[arg-type]
    result = edgec("verify", DIGITS, "-i", tmp_path / "x.npz", "-o", tmp_path / "out")
    assert_refused(result, tmp_path / "out", word)


def test_samples_that_are_no_npz(edgec: Cli, tmp_path: Path) -> None:
    for content in (b"PK not really", b""):
        (tmp_path / "x.npz").write_bytes(content)
        assert_refused(edgec("verify", DIGITS, "-i", tmp_path / "x.npz"), tmp_path / "out", "npz")
    np.save(tmp_path / "x.npy", np.zeros(3))
    assert_refused(edgec("verify", DIGITS, "-i", tmp_path / "x.npy"), tmp_path / "out", "single array")


@pytest.mark.parametrize("name", ["file", "file/below", "link", "x" * 300])
def test_output_places_that_cannot_be_written(edgec: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert_refused(edgec("compile", DIGITS, "-o", tmp_path / name), tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "link"]
    assert (tmp_path / "file").read_text() == "mine"


def test_an_earlier_output_survives_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgec.codegen.output import write_directory

    write_directory(tmp_path / "out", {"manifest.json": "old"})
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" and self.name != "old":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(EdgecError, match="No space left"):
        write_directory(tmp_path / "out", {"manifest.json": "new"})
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out/manifest.json").read_text() == "old"


def test_a_model_that_is_no_regular_file(edgec: Cli, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.onnx")  # opening it would wait for a writer
    assert_refused(edgec("compile", tmp_path / "m.onnx", "-o", tmp_path / "out"), tmp_path / "out", "regular file")


def test_files_of_options_that_cannot_be_used(edgec: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.npy").touch()
    (tmp_path / "leaves.py").write_text("raise SystemExit(3)")
    options = (
        ["--bind", f"x=@{tmp_path / 'empty.npy'}"],
        ["--load", tmp_path / "leaves.py"],
        ["--dump-ir", tmp_path / "empty.npy"],
    )
    for option in options:
        assert_refused(edgec("compile", DIGITS, "-o", tmp_path / "out", *option), tmp_path / "out", str(option[0]))


def test_a_missing_toolchain_and_emulator(edgec: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for option, tool in (("--toolchain", "gcc"), ("--emulator", "qemu")):
        result = edgec("verify", DIGITS, "-t", "cortex-m4", option, tool, "-o", tmp_path / "out")
        assert_refused(result, tmp_path / "out", tool, "install")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--target", "cortex-m99"],
        ["--passes", "no-such-pass"],
        ["--passes", "in-place{colour=red}"],
        ["--load", "no_such_file.py"],
        ["--shape", "x=1xcat"],
    ],
)
def test_options_that_make_no_sense(edgec: Cli, tmp_path: Path, arguments: list[str]) -> None:
    assert_refused(edgec("compile", DIGITS, "-o", tmp_path / "out", *arguments), tmp_path / "out")


def test_errors_as_json(edgec: Cli, tmp_path: Path) -> None:
    result = edgec("compile", tmp_path / "m.onnx", "-o", tmp_path / "out", "--json")
    assert result.code == 2
    assert set(json.loads(result.out)["error"]) == {"where", "what", "hint"}


def test_run_on_a_directory_that_is_no_output(edgec: Cli, tmp_path: Path) -> None:
    result = edgec("run", tmp_path, "-i", tmp_path / "x.npz", "-o", tmp_path / "y.npz")
    assert result.code == 2
    assert "manifest.json" in result.err


def test_sensitivity_as_a_table_a_page_and_json(edgec: Cli, tmp_path: Path) -> None:
    data = ROOT / "examples/digits/digits.npz"
    command = ("sensitivity", DIGITS, "--calibration", data, "--samples", 12, "-o", tmp_path / "out")
    shown = edgec(*command)
    assert shown.code == 0
    assert "12 samples" in shown.out and "conv2d" in shown.out
    page = (tmp_path / "out/sensitivity.html").read_text()
    result = edgec(*command, "--json")
    figures = json.loads(result.out)
    assert figures == json.loads((tmp_path / "out/sensitivity.json").read_text())
    assert figures["samples"] == 12 and figures["target"] == "host"
    assert all(layer["name"] in page and layer["instructions"] is None for layer in figures["layers"])
    assert {layer["op"] for layer in figures["layers"]} == {"conv2d", "reduce_mean", "dense"}
    for layer in figures["layers"]:
        assert 20 < layer["alone"]["int8"]["sqnr_db"] < layer["alone"]["int16x8"]["sqnr_db"]
        assert layer["alone"]["int8"]["accuracy"] is not None


@pytest.mark.parametrize(("target", "toolchain", "emulator"), [("cortex-m4", "gcc", "unicorn+qemu")])
def test_sensitivity_counts_what_layers_cost(
    edgec: Cli, target: str, toolchain: str, emulator: str, need_tools: None
) -> None:
    data = ROOT / "examples/gunpoint/gunpoint.npz"
    model = ROOT / "examples/gunpoint/gunpoint.onnx"
    result = edgec("sensitivity", model, "-c", data, "-t", target, "--samples", 4, "--json")
    for layer in json.loads(result.out)["layers"]:
        assert set(layer["instructions"]) == {"int8", "int16x8", "float32"}
        # The M4 multiplies two pairs of integers at once, floats one pair.
        assert layer["instructions"]["float32"] >= layer["macs"]
        assert all(2 * layer["instructions"][name] >= layer["macs"] for name in ("int8", "int16x8"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-c", "none.npz"], "no such file"),
        (["-c", ROOT / "examples/gunpoint/gunpoint.npz"], "has shape"),
        (["-c", ROOT / "examples/digits/digits.npz", "--samples", "0"], "option samples"),
        (["-c", ROOT / "examples/digits/digits.npz", "-t", "cortex-m99"], "cortex-m99"),
    ],
)
def test_sensitivity_refuses_what_does_not_fit(
    edgec: Cli, tmp_path: Path, arguments: list[str | Path], message: str
) -> None:
    assert_refused(edgec("sensitivity", DIGITS, *arguments, "-o", tmp_path / "out"), tmp_path / "out", message)


@pytest.mark.parametrize(("option", "value"), [("--output", "costs.json"), ("--toolchain", "gcc")])
def test_tuning_of_schedules_refuses_what_it_has_no_use_for(edgec: Cli, option: str, value: str) -> None:
    result = edgec("tune", DIGITS, "--kernels", "tvm", option, value)
    assert result.code == 2 and option in result.err and "is not for --kernels tvm" in result.err
