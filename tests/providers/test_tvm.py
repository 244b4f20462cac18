"""Kernels by Apache TVM: what they compute, when they are taken, and what is said where they can't be."""

import json
from importlib.metadata import PackageNotFoundError
from math import inf
from pathlib import Path

import numpy as np
import pytest

import edgec
from edgec import cpu
from edgec.codegen.source import emit_model
from edgec.driver import CompiledModel
from edgec.errors import EdgecError
from edgec.ir import DType, Graph, Op, TensorType, Value
from edgec.ir.interp import run_samples
from edgec.ir.ops import Clamp, Conv2d, Dense, MatMul
from edgec.lowering import lower
from edgec.options import Options
from edgec.providers.tvm import Provider, layer_of
from edgec.providers.tvm import target as tvm_target
from edgec.providers.tvm.records import Records, ignored_records
from edgec.target import Target

EXAMPLES = Path(__file__).parents[2] / "examples"
MACHINES = [("host", "gcc", "host"), ("x86-64-v3", "clang", "host"), ("cortex-a53", "gcc", "qemu")]
machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)


def provider(target: str, tmp_path: Path) -> Provider:
    """One whose records are the test's own. TVM is a package that the tests require."""
    loaded = Target.load(target)
    return Provider(loaded, Records(loaded, tmp_path / "records"))


class Layers:
    """A graph of layers beside each other, drawn by a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.graph = Graph("layers")
        self.outputs: dict[str, Value] = {}

    def between(self, least: int, most: int) -> int:
        return int(self.rng.integers(least, most, endpoint=True))

    def x(self, *shape: int) -> Value:
        return self.graph.input(f"x{len(self.graph.inputs)}", TensorType(DType.F32, shape))

    def constant(self, *shape: int) -> Value:
        return self.graph.const(self.rng.normal(size=shape).astype(np.float32))

    def put(self, op: Op) -> None:
        self.outputs[f"y{len(self.outputs)}"] = self.graph.insert(op).results[0]

    def clamp(self) -> Clamp | None:
        return (None, Clamp(0.0), Clamp(0.0, 6.0), Clamp(-inf, 0.5))[self.between(0, 3)]


@machines
def test_layers_equal_the_interpreter(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    layers = Layers(1)
    for number in range(8):
        kernel = (layers.between(1, 4), layers.between(1, 4))
        dilation = (layers.between(1, 2), layers.between(1, 2))
        top, bottom, left, right = (layers.between(0, k - 1) for k in kernel for _ in range(2))
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [layers.between(span, span + 9) for span in spans]
        groups = (1, 1, 3, 4)[number % 4]
        inner = 1 if number % 4 == 3 else layers.between(1, 9)
        outs = groups * (1 if number % 4 == 3 else layers.between(1, 36))
        x, w = layers.x(1 + number % 2, *extents, groups * inner), layers.constant(outs, *kernel, inner)
        stride = (layers.between(1, 2), layers.between(1, 3))
        layers.put(
            Conv2d(x, w, layers.constant(outs), stride, (top, bottom, left, right), dilation, groups, layers.clamp())
        )
    for rows, inner, outs in ((1, 37, 12), (1, 64, 128), (25, 16, 33), (7, 3, 1)):
        layers.put(Dense(layers.x(rows, inner), layers.constant(outs, inner), layers.constant(outs), layers.clamp()))
    for batch, other in (((), ()), ((4,), (4,)), ((2, 3), ()), ((), (5,))):
        layers.put(MatMul(layers.x(*batch, 5, 19), layers.x(*other, 19, 32)))
    graph = layers.graph
    graph.returns(layers.outputs)
    kernels = provider(target, tmp_path)
    used = []

    def choose(op: Op) -> object:
        kernel = kernels.kernel(op)
        assert kernel is not None, op
        used.append(kernel.name)
        return kernel

    loaded, options = Target.load(target), Options(target=target)
    model = lower(graph, loaded, options, "layers", fused=False, choose=choose)  # type: ignore[arg-type]
    compiled = CompiledModel(Path(__file__), loaded, options, model, emit_model(model, features=loaded.features))
    inputs = {n: layers.rng.normal(size=(2, *v.shape)).astype(np.float32) for n, v in graph.given.items()}
    run, _ = compiled.run_on(compiled.device(toolchain, emulator), inputs)
    expected = run_samples(graph, inputs)
    for name, array in expected.items():
        np.testing.assert_allclose(run.outputs[name], array, rtol=1e-4, atol=1e-4, err_msg=name)
    assert set(used) == {"tvm_conv2d", "tvm_dense", "tvm_matmul"}


@machines
def test_a_trained_model(
    target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compiled = edgec.compile(EXAMPLES / "digits" / "digits.onnx", target, kernels="tvm")
    assert "digits_kernels.S" in compiled.sources
    measured = edgec.verify(compiled, toolchain=toolchain, emulator=emulator)
    assert measured["passed"]
    assert sum(step["kernel"].startswith("tvm_") for step in compiled.manifest["steps"]) >= 5


def one_layer() -> tuple[Graph, Op]:
    """A graph of a single dense layer."""
    layers = Layers(2)
    layers.put(Dense(layers.x(4, 16), layers.constant(16, 16), layers.constant(16)))
    layers.graph.returns(layers.outputs)
    op = layers.outputs["y0"].producer
    assert op is not None
    return layers.graph, op


def test_the_cheaper_kernel_is_taken(tmp_path: Path) -> None:
    kernels, (_, op) = provider("x86-64-v4", tmp_path), one_layer()
    layer = layer_of(op)
    assert layer is not None
    for cost, own, taken in ((2.0, 1.0, False), (1.0, 2.0, True)):
        kernels.records.keep(layer.workload, 0, None, cost, own, "nanoseconds")
        assert (kernels.kernel(op) is not None) == taken


@pytest.mark.parametrize("field", ["version", "features", "cpu", "workload", "text"])
def test_records_of_elsewhere_are_ignored(field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kernels, (_, op) = provider("x86-64-v4", tmp_path), one_layer()
    layer = layer_of(op)
    assert layer is not None
    kernels.records.keep(layer.workload, 0, None, 2.0, 1.0, "nanoseconds")
    (file,) = kernels.records.directory.iterdir()
    data = json.loads(file.read_text())
    changed = {"version": "0.1", "features": ["avx"], "cpu": "another", "workload": "another"}.get(field)
    file.write_text("{" if field == "text" else json.dumps({**data, field: changed}))
    assert kernels.records.find(layer.workload) is None
    (tmp_path / "edgec").mkdir()
    kernels.records.directory.rename(tmp_path / "edgec" / "tvm")
    said = ignored_records(kernels.target)
    assert "edgec tune MODEL --kernels tvm" in said if field != "workload" else not said


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(tvm_target, "version", absent)
    with pytest.raises(EdgecError, match=r"pip install 'edgec\[tvm\]'"):
        edgec.compile(EXAMPLES / "digits" / "digits.onnx", "host", kernels="tvm")


def test_a_target_that_it_is_not_for() -> None:
    with pytest.raises(EdgecError, match="has no vectors that TVM is asked for"):
        edgec.compile(EXAMPLES / "digits" / "digits.onnx", "cortex-m4", kernels="tvm")


def test_a_search_finds_a_schedule_that_computes_the_same(tmp_path: Path) -> None:
    from edgec.providers.tvm.search import search

    target = Target.load("host")
    if not any(family.startswith("f32x") for family in target.kernels):
        pytest.skip(f"this CPU has no vectors: {cpu.this_cpu().machine}")
    kernels, (graph, op) = Provider(target, Records(target, tmp_path)), one_layer()
    layer = layer_of(op)
    assert layer is not None
    trace = search(layer.workload, target, trials=2)
    assert trace is not None
    kernel = kernels.build(op, layer, trace)
    assert kernel is not None
    options = Options()
    model = lower(graph, target, options, "layer", fused=False, choose=lambda op: kernel)
    compiled = CompiledModel(Path(__file__), target, options, model, emit_model(model, features=target.features))
    inputs = {"x0": np.random.default_rng(0).normal(size=(2, 4, 16)).astype(np.float32)}
    run, _ = compiled.run_on(compiled.device(), inputs)
    np.testing.assert_allclose(run.outputs["y0"], run_samples(graph, inputs)["y0"], rtol=1e-4, atol=1e-4)
