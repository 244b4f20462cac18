"""Resize and Upsample: one axis after the other, each a table of indices and weights."""

from dataclasses import dataclass, replace

import numpy as np

from edgec.frontend.node import Node, quantizer
from edgec.frontend.registry import onnx_op
from edgec.ir import Array, DType, Value
from edgec.ir.ops import Dequantize, Gather, Resample, Round, Where
from edgec.ir.types import FLOATS


@dataclass(frozen=True)
class Along:
    """How one axis is resized: extents, scale (of fractional extents, too), region (of tf_crop_and_resize)."""

    extent: int
    count: int
    scale: float
    region: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Method:
    """The attributes of a Resize node."""

    mode: str
    transformation: str
    nearest: str
    antialias: bool
    cubic: float
    exclude_outside: bool


@onnx_op("Resize", "Upsample", any_type=True)
def _resize(node: Node) -> Value:
    x, method = node.value(0), _method(node)
    along = _extents(node, x, method)
    dtype, stored = x.type.dtype, quantizer(x)
    if stored is not None and stored.axis is None:
        # Numbers are resized, for which integers stand again.
        x = node.emit(Dequantize(x, stored.scale, stored.zero_point))
    elif method.mode != "nearest":
        # Integers are computed with as float64, then rounded and saturated, as ONNX's reference does.
        x = node.cast(x, dtype if dtype in FLOATS else DType.F32 if dtype.is_half else DType.F64)
    outside: list[tuple[int, Array]] = []
    # What gets smaller goes first, so that the others have less to do.
    for axis in sorted(along, key=lambda a: along[a].count / along[a].extent):
        node.check_table(along[axis].count, f"extent of axis {axis}")
        places = coordinates(method.transformation, along[axis])
        if method.transformation == "tf_crop_and_resize":
            outside.append((axis, (places < 0) | (places > along[axis].extent - 1)))
        x = _resized(node, x, axis, *_taps(method, along[axis], places))
    for axis, beyond in outside:
        if beyond.any():
            inside = ~beyond.reshape([-1 if a == axis else 1 for a in range(x.type.rank)])
            value = np.asarray(node.real("extrapolation_value", 0.0), x.type.dtype.numpy)
            x = node.emit(Where(node.const(inside, "inside"), x, node.const(value, "extrapolation")))
    if stored is not None and stored.axis is None:
        return node.emit(replace(stored, x=x))
    if x.type.dtype.is_float and not dtype.is_float:
        x = node.emit(Round(x))
    return node.cast(x, dtype)


def _resized(node: Node, x: Value, axis: int, indices: Array, weights: Array) -> Value:
    """One axis by its table; where each row is one element, that is picked."""
    single = np.count_nonzero(weights, axis=1) == 1
    if np.all(single) and np.all(weights.max(axis=1) == 1):
        picked = indices[np.arange(len(indices)), weights.argmax(axis=1)]
        if np.array_equal(picked, np.arange(x.shape[axis])):
            return x
        return node.emit(Gather(x, node.const(picked.astype(np.int32), "indices"), axis))
    factors = weights.astype(x.type.dtype.numpy)
    places = node.const(indices.astype(np.int32), "indices")
    return node.emit(Resample(x, places, node.const(factors, "weights"), axis))


def _method(node: Node) -> Method:
    # Upsample, and Resize before opset 11, say nothing of coordinates: as onnxruntime has them.
    old = node.proto.op_type == "Upsample" or node.opset < 11
    method = Method(
        mode=node.string("mode", "nearest"),
        transformation=node.string("coordinate_transformation_mode", "asymmetric" if old else "half_pixel"),
        nearest=node.string("nearest_mode", "simple" if old else "round_prefer_floor"),
        antialias=node.flag("antialias", False),
        cubic=node.real("cubic_coeff_a", -0.75),
        exclude_outside=node.flag("exclude_outside", False),
    )
    mode = "linear" if method.mode == "bilinear" else method.mode
    known = (
        mode in ("nearest", "linear", "cubic")
        and method.transformation in TRANSFORMATIONS
        and method.nearest in NEAREST
        and not (method.antialias and mode == "nearest")
    )
    if not known:
        raise node.error(f"has the form {method}", "use a mode, transformation and rounding that ONNX names")
    return Method(mode, method.transformation, method.nearest, method.antialias, method.cubic, method.exclude_outside)


def _extents(node: Node, x: Value, method: Method) -> dict[int, Along]:
    """Axis -> how it is resized."""
    rank = x.type.rank
    axes = node.integers("axes")
    axes = tuple(range(rank)) if axes is None else tuple(node.axis(a, rank) for a in axes)
    scales, sizes, regions = _factors(node, method)
    factors = sizes if scales is None else scales
    regions = np.tile([[0.0], [1.0]], len(axes)) if regions is None else regions.reshape(2, -1)
    if factors is None or not factors.size == len(axes) == regions.shape[1] or len(set(axes)) != len(axes):
        raise node.error(f"scales, sizes or roi do not fit axes {axes}", "give one scale or size for each axis")
    if not np.all(np.isfinite(factors)) or factors.min() <= 0:
        raise node.error(f"scales or sizes {factors.tolist()} are not positive", "empty tensors are not supported")
    along = {}
    policy = node.string("keep_aspect_ratio_policy", "stretch")
    ratios = [float(f) / x.shape[a] for f, a in zip(factors, axes, strict=True)]
    for axis, factor, (start, end) in zip(axes, factors, regions.T.astype(np.float64), strict=True):
        extent = x.shape[axis]
        if scales is not None:
            scale = float(factor)
            # In float32, as ONNX's shape inference has it.
            count = int(np.floor(np.float32(extent) * np.float32(end - start) * np.float32(factor)))
        elif policy == "stretch":
            scale, count = float(factor) / extent, int(factor)
        elif policy in ("not_larger", "not_smaller"):
            scale = min(ratios) if policy == "not_larger" else max(ratios)
            count = int(scale * extent + 0.5)
        else:
            raise node.error(f"keep_aspect_ratio_policy is {policy!r}", "use stretch, not_larger or not_smaller")
        if count < 1:
            raise node.error(f"scales axis {axis} of {extent} to nothing", "empty tensors are not supported")
        along[axis] = Along(extent, count, scale, (float(start), float(end)))
    return along


def _factors(node: Node, method: Method) -> tuple[Array | None, Array | None, Array | None]:
    """Scales or sizes, and regions, where they are given."""
    if node.opset < 11 or node.proto.op_type == "Upsample":
        attribute = node.attributes.get("scales")
        scales = node.required(1, "scales") if attribute is None else np.array(attribute, np.float32)
        return scales.reshape(-1), None, None
    given = [node.constant(2, "scales"), node.constant(3, "sizes")]
    scales_or_none, sizes = (None if a is None or a.size == 0 else a.reshape(-1) for a in given)
    return scales_or_none, sizes, node.required(1, "roi") if method.transformation == "tf_crop_and_resize" else None


TRANSFORMATIONS = (
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
)
NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple")


def coordinates(transformation: str, along: Along) -> Array:
    """Where in the operand each element of the result lies, as the standard's formulas say."""
    y: Array
    y, extent, count, scale = np.arange(along.count, dtype=np.float64), along.extent, along.count, along.scale
    length = scale * extent
    start, end = along.region
    match transformation:
        case "half_pixel":
            return (y + 0.5) / scale - 0.5
        case "half_pixel_symmetric":
            return extent / 2 * (1 - count / length) + (y + 0.5) / scale - 0.5
        case "pytorch_half_pixel":
            return (y + 0.5) / scale - 0.5 if count > 1 else 0 * y
        case "align_corners":
            return y * (extent - 1) / (length - 1) if length != 1 else 0 * y
        case "asymmetric":
            return y / scale
        case _:
            # tf_crop_and_resize
            if count == 1:
                return 0 * y + 0.5 * (start + end) * (extent - 1)
            return start * (extent - 1) + y * (end - start) * (extent - 1) / (count - 1)


def _taps(method: Method, along: Along, places: Array) -> tuple[Array, Array]:
    """Indices and weights ``[count, taps]`` of the elements around each place."""
    # The element to the left of a place is at least a little to its left: ratio is in (0, 1].
    left = np.ceil(places) - 1
    ratio = places - left
    if method.mode == "nearest":
        right = {
            "round_prefer_floor": ratio > 0.5,
            "round_prefer_ceil": ratio >= 0.5,
            "floor": ratio == 1,
            "ceil": ratio > 0,
            "simple": ratio > 0 if along.scale < 1 else ratio == 1,
        }[method.nearest]
        indices, weights = (left + right)[:, None], np.ones((len(places), 1))
    else:
        # An antialiasing filter is as much wider as the result is smaller.
        squeeze = min(along.scale, 1.0) if method.antialias else 1.0
        support, kernel = (1, _triangle) if method.mode == "linear" else (2, _cubic)
        first = int(np.floor(-support / squeeze)) + 1
        steps = np.arange(first, 2 - first)
        indices = left[:, None] + steps
        weights = kernel(np.abs(steps - ratio[:, None]) * squeeze, method.cubic)
        if method.antialias:
            weights = weights / weights.sum(axis=1, keepdims=True)
        if method.exclude_outside:
            weights = np.where((indices < 0) | (indices >= along.extent), 0.0, weights)
            total = weights.sum(axis=1, keepdims=True)
            weights = weights / np.where(total == 0, 1.0, total)
    return np.clip(indices, 0, along.extent - 1).astype(np.int64), weights


def _triangle(distance: Array, _: float) -> Array:
    return np.asarray(np.maximum(1 - distance, 0))


def _cubic(distance: Array, a: float) -> Array:
    """Cubic convolution (Keys 1981, equation 4)."""
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))
