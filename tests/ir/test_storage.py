"""Element types that NumPy lacks, in files and in .eir text."""

from pathlib import Path

import numpy as np
import pytest

from edgec.errors import EdgecError
from edgec.ir import DType, Graph, TensorType, parse_graph, print_graph
from edgec.ir.interp.conversion import cast
from edgec.ir.storage import bits, portable, restored
from edgec.ir.types import SMALL_INTEGERS
from edgec.samples import load_samples

NUMBERS = np.array([0, 1, -2, 1, 0, -1, 1, -2, 1, 0], np.float32)


@pytest.mark.parametrize("dtype", DType)
def test_elements_come_back_from_a_file(dtype: DType, tmp_path: Path) -> None:
    array = cast(np.abs(NUMBERS) if dtype is DType.F8E8M0 else NUMBERS, dtype)
    np.savez(tmp_path / "x.npz", x=portable(array)[:, None])
    samples = load_samples(tmp_path / "x.npz", {"x": TensorType(dtype, (1,))})
    assert samples.inputs["x"].dtype == dtype.numpy
    np.testing.assert_array_equal(bits(samples.inputs["x"]).reshape(-1), bits(array))


@pytest.mark.parametrize("dtype", DType)
def test_constants_come_back_from_text(dtype: DType) -> None:
    graph = Graph("g")
    array = cast(np.abs(NUMBERS) if dtype is DType.F8E8M0 else NUMBERS, dtype)
    graph.returns({"long": graph.const(array, "a"), "short": graph.const(array[:4], "b")})
    text, arrays = print_graph(graph)
    again = parse_graph(text, arrays)
    assert print_graph(again)[0] == text
    for value, expected in zip(again.outputs, (array, array[:4]), strict=True):
        assert value.data is not None
        np.testing.assert_array_equal(bits(value.data), bits(expected))


def test_floats_are_rounded_to_what_the_model_takes(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.array([[1.0], [1.0 + 2**-9]], np.float32))
    samples = load_samples(tmp_path / "x.npz", {"x": TensorType(DType.BF16, (1,))})
    assert samples.inputs["x"].tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize("dtype", sorted(SMALL_INTEGERS, key=str))
def test_integers_beyond_the_range_are_refused(dtype: DType, tmp_path: Path) -> None:
    assert restored(np.array([16]), dtype) is None
    np.savez(tmp_path / "x.npz", x=np.array([[16]], np.int8))
    with pytest.raises(EdgecError, match="has dtype int8"):
        load_samples(tmp_path / "x.npz", {"x": TensorType(dtype, (1,))})
