"""Convolutions: which kernel serves one, and in what order it reads its weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Cast, Declare, Evaluate, Expr, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import C_TYPES, Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_fields, clamp_literals
from edgec.codegen.kernels.products import dense, pack_dense
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.rows import (
    RowCall,
    Run,
    by_rows,
    kernel_rows,
    loops,
    row_fields,
    row_number,
    runs,
)
from edgec.ir import Array, DType, Value
from edgec.ir.ops import (
    Clamp,
    Convolution,
    ConvTranspose,
    DeformConv2d,
)


@dataclass(frozen=True)
class Layer:
    """A convolution from rows of input to a row of output: what is left of every kind of it inside the loops.

    ``w`` is seen as ``[O, rows, columns, I]``; the columns that the runs of a row see are in these.
    """

    w: Value
    bias: Value
    rows: int
    in_width: int
    in_channels: int
    groups: int
    clamp: Clamp | None
    runs: list[Run]

    @property
    def out_channels(self) -> int:
        """Of all groups."""
        return self.w.shape[0]

    def weights(self, run: Run) -> Array:
        """The weights that a run reads, ``[O, rows, taps, I]``, in the order of the input."""
        data = self.w.data
        assert data is not None, "only the general kernel reads weights that are computed"
        return data.reshape(self.out_channels, self.rows, -1, self.w.shape[-1])[:, :, list(run.taps)]

    def fields(self, run: Run) -> dict[str, Expr]:
        """The fields that the structs of all convolutions share."""
        return {
            "in_width": Int(self.in_width),
            "in_channels": Int(self.in_channels),
            **row_fields(self.rows, run),
            "out_step": Int(run.step * self.out_channels),
        }


@dataclass(frozen=True)
class RowKernel:
    """A kernel of convolutions; ``prepare`` puts its constants into the module, once for all rows."""

    name: str
    header: str
    prepare: Callable[[Emitter], RowCall]


@lowers(Convolution)
def lower_convolution(op: Convolution) -> Kernel:
    """A window of one tap that visits every pixel is dense; all else goes row by row."""
    weights, bias = op.w.data, op.bias.data
    if is_pointwise(op) and op.x.type.dtype is DType.F32 and weights is not None and bias is not None:
        return dense(op.x, op.result, weights.reshape(len(weights), -1), bias, op.clamp)
    width, channels = op.x.shape[-2:]
    layer = Layer(op.w, op.bias, kernel_rows(op), width, channels, op.groups, op.clamp, runs(op))
    kernel = row_kernel(layer)
    return by_rows(kernel.name, kernel.header, op, kernel.prepare)


def is_pointwise(op: Convolution, groups: int = 1) -> bool:
    """Whether the window is one tap that visits every pixel, of so many groups."""
    plain = {*op.kernel, *op.stride} == {1} and not any(op.pad)
    return plain and op.groups == groups and not isinstance(op, ConvTranspose)


@lowers(DeformConv2d)
def lower_deform_conv2d(op: DeformConv2d) -> Kernel:
    """For each row of output the input is sampled into a row for each tap, and these are convolved."""
    suffix, ctype = op.x.type.dtype.value, C_TYPES[op.x.type.dtype]
    batch, height, width, channels = op.x.shape
    extents, out_width, taps = op.result.shape[:2], op.result.shape[2], prod(op.kernel)
    everywhere = Run((0,), 1, 1, 0, 0, 1, out_width)
    kernel = row_kernel(Layer(op.w, op.bias, taps, out_width, channels, op.groups, op.clamp, [everywhere]))

    def emit(emitter: Emitter) -> list[Stmt]:
        call = kernel.prepare(emitter)
        fields: dict[str, Expr] = {
            "height": Int(height),
            "width": Int(width),
            "channels": Int(channels),
            "out_width": Int(out_width),
            "kernel_height": Int(op.kernel[0]),
            "kernel_width": Int(op.kernel[1]),
            "stride": Int(op.stride[1]),
            "dilation_y": Int(op.dilation[0]),
            "dilation_x": Int(op.dilation[1]),
            "pad_left": Int(op.pad[2]),
            "offset_groups": Int(op.offset_groups),
        }
        shape = emitter.struct("edgec_deform", fields, "places")
        names = [Name("n"), Name("y")]
        number = row_number(names, extents)

        def row(value: Value) -> Expr:
            return add(emitter.pointer(value), mul(number, Int(prod(value.shape[2:]))))

        image = add(emitter.pointer(op.x), mul(names[0], Int(prod(op.x.shape[1:]))) if batch > 1 else Int(0))
        top = add(mul(names[1], Int(op.stride[0])), Int(-op.pad[0]))
        mask = Name("NULL") if op.mask is None else row(op.mask)
        samples, rows = Name("samples"), Name("rows")
        places = (Int(taps), Int(out_width * channels), Int(0), Int(1), Int(1))
        body: list[Stmt] = [
            Declare(f"{ctype} *const", "samples", Cast(f"{ctype} *", emitter.scratch)),
            Declare(f"const {ctype} *", "rows", extent=taps),
            Evaluate(Call(f"edgec_deform_rows_{suffix}", (shape, image, top, row(op.offset), mask, samples))),
            Evaluate(Call(f"edgec_rows_{suffix}", (rows, Int(taps), samples, *places))),
            *call(rows, row(op.result)),
        ]
        return loops(names, extents, body)

    scratch = taps * out_width * channels * op.x.type.dtype.bytes
    return Kernel(kernel.name, "deform_conv2d.h", emit, scratch)


def row_kernel(layer: Layer) -> RowKernel:
    """One input channel per group is depthwise; what is computed or float64 takes its weights as they are.

    So does a transposed convolution that is cropped to what no tap reaches: of no weights none are packed.
    """
    packed = any(run.taps for run in layer.runs)
    if layer.w.type.dtype is not DType.F32 or layer.w.data is None or not packed:
        return _general(layer)
    # Of a single input channel, which all output channels share, the general kernel loads each element less often.
    return _depthwise(layer) if 1 < layer.groups == layer.in_channels else _blocked(layer)


def pack_conv2d(weights: Array, groups: int) -> Array:
    """``[O,KH,KW,I]`` -> per group, blocks ``[KH][KW][I][4]`` of 4 channels, then the rest, each ``[KH][KW][I]``."""
    rows = weights.reshape(groups, len(weights) // groups, -1)
    return np.concatenate([pack_dense(group) for group in rows])


def pack_depthwise(weights: Array) -> Array:
    """``[O,KH,KW,1]`` -> ``[KH][KW][O]``."""
    return np.ascontiguousarray(weights[..., 0].transpose(1, 2, 0)).reshape(-1)


def _blocked(layer: Layer) -> RowKernel:
    channels = {"out_channels": Int(layer.out_channels), "groups": Int(layer.groups)}
    return _packed(
        layer, "conv2d", channels, lambda weights: pack_conv2d(weights, layer.groups), "blocks of [KH][KW][in][4]"
    )


def _depthwise(layer: Layer) -> RowKernel:
    channels = {"multiplier": Int(layer.out_channels // layer.in_channels)}
    return _packed(layer, "depthwise", channels, pack_depthwise, "[KH][KW][channels]")


def _packed(
    layer: Layer, family: str, channels: Mapping[str, Expr], pack: Callable[[Array], Array], order: str
) -> RowKernel:
    """A float32 kernel whose weights are packed, those of each run by themselves, one behind the other."""
    name = f"edgec_{family}_f32"

    def prepare(emitter: Emitter) -> RowCall:
        packed = [pack(layer.weights(run)) for run in layer.runs]
        weights = emitter.array("weights", np.concatenate(packed), order)
        bias = _bias(emitter, layer)
        shapes, places = [], []
        for number, run in enumerate(layer.runs):
            fields = {**layer.fields(run), **channels, **clamp_fields(layer.clamp)}
            shapes.append(emitter.struct(f"edgec_{family}", fields, shape_role(layer, number)))
            places.append(add(weights, Int(sum(len(p) for p in packed[:number]))))

        def call(rows: Expr, out: Expr) -> list[Stmt]:
            targets = [add(out, Int(run.first * layer.out_channels)) for run in layer.runs]
            operands = zip(shapes, places, targets, strict=True)
            return [Evaluate(Call(name, (shape, rows, place, bias, y))) for shape, place, y in operands]

        return call

    return RowKernel(name, f"{family}_f32.h", prepare)


def _general(layer: Layer) -> RowKernel:
    dtype = layer.w.type.dtype
    name = f"edgec_convolution_{dtype.value}"
    per_group = layer.w.shape[-1]
    row_step = layer.w.type.elements // (layer.out_channels * layer.rows)

    def prepare(emitter: Emitter) -> RowCall:
        weights, bias = emitter.pointer(layer.w), _bias(emitter, layer)
        shapes = []
        for number, run in enumerate(layer.runs):
            fields = {
                **layer.fields(run),
                "out_channels": Int(layer.out_channels),
                "groups": Int(layer.groups),
                "tap_step": Int((run.taps[1] - run.taps[0]) * per_group if len(run.taps) > 1 else 0),
                "row_step": Int(row_step),
                "channel_step": Int(row_step * layer.rows),
            }
            shapes.append(emitter.struct("edgec_convolution", fields, shape_role(layer, number)))
        limits = clamp_literals(layer.clamp, dtype)

        def call(rows: Expr, out: Expr) -> list[Stmt]:
            statements: list[Stmt] = []
            for shape, run in zip(shapes, layer.runs, strict=True):
                w = add(weights, Int(run.taps[0] * per_group if run.taps else 0))
                y = add(out, Int(run.first * layer.out_channels))
                statements.append(Evaluate(Call(name, (shape, *limits, rows, w, bias, y))))
            return statements

        return call

    return RowKernel(name, "convolution.h", prepare)


def _bias(emitter: Emitter, layer: Layer) -> Expr:
    data = layer.bias.data
    return emitter.pointer(layer.bias) if data is None else emitter.array("bias", data)


def shape_role(layer: Layer, number: int) -> str:
    """The name of a run's struct."""
    return "shape" if len(layer.runs) == 1 else f"shape{number}"
