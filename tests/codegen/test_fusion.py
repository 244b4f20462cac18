"""Operators that run as one step: in the plan, in the manifest, in the report, and what they compute."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgec import driver, lowering
from edgec.codegen import fusion
from edgec.codegen.source import emit_model
from edgec.driver import CompiledModel
from edgec.ir import DType, Graph, Quant, TensorType, Value, f32
from edgec.ir.interp import run_samples
from edgec.ir.ops import Add, Concat, Conv2d, MaxPool2d, ReduceMean
from edgec.options import Options
from edgec.report import render_report
from edgec.schedule import build_problem
from edgec.target import Target

HOST = Target.load("x86-64")


@pytest.fixture(autouse=True)
def nothing_lies_over_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that joining steps is all that saves memory."""
    monkeypatch.setattr(fusion, "build_problem", lambda *parts: build_problem(*parts[:4]))


class Net(Graph):
    """A graph with convolutions of random weights."""

    def __init__(self) -> None:
        super().__init__("net")
        self.rng = np.random.default_rng(0)

    def conv(self, x: Value, name: str) -> Value:
        """3x3 with padding."""
        channels = x.shape[3]
        w = self.const(self.rng.normal(0, 0.1, (channels, 3, 3, channels)).astype(np.float32))
        bias = self.const(self.rng.normal(size=channels).astype(np.float32))
        return self.insert(Conv2d(x, w, bias, (1, 1), (1, 1, 1, 1), (1, 1)), names=[name]).result


def residual() -> Net:
    """Convolution, convolution, sum with what the first one read."""
    net = Net()
    x = net.conv(net.input("x", f32(1, 32, 6, 8)), "start")
    b = net.conv(net.conv(x, "a"), "b")
    net.returns({"out": net.conv(net.insert(Add(b, x), names=["y"]).result, "end")})
    return net


def branches() -> Net:
    """A sum of what is not made by rows and a convolution: by itself it takes the place of the first one."""
    net = Net()
    x = net.conv(net.input("x", f32(1, 16, 6, 8)), "start")
    a, b = (net.insert(Concat((x, x), 1), names=[name]).result for name in ("a", "before"))
    y = net.insert(Add(a, net.conv(b, "b")), names=["y"]).result
    net.returns({"out": net.conv(y, "end")})
    return net


def pooled() -> Net:
    """A convolution whose result is pooled."""
    net = Net()
    a = net.conv(net.input("x", f32(1, 33, 6, 8)), "a")
    net.returns({"out": net.insert(MaxPool2d(a, (2, 2), (2, 2)), names=["pool"]).result})
    return net


def compiled(graph: Graph, fused: bool, tmp_path: Path, optimize: str = "balanced") -> CompiledModel:
    """For the host, as the graph is."""
    options = Options(passes="", optimize=optimize)
    driver.optimize(graph, HOST, options)
    model = lowering.lower(graph, HOST, options, "net", fused)
    file = tmp_path / "net.onnx"
    file.write_bytes(b"")
    return CompiledModel(file, HOST, options, model, emit_model(model))


@pytest.mark.parametrize(
    ("make", "steps", "absent"),
    [
        (residual, ["conv2d", "conv2d", "conv2d + add", "conv2d"], {"b"}),
        (pooled, ["conv2d + max_pool2d"], {"a"}),
    ],
)
def test_what_runs_together_needs_less_memory_and_gives_the_same_bits(
    make: Callable[[], Net], steps: list[str], absent: set[str], tmp_path: Path
) -> None:
    graph = make()
    shape = graph.inputs[0].shape
    samples = {"x": np.random.default_rng(1).normal(size=(2, *shape)).astype(np.float32)}
    together, apart = (compiled(graph, fused, tmp_path) for fused in (True, False))
    assert together.manifest["arena_bytes"] < 0.75 * apart.manifest["arena_bytes"]
    assert [s["op"] for s in together.manifest["steps"]] == steps
    assert together.manifest["macs"] == apart.manifest["macs"] == sum(s["macs"] for s in together.manifest["steps"])
    names = {b["name"] for b in together.manifest["buffers"]}
    assert not names & absent
    page = render_report(together.manifest, "edgec compile net.onnx")
    assert all(name in page for name in (*steps, *(f"%{name}" for name in absent)))
    result, expected = (c.run_on(c.device(), samples)[0].outputs["out"] for c in (together, apart))
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_allclose(result, run_samples(graph, samples)["out"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("make", "other"), [(residual, "start"), (branches, "a")])
def test_a_sum_that_runs_with_its_convolution_takes_the_place_of_the_other_operand(
    make: Callable[[], Net], other: str, tmp_path: Path
) -> None:
    model = compiled(make(), True, tmp_path).model
    place = {value.name: model.place(value) for value in model.graph.values()}
    assert place["y"] == place[other]
    assert place["b"] is None


def test_steps_stay_apart_where_joining_makes_no_arena_smaller(tmp_path: Path) -> None:
    net = Net()
    x = net.conv(net.input("x", f32(1, 32, 6, 8)), "start")
    large = net.insert(Concat((x, x, x), 3), names=["large"]).result
    net.returns({"large": large, "out": net.insert(Add(net.conv(x, "a"), x), names=["y"]).result})
    assert [s["op"] for s in compiled(net, True, tmp_path).manifest["steps"]][-2:] == ["conv2d", "add"]


def test_a_map_that_is_summed_as_a_whole_is_never_stored(tmp_path: Path) -> None:
    """Where it is what needs most memory: of a wide pointwise convolution and a mean over all pixels."""
    graph, rng = Graph("net"), np.random.default_rng(3)
    x = graph.input("x", TensorType(DType.I8, (1, 16, 16, 4), Quant((0.02,), (-3,))))
    w, bias = (graph.const(rng.integers(-99, 99, s).astype(t)) for s, t in (((64, 1, 1, 4), np.int8), (64, np.int32)))
    w.type = TensorType(DType.I8, w.shape, Quant((0.01,), (0,)))
    bias.type = TensorType(DType.I32, bias.shape, Quant((0.0002,), (0,)))
    wide = TensorType(DType.I8, (1, 16, 16, 64), Quant((0.05,), (7,)))
    conv = graph.insert(Conv2d(x, w, bias, (1, 1), (0, 0, 0, 0), (1, 1)), types=[wide], names=["wide"]).result
    mean = TensorType(DType.I8, (1, 64), Quant((0.01,), (5,)))
    graph.returns({"out": graph.insert(ReduceMean(conv, (1, 2), keepdims=False), types=[mean]).result})
    samples = {"x": rng.integers(-128, 127, (3, 1, 16, 16, 4), endpoint=True).astype(np.int8)}
    together = compiled(graph, True, tmp_path)
    assert [s["op"] for s in together.manifest["steps"]] == ["conv2d + reduce_mean"]
    assert together.manifest["arena_bytes"] < 16 * 16 * 64 / 2
    expected = run_samples(together.model.graph, samples)["out"]
    np.testing.assert_array_equal(together.run_on(together.device(), samples)[0].outputs["out"], expected)
    assert len(np.unique(expected)) > 20


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_quantized_convolutions_add_residuals_in_their_place(optimize: str, tmp_path: Path) -> None:
    """Row by row, whatever the code is optimized for: the later convolution does, over what the other one gave."""
    model = Path(__file__).parent.parent / "models" / "resnet8_qdq.onnx"
    compiled = driver.compile(model, "cortex-m4", optimize=optimize).model
    sums = [step for step in compiled.schedule.steps if step.opname == "conv2d + add"]
    assert len(sums) == 3
    for step in sums:
        assert step.inplace is not None and compiled.place(step.results[0]) == compiled.place(step.inplace)
        assert compiled.place(step.ops[0].results[0]) is None
    apart = lowering.lower(compiled.graph, Target.load("cortex-m4"), Options(optimize=optimize), "net", fused=False)
    assert compiled.plan.arena_bytes < 0.75 * apart.plan.arena_bytes


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_steps_stay_apart_where_speed_or_size_is_asked_for(optimize: str, tmp_path: Path) -> None:
    steps = compiled(residual(), True, tmp_path, optimize=optimize).manifest["steps"]
    assert [s["op"] for s in steps] == ["conv2d", "conv2d", "conv2d", "add", "conv2d"]
