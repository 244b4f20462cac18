"""Operators that run together by strips of rows: to the bit what the interpreter says, whatever kernels they have."""

from pathlib import Path

import pytest
from layer_graph import Layers

from edgec import driver
from edgec.codegen.fusion import Steps, join, pairs
from edgec.codegen.kernels import select
from edgec.codegen.model import Model
from edgec.codegen.source import choose_kernels
from edgec.ir import Graph, TensorType, Value
from edgec.ir.ops import Add, AveragePool2d, Conv2d, MaxPool2d, Sub
from edgec.ir.requantization import scale_of
from edgec.options import Options
from edgec.schedule import program_order
from edgec.target import Target

MACHINES = [
    (name, toolchain.kind, Target.load(name).emulators[0].kind)
    for name in ("host", "cortex-m4", "cortex-m55", "rv64gcv", "cortex-m0")
    for toolchain in Target.load(name).toolchains[:1]
]


def all_joined(graph: Graph, target: Target, options: Options, name: str) -> Model:
    """With all steps joined that can be, whether that makes the arena smaller or not."""
    schedule = program_order(graph)
    steps = Steps(graph, schedule, choose_kernels(schedule, lambda op: select(op, target.kernels)), True)
    while found := next(
        (j for pair in pairs(steps) if (j := join(steps, *pair, lambda op: select(op, target.kernels)))), None
    ):
        steps = found
    return driver.plan(steps, name)


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
        """Windows that do not overlap from top to bottom."""
        step = self.between(2, 3)
        kernel, stride = (self.between(1, step), self.between(1, 3)), (step, self.between(1, 2))
        cls = self.one_of(MaxPool2d, AveragePool2d)
        op = cls(x, kernel, stride, (0, 0, 0, kernel[1] - 1))
        return self.put(op, TensorType(x.type.dtype, op.infer()[0].shape, x.type.quant))


@pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)
def test_chains(target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    chains = Chains(11)
    for number in range(24):
        x = chains.x(1, chains.between(5, 21), chains.between(3, 12), chains.between(4, 9))
        kernel = chains.between(2, 3)
        match number % 6:
            case 0:
                chains.residual(chains.conv(x, chains.between(2, 9), kernel, chains.between(1, 2)))
            case 1:
                chains.pool(chains.conv(x, chains.between(2, 9), kernel))
            case 2:
                chains.residual(chains.pointwise(chains.depthwise(x, chains.between(1, 2)), chains.between(2, 9)))
            case 3:
                chains.residual(chains.pool(chains.pointwise(x, chains.between(2, 9))))
            case 4:
                chains.pointwise(chains.pool(chains.conv(x, chains.between(4, 9), kernel)), chains.between(2, 9))
            case 5:
                chains.residual(chains.residual(chains.depthwise(x, chains.between(1, 2))))
    kernels = chains.kernels(target, toolchain, emulator, tmp_path, all_joined)
    assert sum(count for name, count in kernels.items() if "+" in name) > 8
