"""Convolutions: which kernel serves one, and in what order it reads its weights."""

import numpy as np

from edgec.codegen.ctree import Call, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.products import dense, pack_dense
from edgec.codegen.kernels.registry import float32, known, lowers
from edgec.codegen.kernels.rows import over_rows, window_fields
from edgec.ir import Array
from edgec.ir.ops import NO_PAD, Conv2d


def pack_conv2d(weights: Array, groups: int) -> Array:
    """``[O,KH,KW,I]`` -> per group, blocks ``[KH][KW][I][4]`` of 4 channels, then the rest, each ``[KH][KW][I]``."""
    rows = weights.reshape(groups, len(weights) // groups, -1)
    return np.concatenate([pack_dense(group) for group in rows])


def pack_depthwise(weights: Array) -> Array:
    """``[O,KH,KW,1]`` -> ``[KH][KW][O]``."""
    return np.ascontiguousarray(weights[..., 0].transpose(1, 2, 0)).reshape(-1)


@lowers(Conv2d)
def lower_conv2d(op: Conv2d) -> Kernel:
    """A 1x1 window that visits every pixel is dense; one input channel per group is depthwise; else it is general."""
    float32(op)
    weights, bias = known(op, op.w), known(op, op.bias)
    if op.kernel == (1, 1) and op.stride == (1, 1) and op.pad == NO_PAD and op.groups == 1:
        return dense(op.x, op.result, weights.reshape(len(weights), -1), bias, op.clamp)
    if op.groups == op.x.shape[3]:
        return _depthwise(op, weights, bias)
    return _general(op, weights, bias)


def _depthwise(op: Conv2d, weights: Array, bias: Array) -> Kernel:
    def emit(emitter: Emitter) -> list[Stmt]:
        channels: dict[str, Expr] = {
            "in_channels": Int(op.x.shape[3]),
            "multiplier": Int(op.result.shape[3] // op.x.shape[3]),
        }
        shape = emitter.struct("edgec_depthwise", {**channels, **window_fields(op)})
        packed = emitter.array("weights", pack_depthwise(weights), "[KH][KW][channels]")
        constants = emitter.array("bias", bias)
        return over_rows(
            emitter, op, lambda rows, _, out: Call("edgec_depthwise_f32", (shape, rows, packed, constants, out))
        )

    return Kernel("edgec_depthwise_f32", "depthwise_f32.h", emit)


def _general(op: Conv2d, weights: Array, bias: Array) -> Kernel:
    def emit(emitter: Emitter) -> list[Stmt]:
        channels: dict[str, Expr] = {
            "in_channels": Int(op.x.shape[3]),
            "out_channels": Int(op.result.shape[3]),
            "groups": Int(op.groups),
        }
        shape = emitter.struct("edgec_conv2d", {**channels, **window_fields(op)})
        packed = emitter.array("weights", pack_conv2d(weights, op.groups), "blocks of [KH][KW][in][4]")
        constants = emitter.array("bias", bias)
        return over_rows(
            emitter, op, lambda rows, _, out: Call("edgec_conv2d_f32", (shape, rows, packed, constants, out))
        )

    return Kernel("edgec_conv2d_f32", "conv2d_f32.h", emit)
