"""Steps that share functions: which do for what they are optimized, and that they compute the same."""

from pathlib import Path

import numpy as np
import pytest

from edgec import driver, lowering
from edgec.codegen.source import emit_model
from edgec.ir import DType, Graph, Op, TensorType, Value
from edgec.ir.interp import run_samples
from edgec.ir.ops import Add, Conv2d, Dense, Relu
from edgec.options import OPTIMIZE, Options
from edgec.samples import input_types, random_samples
from edgec.target import Target
from edgec.verification import code_bytes

RNG_SEED = 7


class Network:
    """Layers in a chain, float32, of random weights."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.graph, self.rng = Graph("chain"), np.random.default_rng(RNG_SEED)
        self.last = self.graph.input("x", TensorType(DType.F32, shape))

    def weights(self, *shape: int) -> Value:
        return self.graph.const(self.rng.standard_normal(shape, np.float32) / 4, "w")

    def conv(self, out: int, kernel: int) -> None:
        w = self.weights(out, kernel, kernel, self.last.shape[-1])
        self._insert(Conv2d(self.last, w, self.weights(out), pad=(kernel // 2,) * 4))

    def dense(self, out: int) -> None:
        self._insert(Dense(self.last, self.weights(out, self.last.shape[-1]), self.weights(out)))

    def twice(self) -> None:
        self._insert(Add(self.last, self.last))

    def relu(self) -> None:
        self._insert(Relu(self.last))

    def _insert(self, op: Op) -> None:
        self.last = self.graph.insert(op).result

    def compiled(self, optimize: str, tmp_path: Path, target: str = "x86-64") -> driver.CompiledModel:
        graph = self.graph.copy()
        graph.returns({"y": next(v for v in graph.values() if v.name == self.last.name)})
        device, options = Target.load(target), Options(passes="", optimize=optimize)
        driver.optimize(graph, device, options)
        model = lowering.lower(graph, device, options, "chain", fused=False)
        file = tmp_path / "chain.onnx"
        file.write_bytes(b"")
        return driver.CompiledModel(file, device, options, model, emit_model(model, optimize=optimize))


def convolutions() -> Network:
    """A large layer, two of another shape, and two small ones of shapes of their own."""
    network = Network((1, 12, 12, 4))
    for out, kernel in ((24, 5), (4, 3), (4, 1), (4, 1), (3, 1)):
        network.conv(out, kernel)
    return network


def shared(compiled: driver.CompiledModel) -> list[str | None]:
    functions = [step["function"] for step in compiled.manifest["steps"]]
    return [name if name.startswith("chain_shared") else None for name in functions]


def test_speed_shares_layers_of_the_same_shape_alone(tmp_path: Path) -> None:
    assert shared(convolutions().compiled("speed", tmp_path)) == [None, None, "chain_shared0", "chain_shared0", None]


def test_size_shares_what_differs_in_numbers(tmp_path: Path) -> None:
    found = shared(convolutions().compiled("size", tmp_path))
    assert found[2] is not None and found[2:] == found[2:3] * 3


def test_balanced_gives_functions_of_their_own_to_what_costs_most(tmp_path: Path) -> None:
    compiled = convolutions().compiled("balanced", tmp_path)
    assert shared(compiled)[0] is None
    assert shared(compiled)[2:] == ["chain_shared0"] * 3
    # The shared ones are small by what the threshold says.
    macs = [step["macs"] for step in compiled.manifest["steps"]]
    assert sum(macs[2:]) < sum(macs) / 20


@pytest.mark.parametrize("optimize", OPTIMIZE)
@pytest.mark.parametrize(("target", "toolchain", "emulator"), [("cortex-m4", kind, "qemu") for kind in ("gcc", "zig")])
def test_code_is_counted_once(
    optimize: str, target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path
) -> None:
    """What steps, and functions beside them, are said to take is all that is code in the linked model."""
    compiled = convolutions().compiled(optimize, tmp_path, target)
    inputs = random_samples(input_types(compiled.model.graph), 1).inputs
    _, binary = compiled.run_on(compiled.device(toolchain, emulator), inputs)
    found = code_bytes(compiled, binary)
    steps, functions = found["step_code_bytes"], [step["function"] for step in compiled.manifest["steps"]]
    first = [functions.index(name) == number for number, name in enumerate(functions)]
    assert [size > 0 for size in steps] == first
    assert "chain_run" in found["other_code_bytes"] and not {*functions} & {*found["other_code_bytes"]}
    code = binary.flash_bytes - compiled.manifest["weights_bytes"]
    # Beside functions there are the structs of layers, tables of unwinding, and gaps.
    assert 0.7 * code < sum(steps) + sum(found["other_code_bytes"].values()) <= code


@pytest.mark.parametrize("optimize", OPTIMIZE)
def test_equal_constants_of_several_steps_stand_once(optimize: str, tmp_path: Path) -> None:
    network = Network((1, 6, 6, 4))
    for _ in range(3):
        network.rng = np.random.default_rng(RNG_SEED)
        network.conv(4, 1)
    compiled = network.compiled(optimize, tmp_path)
    first, *others = (step["weights_bytes"] for step in compiled.manifest["steps"])
    assert first == 80 and others == [0, 0]
    inputs = random_samples(input_types(compiled.model.graph), 2).inputs
    found = compiled.run_on(compiled.device(), inputs)[0].outputs["y"]
    np.testing.assert_allclose(found, run_samples(compiled.model.graph, inputs)["y"], rtol=1e-5, atol=1e-5)


def test_results_do_not_depend_on_it(tmp_path: Path) -> None:
    """To the bit; the interpreter adds in another order."""
    found = {}
    for optimize in OPTIMIZE:
        compiled = convolutions().compiled(optimize, tmp_path)
        inputs = random_samples(input_types(compiled.model.graph), 2).inputs
        found[optimize] = compiled.run_on(compiled.device(), inputs)[0].outputs["y"]
    (expected,) = run_samples(compiled.model.graph, inputs).values()
    np.testing.assert_allclose(found["speed"], expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(found["balanced"], found["speed"])
    np.testing.assert_array_equal(found["size"], found["speed"])


def test_balanced_gives_functions_of_their_own_to_loops_without_macs(tmp_path: Path) -> None:
    """Two sums that differ in shape: with bounds that are no constants, compilers would find no vectors."""
    network = Network((1, 4, 4, 4))
    for out in (6, 5):
        network.conv(out, 1)
        network.twice()
    assert shared(network.compiled("balanced", tmp_path))[1::2] == [None, None]
    assert None not in shared(network.compiled("size", tmp_path))[1::2]


def test_elementwise_steps_share_for_equal_numbers_alone(tmp_path: Path) -> None:
    network = Network((1, 6))
    for out in (6, 6, 5):
        network.dense(out)
        network.relu()
    found = shared(network.compiled("size", tmp_path))
    assert found[1] is not None and found[1] == found[3] != found[5]


def test_code_of_speed_is_defined_in_the_source(tmp_path: Path) -> None:
    for optimize in OPTIMIZE:
        source = str(convolutions().compiled(optimize, tmp_path).sources["chain.c"])
        assert ("EDGEC_OPTIMIZE_" in source) == (optimize != "balanced")
        assert (f"#define EDGEC_OPTIMIZE_{optimize.upper()} 1" in source) == (optimize != "balanced")
