"""What computes elements at places, or in regions, that a tensor names."""

from math import prod

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import GridSample, MatMul, MaxRoiPool, RoiAlign, Transpose


@onnx_op("GridSample")
def _grid_sample(node: Node) -> Value:
    x = node.value(0)
    # Before opset 20 the modes had names of two dimensions.
    mode = {"bilinear": "linear", "bicubic": "cubic"}.get(given := node.string("mode", "linear"), given)
    align_corners = node.flag("align_corners", False)
    grid = node.cast(node.value(1), x.type.dtype)
    return node.emit(GridSample(x, grid, mode, node.string("padding_mode", "zeros"), align_corners))


@onnx_op("RoiAlign")
def _roi_align(node: Node) -> Value:
    mode = node.string("mode", "avg")
    transformation = node.string("coordinate_transformation_mode", "half_pixel" if node.opset >= 16 else "")
    if mode not in ("avg", "max") or transformation not in ("", "half_pixel", "output_half_pixel"):
        raise node.error(
            f"mode is {mode!r}, transformation {transformation!r}", "use avg or max, and half_pixel or not"
        )
    size = node.integer("output_height", 1), node.integer("output_width", 1)
    return node.emit(
        RoiAlign(
            node.value(0),
            node.value(1),
            node.value(2),
            size,
            node.real("spatial_scale", 1.0),
            node.integer("sampling_ratio", 0),
            mode == "max",
            transformation == "half_pixel",
        )
    )


@onnx_op("MaxRoiPool")
def _max_roi_pool(node: Node) -> Value:
    height, width = node.integers("pooled_shape") or (0, 0)
    return node.emit(MaxRoiPool(node.value(0), node.value(1), (height, width), node.real("spatial_scale", 1.0)))


@onnx_op("AffineGrid")
def _affine_grid(node: Node) -> Value:
    """``theta[N,D,D+1]`` times each place ``(x, y, .., 1)`` of an image: a grid for GridSample."""
    theta, size = node.float32(0), node.constant_ints(1, "size") or ()
    batch, spatial = size[:1], size[2:]
    dims = len(spatial)
    if dims not in (2, 3) or min(size) < 1 or theta.shape != (*batch, dims, dims + 1):
        raise node.error(f"theta {list(theta.shape)} does not fit size {size}", "give N, C and two or three extents")
    node.check_table(prod(spatial), "number of places")
    aligned = node.flag("align_corners", False)
    along = [np.linspace(-1, 1, d) if aligned else (2 * np.arange(d) + 1) / d - 1 for d in reversed(spatial)]
    # Coordinates go from the last axis to the first, as in theta.
    places = [np.broadcast_to(c.reshape(-1, *(1,) * a), spatial) for a, c in enumerate(along)]
    homogeneous = np.stack([*places, np.ones(spatial)], axis=-1).reshape(-1, dims + 1).astype(np.float32)
    product = node.emit(MatMul(node.const(homogeneous, "places"), node.emit(Transpose(theta, (0, 2, 1)))))
    return node.reshaped(product, (*batch, *spatial, dims))
