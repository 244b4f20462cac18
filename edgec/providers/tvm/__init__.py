"""Apache TVM as a provider of kernels: float32 convolutions, dense layers and products of matrices.

A layer becomes tensor IR (``workloads``), is scheduled by rule or by a record of tuning (``schedules``, ``records``),
and lowered to the assembly of a plain function (``lowering``), which stands in the output beside the C. docs/tvm.md.
"""

import hashlib
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from edgec.codegen.assembly import Assembly
from edgec.codegen.ctree import Call, Cast, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.ir import Array, DType, Op
from edgec.ir import ops as ir
from edgec.ir.ops.windows import sides
from edgec.providers.tvm import schedules
from edgec.providers.tvm.lowering import Lowered, lower_module
from edgec.providers.tvm.records import Records
from edgec.providers.tvm.target import lanes, llvm, tvm_version
from edgec.providers.tvm.workloads import Conv2d, Dense, MatMul, Window, Workload
from edgec.schedule import aligned
from edgec.target import Target


@dataclass(frozen=True)
class Layer:
    """An operator as TVM computes it; ``constants`` are its weights and bias in the workload's layout."""

    workload: Workload
    constants: tuple[Array, ...]


class Provider:
    """TVM's kernels for a target. EdgecError without the package, or for a target that they are not for."""

    def __init__(self, target: Target, records: Records | None = None) -> None:
        self.version = tvm_version()
        self.lanes, self.target = lanes(target), target
        self.records = Records(target) if records is None else records

    def kernel(self, op: Op) -> Kernel | None:
        """The kernel for an operator; None where it has none, or where a record says that edgec's own is cheaper."""
        layer = layer_of(op)
        if layer is None:
            return None
        record = self.records.find(layer.workload)
        if record is not None and not record.wins:
            return None
        return self.build(op, layer, None if record is None else record.trace)

    def build(self, op: Op, layer: Layer, trace: Any) -> Kernel | None:
        """The kernel by that schedule's trace, by rule without one; None where it can't be lowered."""
        workload = layer.workload
        module = schedules.by_rule(workload, self.lanes) if trace is None else schedules.by_trace(workload, trace)
        key = f"{' '.join(self.target.features)} {self.version} {workload!r} {trace!r}"
        symbol = f"edgec_tvm_{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        try:
            lowered = lower_module(module, symbol, llvm(self.target))
        except ValueError:
            return None
        return _kernel(op, layer, symbol, lowered)


def layer_of(op: Op) -> Layer | None:
    """The operator as a workload; None for what TVM is not asked for."""
    if any(v.type.dtype is not DType.F32 for v in (*op.operands, *op.results)):
        return None
    match op:
        case ir.Conv2d() if op.w.data is not None and op.bias.data is not None:
            w = np.ascontiguousarray(op.w.data.transpose(1, 2, 3, 0))
            rows, columns = (_window(op, axis) for axis in range(2))
            clamp = None if op.clamp is None else (op.clamp.low, op.clamp.high)
            of = Conv2d(op.x.shape[0], rows, columns, op.x.shape[3], op.w.shape[0], op.groups, clamp)
            return Layer(of, (w, op.bias.data))
        case ir.Dense() if op.w.data is not None and op.bias.data is not None:
            clamp = None if op.clamp is None else (op.clamp.low, op.clamp.high)
            out, inner = op.w.shape
            return Layer(
                Dense(prod(op.x.shape[:-1]), inner, out, clamp), (np.ascontiguousarray(op.w.data.T), op.bias.data)
            )
        case ir.MatMul() if op.a.data is None and op.b.data is None:
            batches = prod(op.a.shape[:-2]), prod(op.b.shape[:-2])
            alike = op.a.shape[:-2] == op.b.shape[:-2] or 1 in batches
            *_, rows_, inner = op.a.shape
            return Layer(MatMul(batches, rows_, inner, op.b.shape[-1]), ()) if alike else None
    return None


def _window(op: ir.Conv2d, axis: int) -> Window:
    return Window(
        op.x.shape[1 + axis],
        op.result.shape[1 + axis],
        op.kernel[axis],
        op.stride[axis],
        op.dilation[axis],
        sides(op.pad)[axis][0],
    )


def _kernel(op: Op, layer: Layer, symbol: str, lowered: Lowered) -> Kernel:
    computed = [v for v in op.operands if v.data is None]
    names = ("a", "b") if isinstance(layer.workload, MatMul) else ("x", "w", "bias")
    parameters = [("const float *", name) for name in names] + [("float *", "y")]
    scratch, offsets = 0, []
    for number, size in enumerate(lowered.scratch):
        parameters.append(("float *", f"scratch{number}"))
        offsets.append(scratch)
        scratch += aligned(size)

    def emit(emitter: Emitter) -> list[Stmt]:
        arguments: list[Expr] = [emitter.pointer(v) for v in computed]
        for role, data in zip(("weights", "bias"), layer.constants, strict=False):
            arguments.append(emitter.array(role, data))
        arguments.append(emitter.pointer(op.results[0]))
        for offset in offsets:
            byte = add(Cast("unsigned char *", emitter.scratch), Int(offset))
            arguments.append(Cast("float *", Cast("void *", byte)))
        return [Evaluate(Call(symbol, tuple(arguments)))]

    kind = type(layer.workload).__name__.lower()
    assembly = Assembly(symbol, tuple(parameters), lowered.text)
    return Kernel(f"tvm_{kind}", "core.h", emit, scratch, assembly=(assembly,))
