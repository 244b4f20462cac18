"""Graphs of float32 layers that stand beside each other: a target's own kernels against the portable ones."""

from collections import Counter
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from layer_graph import first_fit, others, strict

from edgec import driver, lowering
from edgec.codegen.source import emit_model
from edgec.ir import Array, DType, Graph, Op, TensorType, Value, verify
from edgec.ir.ops import Clamp, Conv2d, Dense
from edgec.options import Options

SPECIAL = np.array([np.nan, -np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, -1e-40, -0.0, 0.0], np.float32)
CLAMPS = (None, None, Clamp(0.0), Clamp(0.0), Clamp(0.0, 6.0), Clamp(0.0, 0.75), Clamp(-0.5, inf), Clamp(-inf, 0.25))
PORTABLE: dict[tuple[str, str], dict[str, Array]] = {}
"""Hashes of inputs and of the C that computes outputs of them -> those."""


class FloatLayers:
    """A graph in the making: each layer has an input of its own, drawn by the seed, and its result is an output.

    Of three samples the second one has numbers of all magnitudes, among them special ones, and the third tiny ones.
    """

    def __init__(self, seed: int, optimize: str = "balanced") -> None:
        self.optimize = optimize
        self.rng = np.random.default_rng(seed)
        self.graph = Graph("layers")
        self.inputs: dict[str, Array] = {}
        self.outputs: dict[str, Value] = {}

    def one_of(self, *choices: Any) -> Any:
        """One of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def between(self, least: int, most: int) -> int:
        """From ``least`` to ``most``."""
        return int(self.rng.integers(least, most, endpoint=True))

    def x(self, *shape: int) -> Value:
        """An input."""
        value = self.graph.input(f"x{len(self.inputs)}", TensorType(DType.F32, shape))
        numbers = self.rng.normal(size=(3, *shape)).astype(np.float32)
        numbers[1] *= np.exp2(self.rng.integers(-40, 40, shape))
        few = self.rng.random(shape) < 0.01
        numbers[1][few] = self.rng.choice(SPECIAL, int(few.sum()))
        numbers[2] *= np.float32(1e-38)
        self.inputs[value.name] = numbers
        return value

    def const(self, array: Array) -> Value:
        """A float32 constant."""
        return self.graph.const(array.astype(np.float32))

    def numbers(self, *shape: int) -> Array:
        """Normally distributed, float32."""
        return self.rng.normal(size=shape).astype(np.float32)

    def put(self, op: Op) -> Value:
        """The operator, whose result is an output."""
        name = f"y{len(self.outputs)}"
        self.outputs[name] = self.graph.insert(op, names=[name]).result
        return self.outputs[name]

    def layer(self, cls: type, x: Value, *shape: int, **attributes: object) -> None:
        """A convolution or dense layer by weights of that shape, clamped or not."""
        w, bias = self.const(self.numbers(*shape)), self.const(self.numbers(shape[0]))
        self.put(cls(x, w, bias, clamp=self.one_of(*CLAMPS), **attributes))

    def negative_zeros(self) -> None:
        """Sums that are -0, and limits: they are no zero."""
        for pixels in (1, 4):
            for clamp in (Clamp(0.0), Clamp(0.0, 6.0), Clamp(-0.0)):
                x = self.x(pixels, 6)
                self.inputs[x.name][0] = 1e-45
                w, bias = np.full((5, 6), -1e-9), np.array([-0.0, 0.0, -0.0, 1.0, -1.0])
                self.put(Dense(x, self.const(w), self.const(bias), clamp=clamp))

    def padding_that_would_be_seen(self) -> None:
        """Zeros times infinite weights are NaN, and a sum that is -0 would become +0."""
        for groups, per_group in ((1, 6), (6, 1)):
            for special in (0, 1):
                w, bias = self.numbers(6, 3, 3, per_group), self.numbers(6)
                if special:
                    w[2, 0, 1, 0] = np.inf
                else:
                    w[1], bias[1] = -1e-45, -0.0
                x = self.x(1, 7, 6, 6)
                self.inputs[x.name][0] = 0
                self.put(Conv2d(x, self.const(w), self.const(bias), pad=(1, 1, 1, 1), groups=groups))

    @first_fit()
    def kernels(self, target: str, toolchain: str, emulator: str, directory: Path) -> dict[str, int]:
        """Run on the target: each layer has to give the same bits as by the portable kernels (x86-64) on the host.

        NaN is as good as any other; the target's C has to compile without a warning. Returns how often there is which
        kernel.
        """
        self.graph.returns(self.outputs)
        verify(self.graph)
        expected = self._portable(directory)
        found = self._compiled(target, directory)
        for compiled in found:
            run, _ = compiled.run_on(compiled.device(toolchain, emulator), self.inputs)
            for step in compiled.manifest["steps"]:
                ours, theirs = (_without_nan(o[step["name"]]) for o in (run.outputs, expected))
                np.testing.assert_array_equal(ours, theirs, err_msg=f"{step['kernel']}: {step['ir']}")
        return Counter(step["kernel"] for compiled in found for step in compiled.manifest["steps"])

    def _portable(self, directory: Path) -> dict[str, Array]:
        """Outputs by the portable kernels. Targets of one test have the same graph, mostly: it is run once for them."""
        (host,) = self._compiled("x86-64", directory)[:1]
        given = sha256(b"".join(x.tobytes() for x in self.inputs.values())).hexdigest()
        key = given, host.hashes["layers.c"]
        if key not in PORTABLE:
            PORTABLE[key] = host.run_on(host.device(), self.inputs)[0].outputs
        return PORTABLE[key]

    def _compiled(self, target: str, directory: Path) -> list[driver.CompiledModel]:
        """By the best kernel of each layer, and by others."""
        graph, device, options = self.graph.copy(), strict(target), Options(target=target, passes="")
        driver.optimize(graph, device, options)
        model = lowering.lower(graph, device, options, "layers")
        file = directory / "layers.onnx"
        file.write_bytes(b"")
        models = [model, *others(graph, model, device, options, self.one_of)]
        return [
            driver.CompiledModel(
                file, device, options, form, emit_model(form, features=device.features, optimize=self.optimize)
            )
            for form in models
        ]


def _without_nan(numbers: Array) -> Array:
    """Bits, those of every NaN the same."""
    return np.where(np.isnan(numbers), np.float32(np.nan), numbers).view(np.uint32)
