"""Graphs of layers that stand beside each other, on bytes or halfwords, to run through a target's own kernels."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from overlapping import at_distance

from edgec import driver, lowering
from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels import candidates
from edgec.codegen.model import Model
from edgec.codegen.source import emit_model
from edgec.ir import Array, DType, Graph, Op, Quant, TensorType, Value, verify
from edgec.ir.interp import run_samples
from edgec.ir.ops import Add, Clamp, Conv2d, Dequantize, Lookup, Mul, Quantize, Requantize, Softmax, Sub
from edgec.ir.requantization import scale_of
from edgec.options import Options
from edgec.schedule import plan
from edgec.schedule.packing import pack
from edgec.target import Target

ENOUGH = 1 << 40
"""Bytes that any arena here has room in."""

Lower = Callable[[Graph, Target, Options, str], Model]

SAMPLES = 2
WARNINGS = (
    *("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Wdouble-promotion", "-Werror"),
    # clang links with flags that it has no use for.
    "-Wno-unused-command-line-argument",
)

KINDS = ("any", "any", "ends", "largest", "dead")
"""Of weights, as often as they are drawn."""


@contextmanager
def first_fit() -> Iterator[None]:
    """Arenas are not searched for the least one: for tens of layers beside each other that takes many seconds.

    Plans are what tests/schedule is about; here only kernels are.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "pack", partial(pack, capacity=ENOUGH))
        yield


class Layers:
    """A graph in the making: each layer has inputs of its own, drawn by the seed, and its result is an output.

    ``dtype``: of activations, I8 or I16; ``optimize``: as the compiler's option has it.
    """

    def __init__(self, seed: int, dtype: DType = DType.I8, optimize: str = "balanced") -> None:
        self.dtype, self.optimize = dtype, optimize
        self.steps = 1 << 8 * dtype.bytes - 8
        """So many codes stand for the numbers of one of a byte's."""
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

    def quant(self, scale: float) -> Quant:
        """With that scale and any zero point; of halfwords it is 0."""
        if self.dtype is DType.I16:
            return Quant((scale,), (0,))
        return Quant((scale,), (self.one_of(-128, 127, self.between(-100, 100)),))

    def x(self, *shape: int) -> Value:
        """An input: over the whole range of codes, or at its ends only; the first sample is all lowest or highest."""
        value = self.graph.input(f"x{len(self.inputs)}", TensorType(self.dtype, shape, self.quant(0.02)))
        low, high = self.dtype.limits
        codes = self.rng.integers(low, high, (SAMPLES, *shape), endpoint=True)
        codes[0] = self.one_of(codes[0], codes[0], low, high)
        self.inputs[value.name] = codes.astype(self.dtype.numpy)
        return value

    def weights(self, kind: str, *shape: int) -> Value:
        """Per channel. ``kind``: of ``any`` value but the lowest, or at the ``ends`` of the range, or the ``largest``.

        Of the ``dead`` one channel is nothing, with a scale that is next to nothing, too.
        """
        codes = self.rng.integers(-127, 127, shape, endpoint=True)
        scales = self.rng.uniform(0.003, 0.02, shape[0])
        if kind == "ends":
            codes = self.rng.choice(np.array([-128, 127]), shape)
        elif kind == "largest":
            codes = np.full(shape, 127)
        elif kind == "dead":
            codes[shape[0] // 2], scales[shape[0] // 2] = 0, 1e-12
        return self.const(codes.astype(np.int8), scales)

    def const(self, array: Array, scales: Array) -> Value:
        """A constant with a scale per channel."""
        value = self.graph.const(array)
        value.type = TensorType(value.type.dtype, value.shape, Quant(tuple(scales.tolist()), (0,), 0))
        return value

    def window(self, kernel: tuple[int, int], least: int = 3, more: int = 14) -> tuple[list[int], dict[str, Any]]:
        """Extents and the attributes of a convolution of any stride, dilation and padding that they have room for."""
        stride = (self.between(1, 3), self.between(1, 3))
        dilation = (self.one_of(1, 1, 1, 2), self.one_of(1, 1, 1, 2, 3))
        pad = tuple(self.between(0, k - 1) for k in kernel for _ in range(2))
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        extents = [self.between(max(span, least), span + more) for span in spans]
        return extents, {"stride": stride, "dilation": dilation, "pad": pad}

    def convolutions(self, count: int, channels: Callable[[], int], outs: Callable[[], int]) -> None:
        """Layers of any window, two of them on several images; ``channels``, ``outs`` draw what they have of these."""
        for batch in [1] * count + [2, 2]:
            kernel = (self.between(1, 4), self.between(1, 5))
            extents, attributes = self.window(kernel)
            x = self.x(batch, *extents, channels())
            self.layer(Conv2d, x, self.one_of(*KINDS), outs(), *kernel, x.shape[-1], **attributes)

    def depthwise_layer(self, x: Value, kernel: tuple[int, int], **attributes: Any) -> None:
        """A layer of one filter for each channel."""
        channels = x.shape[3]
        self.layer(Conv2d, x, self.one_of(*KINDS), channels, *kernel, 1, groups=channels, **attributes)

    def depthwise_of_any_channels(self, count: int) -> None:
        """Two thirds of them with 3x3 windows, one of them on two images; few channels and many."""
        for number in range(count):
            kernel = (3, 3) if number % 3 else (self.between(1, 5), self.between(1, 5))
            extents, attributes = self.window(kernel, least=2)
            channels = self.one_of(2, 4, 8, 64, self.between(2, 17), self.between(18, 150))
            self.depthwise_layer(self.x(1 + (number == 0), *extents, channels), kernel, **attributes)

    def depthwise_3x3(self) -> None:
        """Layers of 3x3 windows without dilation, two of them on several images."""
        for batch in [1] * 40 + [2, 2]:
            channels = self.between(2, 20)
            stride = (self.between(1, 3), self.between(1, 2))
            x = self.x(batch, self.between(3, 20), self.between(3, 20), channels)
            self.depthwise_layer(x, (3, 3), stride=stride, pad=tuple(self.one_of(0, 1, 1, 1, 2) for _ in range(4)))

    def depthwise_3x3_nine(self) -> None:
        """The same with 3x3 outputs, two of them on several images; steps of two may leave a row or column unused."""
        for batch in [1] * 10 + [2, 2]:
            channels, stride = self.between(1, 12), self.between(1, 2)
            pad = tuple(self.one_of(0, 1, 1, 2) for _ in range(4))
            spans = (2 * stride + 3 - before - after for before, after in zip(pad[::2], pad[1::2], strict=True))
            x = self.x(batch, *(self.between(span, span + stride - 1) for span in spans), channels)
            self.depthwise_layer(x, (3, 3), stride=(stride, stride), pad=pad)

    def depthwise_1x1(self) -> None:
        """Channels that are scaled and shifted, of one pixel or several."""
        for pixels in (1, 1, 2, 5):
            channels = self.between(2, 40)
            self.depthwise_layer(self.x(1, 1, pixels, channels), (1, 1))

    def sums(self, count: int) -> None:
        """Sums and differences of bytes whose scales are alike or far apart, clamped or not."""
        for number in range(count):
            shape = (1, self.between(1, 9), self.between(1, 7))
            a, b = self.x(*shape), self.x(*shape)
            b.type = TensorType(DType.I8, shape, self.quant(self.one_of(0.02, 0.0003, 0.7)))
            reach = 128 * max(scale_of(a), scale_of(b))
            clamp = self.one_of(None, None, Clamp(0.0), Clamp(-0.2 * reach, 0.4 * reach))
            self.insert((Add if number % 2 else Sub)(a, b, clamp), reach)

    def byte_functions(self, count: int) -> None:
        """Products of two tensors of bytes, clamped or not, tables of bytes, other scales, a tensor and a number."""
        for _ in range(count):
            shape = (1, self.between(1, 9), self.between(1, 7))
            a, b = self.x(*shape), self.x(*shape)
            self.insert(Mul(a, b, self.one_of(None, None, Clamp(0.0), Clamp(-1.0, 2.0))), 4.0)
            table = self.graph.const(self.rng.integers(-128, 127, 256, endpoint=True).astype(np.int8))
            table.type = TensorType(DType.I8, (256,), self.quant(0.1))
            self.put(Lookup(self.x(*shape), table), TensorType(DType.I8, shape, table.type.quant))
            self.insert(Requantize(self.x(*shape)), self.one_of(1.0, 2.5, 6.0))
            number = self.graph.const(self.rng.integers(-128, 127, (1, 1), endpoint=True).astype(np.int8))
            number.type = TensorType(DType.I8, (1, 1), self.quant(0.03))
            operands = self.one_of((number, self.x(*shape)), (self.x(*shape), number))
            self.insert(self.one_of(Add, Sub, Mul)(*operands), self.one_of(1.0, 5.0))

    def sums_and_products(self, count: int, longest: int) -> None:
        """Elementwise, of two tensors or with a constant, broadcast along any axis."""
        for number in range(count):
            shape = (self.between(1, 5), self.between(1, longest))
            a, b = self.x(*shape), self.x(*shape)
            if number % 3:
                single = self.graph.const(np.array(self.between(-128, 127), np.int8).reshape((1,) * (number % 3)))
                single.type = TensorType(DType.I8, single.shape, self.quant(0.02))
                a, b = (a, single) if number % 2 else (single, b)
            clamp = self.one_of(None, None, Clamp(0.0), Clamp(-0.5, 1.0))
            self.insert(self.one_of(Add, Sub)(a, b, clamp=clamp), 5.0)
            self.insert(Mul(a, b, clamp=clamp), 3.0)
        for left, right in (
            ((2, 3, 4, 19), (2, 1, 1, 19)),
            ((1, 12), (3, 5, 12)),
            ((9,), (7, 9)),
            ((3, 1, 8), (1, 6, 8)),
        ):
            self.insert(Add(self.x(*left), self.x(*right)), 5.0)
            self.insert(Mul(self.x(*left), self.x(*right)), 3.0)

    def tables(self, count: int, longest: int) -> None:
        """Tables of bytes, other scales, and softmax, of lines of any length."""
        for _ in range(count):
            x = self.x(self.between(1, 5), self.between(1, longest))
            self.put(Softmax(x, 1), TensorType(DType.I8, x.shape, Quant((1 / 256,), (-128,))))
            table = self.graph.const(self.rng.integers(-128, 127, 256, endpoint=True).astype(np.int8))
            table.type = TensorType(DType.I8, (256,), self.quant(0.02))
            self.put(Lookup(x, table), TensorType(DType.I8, x.shape, table.type.quant))
            self.insert(Requantize(x), 4.0)

    def codes_at_their_edges(self, scales: Sequence[float], dtype: DType = DType.I8) -> None:
        """Numbers around all that lie between two codes, beyond all codes, and none; and codes as numbers.

        Of halfwords there are some, and their zero point is 0.
        """
        special = np.array([0, -0.0, np.inf, -np.inf, np.nan, 3e38, -3e38, 1e-45, -1e-40], np.float32)
        low, high = dtype.limits
        for scale in scales:
            steps, zero = np.arange(-300, 300), self.one_of(-128, 0, 127, self.between(-100, 100))
            codes = np.stack([np.arange(-128, 128)] * SAMPLES)
            if dtype is DType.I16:
                steps, zero = np.concatenate([steps, self.rng.integers(-33000, 33000, 600)]), 0
                codes = self.rng.integers(low, high, (SAMPLES, 300), endpoint=True)
            middles = (steps.astype(np.float32) + np.float32(0.5)) * np.float32(scale)
            around = [np.nextafter(middles, np.float32(end)) for end in (-np.inf, np.inf)]
            numbers = np.concatenate([middles, *around, special]).astype(np.float32)
            constants = self.graph.const(np.array(scale, np.float32)), self.graph.const(np.array(zero, dtype.numpy))
            self.put(Quantize(self.given(np.stack([numbers] * SAMPLES)), *constants, dtype=dtype))
            self.put(Dequantize(self.given(codes.astype(dtype.numpy)), *constants))

    def given(self, samples: Array) -> Value:
        """An input without a scale, of these samples."""
        dtype = next(d for d in (DType.F32, DType.I8, DType.I16) if d.numpy == samples.dtype)
        x = self.graph.input(f"x{len(self.inputs)}", TensorType(dtype, samples.shape[1:]))
        self.inputs[x.name] = samples
        return x

    def conversions(self, counts: Sequence[int]) -> None:
        """So many numbers, half of them next to half way, to bytes, and bytes to numbers."""
        special = [np.nan, -np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, -0.0, 0.25, 0.75, -0.25, 1.25]
        for count in counts:
            for zero in (None, -128, 127, self.between(-127, 126)):
                scale = self.graph.const(np.array(self.one_of(0.5, 0.5, 0.5, 0.371, 3e-39), np.float32))
                assert scale.data is not None
                point = None if zero is None else self.graph.const(np.array(zero, np.int8))
                numbers = self.rng.normal(0, 20, (2, count)).astype(np.float32)
                numbers[1, : len(special)] = special[:count]
                half = (self.rng.integers(-140, 140, count) + 0.5) * scale.data.item()
                nudged = half.astype(np.float32).view(np.int32) + self.rng.integers(-2, 3, count)
                numbers[0, ::2] = nudged.astype(np.int32).view(np.float32)[::2]
                self.put(Quantize(self.given(numbers), scale, point, dtype=DType.I8))
                codes = self.rng.integers(-128, 127, (2, count), endpoint=True).astype(np.int8)
                self.put(Dequantize(self.given(codes), scale, point))

    def layer(self, cls: Callable[..., Op], x: Value, kind: str, *shape: int, **attributes: Any) -> Value:
        """A convolution or dense layer by weights of that shape, whose codes spread, clamped or not."""
        w = self.weights(kind, *shape)
        assert w.type.quant is not None
        scales = w.type.quant.reals() * scale_of(x)
        bias = self.const(self.rng.integers(-3000, 3000, shape[0]).astype(np.int32), scales)
        count = float(np.prod(shape[1:]))
        size = {"any": 60.0, "dead": 60.0, "ends": 127.0, "largest": 127.0 * count**0.5}[kind]
        # So far from zero sums go, for the most part.
        reach = float(np.median(scales)) * 70 * self.steps * size * count**0.5
        clamp = self.one_of(None, None, Clamp(0.0), Clamp(-0.3 * reach, 0.4 * reach))
        return self.insert(cls(x, w, bias, clamp=clamp, **attributes), reach)

    def insert(self, op: Op, reach: float) -> Value:
        """The operator with a result for numbers that reach that far from zero."""
        scale = reach / self.rng.uniform(50, 150) / self.steps
        quant = Quant((scale,), (0 if self.steps > 1 else self.one_of(-128, self.between(-100, 100)),))
        return self.put(op, TensorType(self.dtype, op.infer()[0].shape, quant))

    def put(self, op: Op, type: TensorType | None = None) -> Value:
        """The operator with a result of that type, or of the one that it infers."""
        name = f"y{len(self.graph.ops)}"
        self.outputs[name] = self.graph.insert(op, types=None if type is None else [type], names=[name]).result
        return self.outputs[name]

    @first_fit()
    def kernels(
        self, target: str, toolchain: str, emulator: str, directory: Path, lower: Lower = lowering.lower
    ) -> dict[str, int]:
        """Run on the target: each layer has to give the interpreter's integers, and its C no warning.

        Operands lie over results or under them, as near as kernels allow it. Returns how often there is which kernel.
        """
        self.graph.returns({name: value for name, value in self.outputs.items() if not value.uses})
        verify(self.graph)
        expected = run_samples(self.graph, self.inputs)
        # What is best is no matter here: the first kernel of each layer, and then its others.
        device, options = replace(strict(target), costs=None), Options(target=target, passes="")
        driver.optimize(self.graph, device, options)
        model = lower(self.graph, device, options, "layers")
        file = directory / "layers.onnx"
        file.write_bytes(b"")
        emit = partial(emit_model, features=device.features, optimize=self.optimize)
        for forms in (model, *others(self.graph, model, device, options, self.one_of)):
            placed = at_distance(forms)
            compiled = driver.CompiledModel(file, device, options, placed, emit(placed))
            run, _ = compiled.run_on(compiled.device(toolchain, emulator), self.inputs)
            steps = compiled.manifest["steps"]
            for name, codes in expected.items():
                (step,) = (s for s in steps if s["name"] == name)
                np.testing.assert_array_equal(run.outputs[name], codes, err_msg=f"{step['kernel']}: {step['ir']}")
        # Something else than limits has to come out.
        dtype, highest = self.dtype.numpy, self.dtype.limits[1]
        everything = np.concatenate([codes.reshape(-1) for codes in expected.values() if codes.dtype == dtype])
        assert np.mean(np.abs(everything + 0.5) < highest) > 0.3
        return Counter(kernel.name for kernel in model.kernels)


def others(graph: Graph, model: Model, device: Target, options: Options, one_of: Callable[..., Kernel]) -> list[Model]:
    """The same layers by other kernels of the target's families, where a layer has such; ``one_of`` draws them."""
    found = [[*candidates(op, device.kernels)] for step in model.schedule.steps for op in step.ops]
    drawn = [one_of(*(own[1:-1] or own[:1])) for own in found]
    if all(kernel is own[0] for kernel, own in zip(drawn, found, strict=True)):
        return []
    ops = (op for step in model.schedule.steps for op in step.ops)
    chosen = dict(zip(ops, drawn, strict=True))
    return [lowering.lower(graph, device, options, "layers", fused=False, choose=chosen.__getitem__)]


def strict(target: str) -> Target:
    """The target with compilers that refuse C for a warning."""
    loaded = Target.load(target)
    toolchains = tuple(replace(t, flags=(*t.flags, *WARNINGS)) for t in loaded.toolchains)
    return replace(loaded, toolchains=toolchains)
