"""GridSample, AffineGrid and pooling of regions, in every mode, against onnxruntime."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import agrees, imported, ints, model, node

from edgec.errors import EdgecError


@pytest.mark.parametrize("align", [0, 1])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_grid_sample(tmp_path: Path, mode: str, padding: str, align: int) -> None:
    # Inputs are between -2 and 2: many places lie outside.
    nodes = [node("GridSample", ["x", "grid"], ["y"], mode=mode, padding_mode=padding, align_corners=align)]
    agrees(model(nodes, {"x": [2, 3, 5, 6], "grid": [2, 7, 8, 2]}, opset=20), tmp_path, 1e-4)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_volumetric_grid_sample(tmp_path: Path, mode: str, padding: str) -> None:
    nodes = [node("GridSample", ["x", "grid"], ["y"], mode=mode, padding_mode=padding)]
    agrees(model(nodes, {"x": [1, 2, 3, 4, 5], "grid": [1, 3, 2, 5, 3]}, opset=20), tmp_path, 1e-4)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_grid_sample_of_opset_16(tmp_path: Path, mode: str) -> None:
    nodes = [node("GridSample", ["x", "grid"], ["y"], mode=mode)]
    agrees(model(nodes, {"x": [1, 1, 4, 4], "grid": [1, 3, 3, 2]}, opset=16), tmp_path, 1e-4)


@pytest.mark.parametrize("align", [0, 1])
@pytest.mark.parametrize("spatial", [(4, 5), (2, 3, 4)])
def test_affine_grid(tmp_path: Path, spatial: tuple[int, ...], align: int) -> None:
    dims = len(spatial)
    nodes = [node("AffineGrid", ["theta", "size"], ["y"], align_corners=align)]
    agrees(model(nodes, {"theta": [2, dims, dims + 1]}, {"size": ints(2, 3, *spatial)}, opset=20), tmp_path)


REGIONS = np.array([[0, 0, 4, 4], [1.3, 2.2, 7.9, 5.1], [-3, -2, 20, 9], [5, 5, 5, 5], [6, 6, 2, 1]], np.float32)


@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("transformation", ["half_pixel", "output_half_pixel"])
@pytest.mark.parametrize("sampling", [0, 2])
def test_roi_align(tmp_path: Path, mode: str, transformation: str, sampling: int) -> None:
    attributes = {"mode": mode, "coordinate_transformation_mode": transformation, "sampling_ratio": sampling}
    nodes = [node("RoiAlign", ["x", "r", "b"], ["y"], output_height=2, output_width=3, spatial_scale=0.8, **attributes)]
    regions = REGIONS if transformation != "half_pixel" else REGIONS[:-1]
    constants = {"r": regions, "b": ints(0, 1, 1, 0, 0)[: len(regions)]}
    agrees(model(nodes, {"x": [2, 3, 6, 8]}, constants, opset=16), tmp_path)


def test_max_roi_pool(tmp_path: Path) -> None:
    regions = np.concatenate([np.array([[0], [1], [1], [0], [0]], np.float32), REGIONS], axis=1)
    nodes = [node("MaxRoiPool", ["x", "r"], ["y"], pooled_shape=[2, 3], spatial_scale=0.7)]
    agrees(model(nodes, {"x": [2, 3, 6, 8]}, {"r": regions}), tmp_path)


def test_an_image_that_is_not_there_is_refused(tmp_path: Path) -> None:
    nodes = [node("RoiAlign", ["x", "r", "b"], ["y"])]
    proto = model(nodes, {"x": [1, 1, 4, 4], "r": [1, 4]}, {"b": ints(1)}, types={"r": TensorProto.FLOAT})
    with pytest.raises(EdgecError, match="an index leaves"):
        imported(proto, tmp_path)
