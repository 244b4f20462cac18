"""What computes elements between those of its operand."""

from math import prod

from edgec.codegen.ctree import Call, Evaluate, Expr, Int, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.indexing import stored, stored_indices
from edgec.codegen.kernels.literals import literal, result_fields
from edgec.codegen.kernels.registry import fallible, lowers
from edgec.ir import Value
from edgec.ir.ops import GridSample, MaxRoiPool, Resample, RoiAlign
from edgec.ir.requantization import resample_factors, zero_of


@lowers(Resample)
def lower_resample(op: Resample) -> Kernel:
    """``edgec_resample_<type>_<indices>(shape, x, indices, weights, y)``."""
    name = f"edgec_resample_{op.x.type.dtype.value}_{stored(op.indices).value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        indices = stored_indices(emitter, op.indices)
        places = (emitter.pointer(op.x), indices, emitter.pointer(op.weights), emitter.pointer(op.result))
        return [fallible(Call(name, (_shape(emitter, op), *places)))]

    return Kernel(name, "resample.h", emit)


@lowers(Resample, quantized=True)
def lower_quantized_resample(op: Resample) -> Kernel:
    """``edgec_resample_<x>_<indices>_<y>(shape, weights, x, indices, y)``."""
    types = (op.x.type.dtype.value, stored(op.indices).value, op.result.type.dtype.value)
    name = f"edgec_resample_{'_'.join(types)}"
    factors, shift = resample_factors(op)

    def emit(emitter: Emitter) -> list[Stmt]:
        fields: dict[str, Expr | tuple[Expr, ...]] = {
            "weights": emitter.array("weights", factors),
            "rounding": Int(1 << (shift - 1)),
            "shift": Int(shift),
            "x_zero": Int(zero_of(op.x)),
            **result_fields(op.result),
        }
        weights = emitter.struct("edgec_weights", fields, "parameters")
        places = (emitter.pointer(op.x), stored_indices(emitter, op.indices), emitter.pointer(op.result))
        return [fallible(Call(name, (_shape(emitter, op), weights, *places)))]

    return Kernel(name, "resample_quantized.h", emit)


def _shape(emitter: Emitter, op: Resample) -> Expr:
    """Everything before the axis is one extent, everything behind it another."""
    count, taps = op.indices.shape
    fields: dict[str, Expr] = {
        "outer": Int(prod(op.x.shape[: op.axis])),
        "extent": Int(op.x.shape[op.axis]),
        "inner": Int(prod(op.x.shape[op.axis + 1 :])),
        "count": Int(count),
        "taps": Int(taps),
    }
    return emitter.struct("edgec_resample", fields)


SPATIAL = 3
"""EDGEC_GRID_AXES of the kernel."""
_TAPS = {"nearest": 1, "linear": 2, "cubic": 4}
_PADDING = {"zeros": 0, "border": 1, "reflection": 2}


@lowers(GridSample)
def lower_grid_sample(op: GridSample) -> Kernel:
    """Axes that x lacks stand in front with extent 1."""
    name = f"edgec_grid_sample_{op.x.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        batch, channels, *spatial = op.x.shape
        fields: dict[str, Expr | tuple[Expr, ...]] = {
            "batch": Int(batch),
            "channels": Int(channels),
            "points": Int(prod(op.grid.shape[1:-1])),
            "dims": Int(len(spatial)),
            "extent": tuple(Int(e) for e in [*[1] * (SPATIAL - len(spatial)), *spatial]),
            "taps": Int(_TAPS[op.mode]),
            "padding": Int(_PADDING[op.padding]),
            "align_corners": Int(int(op.align_corners)),
        }
        shape = emitter.struct("edgec_grid_sample", fields)
        places = (emitter.pointer(op.x), emitter.pointer(op.grid), emitter.pointer(op.result))
        return [Evaluate(Call(name, (shape, *places)))]

    return Kernel(name, "grid_sample.h", emit)


def _regions(x: Value, rois: Value, size: tuple[int, int]) -> dict[str, Expr]:
    """The fields that the kernels of regions share."""
    batch, channels, height, width = x.shape
    return {
        "batch": Int(batch),
        "channels": Int(channels),
        "height": Int(height),
        "width": Int(width),
        "regions": Int(rois.shape[0]),
        "out_height": Int(size[0]),
        "out_width": Int(size[1]),
    }


@lowers(RoiAlign)
def lower_roi_align(op: RoiAlign) -> Kernel:
    """The scale is of x's element type, so that it is an argument of its own."""
    dtype = op.x.type.dtype
    name = f"edgec_roi_align_{dtype.value}_{stored(op.batch).value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields = {
            **_regions(op.x, op.rois, op.size),
            "sampling": Int(op.sampling),
            "maximum": Int(int(op.maximum)),
            "half_pixel": Int(int(op.half_pixel)),
        }
        shape = emitter.struct("edgec_roi_align", fields)
        places = (stored_indices(emitter, op.batch), emitter.pointer(op.result))
        operands = (emitter.pointer(op.x), emitter.pointer(op.rois), *places)
        return [fallible(Call(name, (shape, literal(op.scale, dtype), *operands)))]

    return Kernel(name, "roi_align.h", emit)


@lowers(MaxRoiPool)
def lower_max_roi_pool(op: MaxRoiPool) -> Kernel:
    """The same without samples."""
    dtype = op.x.type.dtype
    name = f"edgec_max_roi_pool_{dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        shape = emitter.struct("edgec_max_roi_pool", _regions(op.x, op.rois, op.size))
        operands = (emitter.pointer(op.x), emitter.pointer(op.rois), emitter.pointer(op.result))
        return [fallible(Call(name, (shape, literal(op.scale, dtype), *operands)))]

    return Kernel(name, "max_roi_pool.h", emit)
