"""What verification calls passed."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import edgec
from edgec import verification


@pytest.mark.parametrize(("dtype", "passed"), [(TensorProto.FLOAT, True), (TensorProto.INT32, False)])
def test_floats_may_differ_by_a_share_of_their_range_and_integers_not_at_all(
    dtype: int, passed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = [helper.make_tensor_value_info(n, dtype, [1, 2]) for n in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "g", value[:1], value[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "m.onnx")
    numpy_type = helper.tensor_dtype_to_np_dtype(dtype)
    np.savez(tmp_path / "x.npz", x=np.array([[[0, 100_000]]], numpy_type))
    honest = verification.run_onnxruntime

    def off_by_one(*arguments: Any, **options: Any) -> dict[str, Any]:
        return {name: array + array.dtype.type(1) for name, array in honest(*arguments, **options).items()}

    compiled = edgec.compile(tmp_path / "m.onnx")
    assert edgec.verify(compiled, tmp_path / "x.npz")["passed"]
    monkeypatch.setattr(verification, "run_onnxruntime", off_by_one)
    assert edgec.verify(compiled, tmp_path / "x.npz")["passed"] is passed
