"""Resize and Upsample in every mode, against onnxruntime and the standard's formulas."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import agrees, imported, ints, model, node

from edgec.errors import EdgecError
from edgec.frontend.resize import TRANSFORMATIONS
from edgec.ir.interp import run
from edgec.ir.ops import Gather, Resample


def resize(shape: list[int], scales: Any = None, sizes: Any = None, roi: Any = None, **attributes: Any) -> Any:
    opset, code = attributes.pop("opset", 19), attributes.pop("code", TensorProto.FLOAT)
    constants: dict[str, Any] = {"roi": np.array([] if roi is None else roi, np.float32)}
    constants["scales"] = np.array([] if scales is None else scales, np.float32)
    if sizes is not None:
        constants["sizes"] = ints(*sizes)
    names = ["x", "roi", "" if scales is None else "scales", *(["sizes"] if sizes is not None else [])]
    constants = {n: a for n, a in constants.items() if n in names}
    nodes = [node("Resize", names, ["y"], **attributes)]
    return model(nodes, {"x": shape}, constants, opset=opset, types={"x": code, "y": code})


@pytest.mark.parametrize("transformation", [t for t in TRANSFORMATIONS if t != "tf_crop_and_resize"])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("sizes", [(1, 2, 9, 11), (1, 2, 3, 4), (1, 2, 12, 5)])
def test_resize(tmp_path: Path, transformation: str, mode: str, sizes: tuple[int, ...]) -> None:
    # Extents are such that no place lies halfway but for rounding, which onnxruntime does in float32.
    proto = resize([1, 2, 6, 7], sizes=sizes, mode=mode, coordinate_transformation_mode=transformation)
    agrees(proto, tmp_path, 1e-4)


@pytest.mark.parametrize("rounding", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
@pytest.mark.parametrize("transformation", ["asymmetric", "half_pixel"])
@pytest.mark.parametrize("scale", [2.0, 0.5])
def test_rounding_to_the_nearest(tmp_path: Path, rounding: str, transformation: str, scale: float) -> None:
    attributes = {"nearest_mode": rounding, "coordinate_transformation_mode": transformation}
    agrees(resize([1, 1, 4, 6], [1, 1, scale, scale], **attributes), tmp_path)


@pytest.mark.parametrize("exclude", [0, 1])
@pytest.mark.parametrize("a", [-0.5, -0.75])
def test_cubic(tmp_path: Path, exclude: int, a: float) -> None:
    proto = resize([1, 1, 5, 6], sizes=(1, 1, 9, 4), mode="cubic", exclude_outside=exclude, cubic_coeff_a=a)
    agrees(proto, tmp_path)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("roi", [(0, 0, 0.2, 0.12, 1, 1, 0.7, 0.9), (0, 0, -0.5, 0.25, 1, 1, 1.5, 1.25)])
def test_crop_and_resize(tmp_path: Path, mode: str, roi: tuple[float, ...]) -> None:
    transformation = "tf_crop_and_resize"
    attributes = {"mode": mode, "coordinate_transformation_mode": transformation, "extrapolation_value": 7.5}
    agrees(resize([1, 1, 5, 6], sizes=(1, 1, 8, 3), roi=roi, **attributes), tmp_path)


@pytest.mark.parametrize("policy", ["stretch", "not_larger", "not_smaller"])
def test_sizes_of_named_axes(tmp_path: Path, policy: str) -> None:
    attributes = {"keep_aspect_ratio_policy": policy, "axes": [3, 2], "mode": "nearest"}
    agrees(resize([1, 2, 5, 7], sizes=(13, 11), **attributes), tmp_path)


def test_negative_axes_count_from_the_end(tmp_path: Path) -> None:
    agrees(resize([1, 2, 5, 7], sizes=(13, 11), axes=[-1, 2]), tmp_path)


@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_antialias_is_an_average_over_the_stretched_filter(tmp_path: Path, mode: str) -> None:
    graph = imported(resize([1, 1, 12, 12], [1, 1, 0.25, 0.25], mode=mode, antialias=1), tmp_path)
    x = np.ones((1, 1, 12, 12), np.float32) * np.arange(12, dtype=np.float32)
    y = run(graph, {"x": x})["y"]
    # A symmetric filter of weight 1 keeps a ramp where it does not reach the border: the middle of 4..7 is 5.5.
    np.testing.assert_allclose(y[0, 0, :, 1], 5.5, rtol=1e-6)
    assert all(op.weights.shape[1] == (8 if mode == "linear" else 16) for op in graph if isinstance(op, Resample))


@pytest.mark.parametrize("rank", [1, 2, 3, 5])
def test_any_rank(tmp_path: Path, rank: int) -> None:
    shape, scales = [3, 4, 2, 3, 2][:rank], [1.5, 2, 1, 1, 2.5][:rank]
    graph = imported(resize(shape, scales, mode="linear"), tmp_path)
    # On a ramp along each axis, linear interpolation gives the places themselves, within the border.
    x = sum(np.meshgrid(*(10.0**a * np.arange(d) for a, d in enumerate(shape)), indexing="ij"))
    y = run(graph, {"x": np.asarray(x, np.float32)})["y"]
    places = []
    for a, (d, s) in enumerate(zip(shape, scales, strict=True)):
        places.append(10.0**a * np.clip((np.arange(int(d * s)) + 0.5) / s - 0.5, 0, d - 1))
    np.testing.assert_allclose(y, sum(np.meshgrid(*places, indexing="ij")), rtol=1e-5)


def test_integers_are_rounded(tmp_path: Path) -> None:
    proto = resize(
        [4], sizes=(7,), mode="linear", code=TensorProto.UINT8, coordinate_transformation_mode="align_corners"
    )
    y = run(imported(proto, tmp_path), {"x": np.array([0, 255, 254, 1], np.uint8)})["y"]
    np.testing.assert_array_equal(y, [0, 128, 255, 254, 254, 128, 1])


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("scale", [2.0, 0.5])
def test_resize_before_opset_11(tmp_path: Path, mode: str, scale: float) -> None:
    constants = {"s": np.array([1, 1, scale, scale], np.float32)}
    agrees(model([node("Resize", ["x", "s"], ["y"], mode=mode)], {"x": [1, 2, 4, 7]}, constants, opset=10), tmp_path)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("opset", [7, 9])
def test_upsample(tmp_path: Path, mode: str, opset: int) -> None:
    scales = [1.0, 1.0, 2.0, 3.0]
    constants = {"s": np.array(scales, np.float32)} if opset == 9 else {}
    attributes = {} if opset == 9 else {"scales": scales}
    nodes = [node("Upsample", ["x", *constants], ["y"], mode=mode, **attributes)]
    agrees(model(nodes, {"x": [1, 2, 3, 4]}, constants, opset=opset), tmp_path)


def test_nearest_is_a_gather_and_what_keeps_its_extent_nothing(tmp_path: Path) -> None:
    graph = imported(resize([1, 2, 3, 4], [1, 1, 2, 2]), tmp_path)
    assert [type(op) for op in graph if op.operands][:-1] == [Gather, Gather]
    graph = imported(resize([1, 2, 3, 4], [1, 1, 1, 1], mode="cubic"), tmp_path)
    assert len(graph.ops) == 1


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"scales": [1, 0]}, "not positive"),
        ({"scales": [1, 2, 3]}, "do not fit"),
        ({"scales": [1, 0.1]}, "to nothing"),
        ({"scales": [1, 2], "mode": "cubical"}, "has the form"),
        ({"scales": [1, 2], "antialias": 1}, "has the form"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(EdgecError, match=message):
        imported(resize([3, 4], **attributes), tmp_path)


def test_scales_must_be_known(tmp_path: Path) -> None:
    nodes = [node("Resize", ["x", "", "s"], ["y"])]
    with pytest.raises(EdgecError, match="its scales are not constant"):
        imported(model(nodes, {"x": [3], "s": [1]}), tmp_path)
