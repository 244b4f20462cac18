"""Convolutions of bytes in groups, and convolutions and dense layers of halfwords by weights of bytes, with RVV."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.blocks_rvv import Channels
from edgec.codegen.kernels.conv import is_pointwise
from edgec.codegen.kernels.literals import result_fields
from edgec.codegen.kernels.padded_rvv import NO_PADDING, of_windows
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.weighted_sums import HALFWORDS, TYPES, weighted_sums
from edgec.codegen.kernels.windows_rvv import FORMS, Windows, fullest
from edgec.codegen.kernels.work import LAYER
from edgec.ir import DType
from edgec.ir.ops import Conv2d, Convolution, Dense
from edgec.ir.requantization import zero_of

HEADER, STRUCT = "conv2d_lanes_rvv.h", "edgec_conv2d_lanes_rvv"

SUMS = 3
"""That are computed together."""


def lower_lanes_rvv(op: Dense | Convolution) -> list[Kernel]:
    """In 2-D. Of bytes there are pixels in lanes only, as others serve channels."""
    dtype = op.x.type.dtype
    forms = FORMS if dtype is DType.I16 else FORMS[1:]
    dense = isinstance(op, Dense) or is_pointwise(op)
    if not dense and not isinstance(op, Conv2d):
        return []
    layer = Channels.of(weighted_sums(op, [known(op, op.w)]), HALFWORDS if dtype is DType.I16 else TYPES)
    if layer is None:
        return []
    if isinstance(op, Conv2d) and not dense:
        windows, images, height = Windows.of(op), op.x.shape[0], op.result.shape[1]
        if op.groups > 1:
            forms = FORMS[1:]
    else:
        windows, images, height = Windows.dense(prod(op.x.shape[:-1]), op.x.shape[-1], len(layer.bias)), 1, 1
    works = {form: windows.work(form, [height] * images, SUMS) for form in forms}

    def kernel(form: str) -> Kernel:
        names = f"edgec_windows_{form}_rvv_{dtype.value}", f"edgec_conv2d_{form}_rvv_{dtype.value}"

        def fields(emitter: Emitter, padded: tuple[Expr, ...]) -> Fields:
            order = "[taps][out]" if form == "channels" else "[out][taps]"
            return {
                "padded": padded,
                "weights": emitter.array("weights", windows.packed(layer.weights, form), order),
                "bias": emitter.array("bias", layer.bias),
                "multiplier": emitter.array("multiplier", layer.multiplier),
                "shift": emitter.array("shift", layer.shift),
                **result_fields(op.result, op.clamp),
                "windows": windows.fields(),
            }

        if isinstance(op, Conv2d) and not dense:
            zero = zero_of(op.x)
            return of_windows(op, names, STRUCT, fields, lambda counts: windows.work(form, counts, SUMS), HEADER, zero)

        def emit(emitter: Emitter) -> list[Stmt]:
            places = emitter.pointer(op.x), Int(1), emitter.pointer(op.result)
            return [Evaluate(Call(names[0], (emitter.struct(STRUCT, fields(emitter, NO_PADDING)), *places)))]

        return Kernel(names[0], HEADER, emit, work={LAYER: 1, **works[form]})

    return [kernel(form) for form in fullest(works)]
