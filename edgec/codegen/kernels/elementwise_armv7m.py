"""Elementwise functions of bytes on Armv7-M; what is not here is that of Armv6-M."""

from edgec.codegen.emitter import Kernel
from edgec.codegen.kernels.byte_sums import byte_sum, run_of_bytes
from edgec.codegen.kernels.literals import clamps
from edgec.codegen.kernels.registry import lowers
from edgec.ir.ops import Add, Sub


@lowers(Add, Sub, quantized=True, family="armv7m")
def lower_sum_armv7m(op: Add | Sub) -> Kernel | None:
    """Of two tensors of one shape, within the limits of a byte."""
    total = byte_sum(op)
    if total is None or op.a.shape != op.b.shape or clamps(op.result, op.clamp):
        return None
    return run_of_bytes(op, "add", "armv7m", total.fields())
