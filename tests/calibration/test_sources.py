"""Calibration data of every kind gives the same samples, a part at a time; what does not fit is refused."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgec.calibration import Data, open_source
from edgec.errors import EdgecError
from edgec.ir import Array, DType, TensorType, f32

ONE = {"x": f32(1, 2, 3)}
TWO = {"x": f32(2, 3), "n": TensorType(DType.I32, (4,))}

X = np.random.default_rng(0).standard_normal((150, 2, 3)).astype(np.float32)
N = np.arange(600, dtype=np.int32).reshape(150, 4)


def read(data: Data, ports: dict[str, TensorType] = ONE) -> dict[str, Array]:
    """All samples, read twice: both times the same, in batches of 64."""
    source = open_source(data, ports)
    first, second = ([*source.batches()] for _ in range(2))
    assert len(first) == len(second)
    assert all(np.array_equal(a[n], b[n]) for a, b in zip(first, second, strict=True) for n in ports)
    assert max(len(batch[n]) for batch in first for n in ports) == 64
    assert source.count in (0, 150)
    return {name: np.concatenate([batch[name] for batch in first]) for name in ports}


def error(data: Any, ports: dict[str, TensorType] = ONE) -> str:
    with pytest.raises(EdgecError) as caught:
        read(data, ports)
    return str(caught.value)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x", "calibration"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_calls_the_samples_like_the_input_or_calibration(tmp_path: Path, name: str, save: Any) -> None:
    save(tmp_path / "d.npz", **{name: X, "labels": N})
    assert np.array_equal(read(tmp_path / "d.npz")["x"], X[:, None])  # batched along the input's first axis


@pytest.mark.parametrize("array", [np.asfortranarray(X), X.astype(np.float64), X.astype(">f4")])
def test_an_archive_may_hold_other_orders_and_widths(tmp_path: Path, array: Array) -> None:
    np.savez(tmp_path / "d.npz", x=array)
    assert np.array_equal(read(tmp_path / "d.npz")["x"], X[:, None])


def test_half_floats_are_widened(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", calibration=X.astype(np.float16))
    found = read(tmp_path / "d.npz")["x"]
    assert found.dtype == np.float32 and np.array_equal(found, X[:, None].astype(np.float16))


def test_an_archive_of_several_inputs(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, n=N, calibration=X)
    found = read(tmp_path / "d.npz", TWO)
    assert np.array_equal(found["x"], X) and np.array_equal(found["n"], N)


def test_an_archive_larger_than_what_is_read_of_it_at_once(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "d.npz", x=np.ones((256, 256, 256), np.float32))  # 64 MiB
    tracemalloc.start()
    count = sum(len(batch["x"]) for batch in open_source(tmp_path / "d.npz", {"x": f32(256, 256)}).batches())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 256 and peak < 40 << 20


def test_a_directory_of_samples_and_stacks_in_the_order_of_names(tmp_path: Path) -> None:
    for name, part in {"a": X[:100], "b": X[100], "c": X[101:102], "d": X[102:]}.items():
        np.save(tmp_path / f"{name}.npy", part)
    assert np.array_equal(read(tmp_path)["x"], X[:, None])


def test_a_directory_for_each_input(tmp_path: Path) -> None:
    for name, array, step in (("x", X, 50), ("n", N, 30)):
        (tmp_path / name).mkdir()
        for i in range(0, 150, step):
            np.save(tmp_path / name / f"{i:03}.npy", array[i : i + step])
    found = read(tmp_path, TWO)
    assert np.array_equal(found["x"], X) and np.array_equal(found["n"], N)


def test_a_single_npy(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", X)
    assert np.array_equal(read(str(tmp_path / "d.npy"))["x"], X[:, None])


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    assert "d.npz: no such file" in error(path)
    path.write_bytes(b"PK")
    assert "is not readable: File is not a zip file" in error(path)
    np.savez(path, y=X)
    assert "has no array for input x (it has y)" in error(path)
    np.savez(path, x=X[:, :, :2])
    assert "d.npz: x: has shape [150, 2, 2]\n  -> give it as [samples, 1, 2, 3]" in error(path)
    np.savez(path, x=N)
    assert "has shape [150, 4]" in error(path)
    np.savez(path, x=X.astype(np.int64))
    assert "has dtype int64, the model takes float32" in error(path)
    np.savez(path, x=np.array([{}], object))
    assert "it holds Python objects" in error(path)
    np.savez(path, x=X[:0])
    assert "holds no samples" in error(path)
    np.savez(path, x=X, n=N[:100])
    assert "numbers of samples differ: {'x': 150, 'n': 100}" in error(path, TWO)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "d.npz", x=X)
    whole = bytearray((tmp_path / "d.npz").read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    (tmp_path / "d.npz").write_bytes(whole)
    assert "is not readable" in error(tmp_path / "d.npz")


def test_directories_that_do_not_fit(tmp_path: Path) -> None:
    assert "holds no .npy files" in error(tmp_path)
    assert "n: no such directory" in error(tmp_path, {"n": TWO["n"], "x": TWO["x"]})
    (tmp_path / "a.npy").write_bytes(b"")
    assert "a.npy: is not readable" in error(tmp_path)
    np.save(tmp_path / "a.npy", N)
    assert "a.npy: has shape [150, 4]" in error(tmp_path)


@pytest.mark.parametrize(("number", "message"), [(np.nan, "holds NaN"), (-np.inf, "holds infinity")])
def test_numbers_that_are_none_are_refused(tmp_path: Path, number: float, message: str) -> None:
    broken = X.copy()
    broken[140, 1, 1] = number
    np.savez(tmp_path / "d.npz", x=broken)
    assert message in error(tmp_path / "d.npz")
    assert message in error([broken])


# --- Python ----------------------------------------------------------------------------------------------------------


def generate() -> Iterator[Array]:
    yield from X


@pytest.mark.parametrize(
    "data",
    [X, {"x": X}, [X], list(X), [{"x": x[None]} for x in X], generate],
    ids=["array", "dict", "stack", "samples", "dicts", "function"],
)
def test_python_data(data: Data) -> None:
    assert np.array_equal(read(data)["x"], X[:, None])


def test_pieces_of_any_size_stay_in_order() -> None:
    batches = [*open_source([X[:1], X[1:140], X[140:]], ONE).batches()]
    assert max(len(batch["x"]) for batch in batches) == 64
    assert np.array_equal(np.concatenate([batch["x"] for batch in batches]), X[:, None])


def test_an_iterator_is_refused_because_it_ends_after_one_reading() -> None:
    assert "an iterator can be read only once\n  -> give a list, or a function" in error(generate())


def test_python_data_that_does_not_fit() -> None:
    assert "holds no samples" in error([])
    assert "int is not iterable" in error(3)
    assert "int is not iterable" in error(lambda: 3)
    assert "item 1: inputs: got ['y'], the model has ['x']" in error([{"x": X}, {"y": X}])
    assert "item 0: x: has shape [3]" in error([np.ones(3, np.float32)])
    assert "item 0: x: has dtype object" in error([np.full((1, 2, 3), None)])
    assert "item 0: x: is no array" in error([[[1.0], [2.0, 3.0]]])
    assert "item 0: is a ndarray\n  -> give a dict of arrays, one for each of x, n" in error([X], TWO)
    assert "item 0: inputs: numbers of samples differ" in error([{"x": X, "n": N[:9]}], TWO)


def test_a_model_without_inputs_is_refused() -> None:
    assert "the model has no inputs" in error([], {})


# --- labels ----------------------------------------------------------------------------------------------------------


def test_an_archive_may_have_labels(tmp_path: Path) -> None:
    labels = np.arange(150) % 7
    np.savez(tmp_path / "d.npz", calibration=X, calibration_labels=labels)
    found = open_source(tmp_path / "d.npz", ONE).labels
    assert found is not None and np.array_equal(found, labels)
    np.savez(tmp_path / "n.npz", calibration=X)
    assert open_source(tmp_path / "n.npz", ONE).labels is None


@pytest.mark.parametrize("labels", [np.arange(149), np.zeros((150, 1), np.int64), np.zeros(150)])
def test_labels_that_are_not_one_integer_a_sample_are_refused(tmp_path: Path, labels: Array) -> None:
    np.savez(tmp_path / "d.npz", calibration=X, calibration_labels=labels)
    assert "not one integer for each of 150 samples" in error(tmp_path / "d.npz")


# --- a selection -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "step"), [(1, 256), (10, 16), (74, 4), (75, 2), (150, 1), (500, 1)])
def test_some_samples_are_spread_over_all(limit: int, step: int) -> None:
    found = open_source([{"x": X, "n": N}], TWO).some(limit)
    assert np.array_equal(found["x"], X[::step]) and np.array_equal(found["n"], N[::step])
