"""BitShift of signed numbers (opset 28): arithmetic to the right; what is shifted too far leaves only the sign."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from onnx_models import imported, model, node

from edgec.errors import EdgecError
from edgec.ir.interp import run

TYPES = {8: TensorProto.INT8, 16: TensorProto.INT16, 32: TensorProto.INT32, 64: TensorProto.INT64}


@pytest.mark.parametrize("direction", ["LEFT", "RIGHT"])
@pytest.mark.parametrize("bits", TYPES)
def test_signed(tmp_path: Path, bits: int, direction: str) -> None:
    dtype = np.dtype(f"int{bits}")
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    numbers = [low, low + 1, -3, -1, 0, 1, 2, high // 3, high]
    places = [0, 1, 2, bits - 2, bits - 1, bits, 100, -1, low]
    proto = model(
        [node("BitShift", ["a", "b"], ["y"], direction=direction)],
        {"a": [len(numbers), 1], "b": [len(places)]},
        opset=28,
        types=dict.fromkeys("aby", TYPES[bits]),
    )
    result = run(imported(proto, tmp_path), {"a": np.array(numbers, dtype)[:, None], "b": np.array(places, dtype)})["y"]
    for a, row in zip(numbers, result, strict=True):
        for b, got in zip(places, row, strict=True):
            if direction == "RIGHT":
                expected = a >> b if 0 <= b < bits else -1 if a < 0 else 0
            else:
                expected = (a << b) % 2**bits if 0 <= b < bits else 0
                expected -= 2**bits if expected > high else 0
            assert got == expected, (a, b)


def test_no_direction(tmp_path: Path) -> None:
    shift = node("BitShift", ["a", "b"], ["y"], direction="UP")
    proto = model([shift], {"a": [1], "b": [1]}, types=dict.fromkeys("aby", TensorProto.UINT8))
    with pytest.raises(EdgecError, match="direction is 'UP'"):
        imported(proto, tmp_path)
