"""Models of opsets before the oldest that the importer reads are converted to it."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import imported, model, node

from edgec.errors import EdgecError
from edgec.ir.interp import run


def test_broadcast_before_opset_7(tmp_path: Path) -> None:
    """Broadcasting was an attribute."""
    proto = model([node("Add", ["x", "b"], ["y"], broadcast=1)], {"x": [2, 3], "b": [3]}, opset=6)
    x, b = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([10, 20, 30], np.float32)
    (y,) = run(imported(proto, tmp_path), {"x": x, "b": b}).values()
    np.testing.assert_array_equal(y, x + b)


def test_what_does_not_convert_is_refused(tmp_path: Path) -> None:
    proto = model([node("Add", ["x", "x"], ["y"], domain="own")], {"x": [2]}, opset=6)
    with pytest.raises(EdgecError, match="opset 6 and does not convert to 7"):
        imported(proto, tmp_path)


def test_external_data_is_refused(tmp_path: Path) -> None:
    proto = model([node("Add", ["x", "w"], ["y"])], {"x": [2]}, {"w": np.ones(2, np.float32)}, opset=6)
    proto.graph.initializer[0].data_location = TensorProto.EXTERNAL
    with pytest.raises(EdgecError, match="external data"):
        imported(proto, tmp_path)


def test_prelu_before_opset_7(tmp_path: Path) -> None:
    """Slopes lay along axis 1, of a cube as well, where broadcasting would lay them along the last one."""
    slopes = np.array([1, 2, 3], np.float32)
    proto = model([node("PRelu", ["x", "s"], ["y"])], {"x": [1, 3, 3, 3]}, {"s": slopes}, opset=6)
    x = -np.arange(1, 28, dtype=np.float32).reshape(1, 3, 3, 3)
    (y,) = run(imported(proto, tmp_path), {"x": x}).values()
    np.testing.assert_array_equal(y, x * slopes[:, None, None])


def test_prelu_of_unknown_rank_is_refused(tmp_path: Path) -> None:
    proto = model([node("PRelu", ["x", "s"], ["y"])], {"x": [1, 3]}, {"s": np.ones(3, np.float32)}, opset=6)
    proto.graph.input[0].type.tensor_type.ClearField("shape")
    with pytest.raises(EdgecError, match="unknown rank"):
        imported(proto, tmp_path, shapes={"x": (1, 3)})
