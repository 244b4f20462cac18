"""Convolutions on quantized values: which kernel serves one, with what weights."""

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.conv import Layer, is_pointwise, pack_depthwise, shape_role
from edgec.codegen.kernels.literals import result_fields
from edgec.codegen.kernels.products_quantized import lower_quantized_dense
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.rows import RowCall, by_rows, kernel_rows, runs
from edgec.codegen.kernels.weighted_sums import WeightedSums, weighted_sums
from edgec.ir.ops import Convolution
from edgec.ir.requantization import zero_of


@lowers(Convolution, quantized=True)
def lower_quantized_convolution(op: Convolution) -> Kernel:
    """A window of one tap that visits every pixel is dense, one input channel per group is depthwise."""
    if is_pointwise(op):
        return lower_quantized_dense(op)
    width, channels = op.x.shape[-2:]
    layer = Layer(op.w, op.bias, kernel_rows(op), width, channels, op.groups, op.clamp, runs(op))
    sums = weighted_sums(op, [layer.weights(run) for run in layer.runs])
    # Of a single input channel, which all output channels share, the general kernel loads each element less often.
    family = "depthwise" if 1 < layer.groups == layer.in_channels else "conv2d"
    name = f"edgec_{family}_{sums.types}"
    return by_rows(name, f"{family}_quantized.h", op, lambda e: _prepare(e, op, layer, sums, family, name))


def _prepare(emitter: Emitter, op: Convolution, layer: Layer, sums: WeightedSums, family: str, name: str) -> RowCall:
    """Put the constants into the module; weights of each run by themselves, one behind the other."""
    if family == "depthwise":
        packed = [pack_depthwise(w) for w in sums.weights]
        channels, order = {"multiplier": Int(layer.out_channels // layer.in_channels)}, "[rows][KW][channels]"
    else:
        packed = [w.reshape(-1) for w in sums.weights]
        channels = {"out_channels": Int(layer.out_channels), "groups": Int(layer.groups)}
        order = "[out][rows][KW][in]"
    # What is cropped to columns that no tap reaches has no weights, C no array of none.
    data = np.concatenate(packed)
    weights = emitter.array("weights", data if data.size else np.zeros(1, data.dtype), order)
    biases = emitter.array("bias", np.concatenate(sums.biases))
    common: Fields = {
        **channels,
        "x_zero": Int(zero_of(op.x)),
        "factors": sums.factors.fields(emitter),
        **result_fields(op.result, op.clamp),
    }
    calls = []
    for number, run in enumerate(layer.runs):
        fields = {**layer.fields(run), **common}
        shape = emitter.struct(f"edgec_{family}_quantized", fields, shape_role(layer, number))
        place = add(weights, Int(sum(len(p) for p in packed[:number])))
        bias = add(biases, Int(number * layer.out_channels))
        calls.append((shape, place, bias, run.first * layer.out_channels))

    def call(rows: Expr, out: Expr) -> list[Stmt]:
        return [Evaluate(Call(name, (shape, rows, w, bias, add(out, Int(y))))) for shape, w, bias, y in calls]

    return call
