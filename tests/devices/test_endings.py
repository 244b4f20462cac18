"""Kernels that add a residual to rows as they are made: to the bit what the interpreter says of both operators."""

from pathlib import Path

import pytest
from layer_graph import Layers

from edgec import lowering
from edgec.codegen.emitter import Kernel
from edgec.codegen.fusion import Steps, finish
from edgec.codegen.kernels import candidates, select
from edgec.codegen.model import Model
from edgec.codegen.source import choose_kernels
from edgec.ir import DType, Graph, Op, TensorType, Value
from edgec.ir.ops import Add, Clamp, Conv2d, Sub
from edgec.ir.requantization import scale_of
from edgec.options import Options
from edgec.schedule import program_order
from edgec.target import Target

MACHINES = [
    (name, toolchain.kind, Target.load(name).emulators[0].kind)
    for name in ("host", "x86-64-v3", "cortex-a76", "cortex-m4", "cortex-m55", "cortex-m0")
    for toolchain in Target.load(name).toolchains[:1]
]


class Sums(Layers):
    """Convolutions, and what is added to each or taken from it."""

    def added(self, x: Value) -> None:
        """The sum or difference with another input, on either side, clamped or not."""
        other = self.x(*x.shape)
        other.type = TensorType(other.type.dtype, other.shape, self.quant(self.one_of(1.0, 0.2, 3.0) * scale_of(x)))
        operands = self.one_of((x, other), (other, x))
        reach = 120 * self.steps * max(scale_of(x), scale_of(other))
        clamp = self.one_of(None, Clamp(0.0), Clamp(-0.2 * reach, 0.3 * reach))
        self.insert(self.one_of(Add, Sub)(*operands, clamp=clamp), reach)

    def draw(self, count: int) -> None:
        """So many of each kind."""
        for _ in range(count):
            outs = self.one_of(1, 2, 3, 4, 6, 7, 8, 12, 16)
            kernel = (self.between(1, 3), self.between(1, 3))
            extents, attributes = self.window(kernel, more=9)
            x = self.x(1, *extents, self.between(1, 12))
            kind = self.one_of("any", "ends", "dead")
            self.added(self.layer(Conv2d, x, kind, outs, *kernel, x.shape[-1], **attributes))
            height, width, channels = self.between(1, 8), self.between(1, 12), self.between(2, 9)
            x = self.x(self.one_of(1, 1, 2), height, width, channels)
            steps = {"stride": (1, self.between(1, 2)), "pad": (1, 1, 1, 1)}
            self.added(self.layer(Conv2d, x, "any", channels, 3, 3, 1, groups=channels, **steps))


def all_finished(graph: Graph, target: Target, options: Options, name: str) -> Model:
    """With a kernel that ends with the sum wherever one of the target's families or the portable one has such."""

    def choose(op: Op) -> Kernel:
        return next((k for k in candidates(op, target.kernels) if k.ending is not None), select(op, target.kernels))

    schedule = program_order(graph)
    return lowering.plan(
        finish(Steps(graph, schedule, choose_kernels(schedule, choose), True), choose, None, False), name
    )


@pytest.mark.parametrize("dtype", [DType.I8, DType.I16])
@pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)
def test_sums(dtype: DType, target: str, toolchain: str, emulator: str, need_tools: None, tmp_path: Path) -> None:
    sums = Sums(17, dtype)
    sums.draw(12)
    kernels = sums.kernels(target, toolchain, emulator, tmp_path, all_finished)
    # Those of 1x1 windows are dense layers, which go by no rows.
    assert sum(count for name, count in kernels.items() if name.startswith("edgec_add")) <= 4
