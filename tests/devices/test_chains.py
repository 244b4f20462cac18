"""Operators that run together by strips of rows: to the bit what the interpreter says, whatever kernels they have."""

from pathlib import Path

import pytest
from layer_graph import Layers

from edgec import lowering
from edgec.codegen.fusion import Steps, join, pairs
from edgec.codegen.kernels import select
from edgec.codegen.model import Model
from edgec.codegen.source import choose_kernels
from edgec.ir import Graph, Op, TensorType, Value
from edgec.ir.ops import Add, AveragePool2d, Clamp, Conv2d, MaxPool2d, ReduceMean, ReduceSum, Sub, Transpose
from edgec.ir.requantization import scale_of
from edgec.options import Options
from edgec.schedule import program_order
from edgec.target import Target

MACHINES = [
    (name, toolchain.kind, Target.load(name).emulators[0].kind)
    for name in ("host", "cortex-m4", "cortex-m55", "rv64gcv", "cortex-m0")
    for toolchain in Target.load(name).toolchains[:1]
]


TRANSPOSED = tuple(f"edgec_{word}" for word in ("copy", "planes", "transpose", "scatter", "gather"))
"""What the names of kernels that transpose begin with."""


def all_joined(graph: Graph, target: Target, options: Options, name: str) -> Model:
    """With all steps joined that can be, whether that makes the arena smaller or not."""
    schedule = program_order(graph)
    steps = Steps(graph, schedule, choose_kernels(schedule, lambda op: select(op, target.kernels)), True)
    while found := next(
        (j for pair in pairs(steps) if (j := join(steps, *pair, lambda op: select(op, target.kernels)))), None
    ):
        steps = found
    return lowering.plan(steps, name)


class Chains(Layers):
    """Chains of layers."""

    def conv(self, x: Value, outs: int, kernel: int, stride: int = 1) -> Value:
        """A convolution that keeps the extents, but for its stride."""
        pads = [self.between(0, kernel - 1) for _ in range(4)]
        strides = (stride, self.between(1, 2))
        kind = self.one_of("any", "any", "ends", "dead")
        return self.layer(Conv2d, x, kind, outs, kernel, kernel, x.shape[3], stride=strides, pad=tuple(pads))

    def depthwise(self, x: Value, stride: int) -> Value:
        """3x3 with padding."""
        channels = x.shape[3]
        steps = (stride, stride)
        return self.layer(Conv2d, x, "any", channels, 3, 3, 1, stride=steps, pad=(1, 1, 1, 1), groups=channels)

    def pointwise(self, x: Value, outs: int) -> Value:
        """1x1."""
        return self.layer(Conv2d, x, "any", outs, 1, 1, x.shape[3])

    def residual(self, x: Value) -> Value:
        """The sum or difference with another input, on either side."""
        other = self.x(*x.shape)
        other.type = TensorType(other.type.dtype, other.shape, self.quant(self.one_of(1.0, 0.2) * scale_of(x)))
        operands = self.one_of((x, other), (other, x))
        return self.insert(self.one_of(Add, Sub)(*operands), 120 * scale_of(x))

    def pool(self, x: Value) -> Value:
        """Any windows, padded; of the padding a part counts."""
        kernel, stride = (self.between(1, 3), self.between(1, 3)), (self.between(1, 3), self.between(1, 2))
        pads = [self.between(0, k - 1) for k in kernel for _ in range(2)]
        pad = (pads[0], pads[1], pads[2], pads[3])
        counted = (self.between(0, pad[0]), self.between(0, pad[1]), self.between(0, pad[2]), self.between(0, pad[3]))
        op = self.one_of(MaxPool2d(x, kernel, stride, pad), AveragePool2d(x, kernel, stride, pad, counted=counted))
        return self.put(op, TensorType(x.type.dtype, op.infer()[0].shape, x.type.quant))

    def pixels(self, channels: int, height: int, width: int) -> Value:
        """An input of planes, as pixels."""
        planes = self.x(1, channels, height, width)
        return self.put(
            Transpose(planes, (0, 2, 3, 1)),
            TensorType(planes.type.dtype, (1, height, width, channels), planes.type.quant),
        )

    def whole(self, x: Value) -> Value:
        """The mean or the sum over all pixels."""
        pixels = x.shape[1] * x.shape[2]
        clamp = self.one_of(None, Clamp(0.0))
        match self.between(0, 2):
            case 0:
                op: Op = AveragePool2d(x, (x.shape[1], x.shape[2]), (1, 1), (0, 0, 0, 0), clamp=clamp)
            case 1:
                op = ReduceMean(x, (1, 2), keepdims=self.one_of(False, True))
            case _:
                return self.insert(ReduceSum(x, (1, 2)), 100 * scale_of(x) * pixels**0.5)
        return self.insert(op, 100 * scale_of(x))

    def skip(self, x: Value) -> Value:
        """The sum of a tensor and what a convolution makes of it."""
        channels = x.shape[3]
        y = self.layer(Conv2d, x, "any", channels, 3, 3, channels, pad=(1, 1, 1, 1))
        return self.insert(Add(y, x), 120 * max(scale_of(x), scale_of(y)))


@pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)
def test_chains(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    chains = Chains(11)
    for number in range(36):
        x = chains.x(1, chains.between(11, 29), chains.between(3, 12), chains.between(4, 9))
        kernel, outs, stride = chains.between(2, 3), chains.between(4, 9), chains.between(1, 2)
        match number % 12:
            case 0:
                chains.residual(chains.conv(x, outs, kernel, stride))
            case 1:
                chains.pool(chains.conv(x, outs, kernel))
            case 2:
                chains.residual(chains.pointwise(chains.depthwise(x, stride), outs))
            case 3:
                chains.residual(chains.pool(chains.pointwise(x, outs)))
            case 4:
                chains.pointwise(chains.pool(chains.conv(x, outs, kernel)), chains.between(2, 9))
            case 5:
                chains.residual(chains.residual(chains.depthwise(x, stride)))
            case 6:
                chains.depthwise(chains.pointwise(x, outs), stride)
            case 7:
                chains.conv(chains.depthwise(chains.conv(x, outs, kernel), 1), chains.between(2, 9), kernel, stride)
            case 8:
                chains.skip(chains.pointwise(x, outs))
            case 9:
                chains.pool(chains.skip(chains.conv(x, outs, kernel)))
            case 10:
                chains.whole(chains.pointwise(chains.depthwise(x, stride), outs))
            case 11:
                chains.whole(chains.residual(chains.conv(x, outs, kernel, stride)))
    for number in range(4):
        x = chains.pixels(chains.between(2, 4), chains.between(11, 23), chains.between(3, 9))
        _ = chains.conv(x, 4, 3, 1 + number % 2) if number < 3 else chains.pool(x)
    kernels = chains.kernels(target, toolchain, emulator, tmp_path, all_joined)
    assert sum(count for name, count in kernels.items() if "+" in name) > 28
    assert sum(count for name, count in kernels.items() if name.startswith(TRANSPOSED) and "+" in name) == 4
    assert sum(count for name, count in kernels.items() if "accumulate" in name) >= 4
