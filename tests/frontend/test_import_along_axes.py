"""Reductions, normalizations, orders, transforms, losses and Einsum in every form, against onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_models import Array, agrees, imported, ints, model, node, random_inputs, weights

from edgec.errors import EdgecError
from edgec.ir.interp import run
from edgec.ir.ops import MatMul, Normalize

DOUBLE, FLOAT, INT32, INT64 = TensorProto.DOUBLE, TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64
# onnxruntime computes logarithms of integers in integers, which ONNX does not.
KINDS = ["Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp"]
REDUCTIONS = [(k, c) for k in KINDS for c in (FLOAT, DOUBLE, INT32, INT64) if c in (FLOAT, DOUBLE) or "Log" not in k]


def one(
    kind: str,
    shape: tuple[int, ...],
    constants: dict[str, Any] | None = None,
    code: int = FLOAT,
    opset: int = 18,
    outputs: tuple[str, ...] = ("y",),
    types: dict[str, int] | None = None,
    **attributes: Any,
) -> Any:
    """A model of one node of an input ``x`` and constants."""
    constants = constants or {}
    made = node(kind, ["x", *constants], outputs, **attributes)
    types = {"x": code, "y": code, **(types or {})}
    return model([made], {"x": shape}, constants, outputs, opset, types)


@pytest.mark.parametrize(("kind", "code"), REDUCTIONS)
@pytest.mark.parametrize("axes", [None, (1,), (-1, 0)])
def test_reductions(tmp_path: Path, kind: str, code: int, axes: tuple[int, ...] | None) -> None:
    constants = {} if axes is None else {"a": ints(*axes)}
    low = 0.5 if kind == "LogSum" else -2.0
    agrees(one(f"Reduce{kind}", (2, 2, 3), constants, code, keepdims=int(axes is None)), tmp_path, low=low)


def test_axes_that_are_given_but_empty_do_nothing_where_a_flag_says_so(tmp_path: Path) -> None:
    graph = imported(one("ReduceSumSquare", (2, 3), {"a": ints()}, noop_with_empty_axes=1), tmp_path)
    inputs = random_inputs(graph)
    np.testing.assert_array_equal(run(graph, inputs)["y"], inputs["x"] ** 2)


@pytest.mark.parametrize("kind", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("axis", [0, -1])
def test_positions(tmp_path: Path, kind: str, last: int, keepdims: int, axis: int) -> None:
    # Integers from 1 to 8, so that many are equal.
    attributes: dict[str, Any] = {"axis": axis, "keepdims": keepdims, "select_last_index": last}
    agrees(one(kind, (5, 30), code=INT32, types={"y": INT64}, opset=13, **attributes), tmp_path)


@pytest.mark.parametrize("largest", [0, 1])
@pytest.mark.parametrize("code", [FLOAT, INT64])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_top_k(tmp_path: Path, largest: int, code: int, axis: int) -> None:
    types = {"values": code, "indices": INT64}
    constants = {"k": ints(3)}
    proto = one("TopK", (4, 5, 20), constants, code, 11, ("values", "indices"), types, axis=axis, largest=largest)
    agrees(proto, tmp_path)


def test_top_k_by_attribute(tmp_path: Path) -> None:
    agrees(one("TopK", (4, 5), opset=9, outputs=("v", "i"), types={"i": INT64}, k=2), tmp_path)


def test_more_than_there_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgecError, match="cannot take 6 of 5"):
        imported(one("TopK", (5,), {"k": ints(6)}, opset=11, outputs=("v", "i"), types={"i": INT64}), tmp_path)


@pytest.mark.parametrize("exclusive", [0, 1])
@pytest.mark.parametrize("reverse", [0, 1])
@pytest.mark.parametrize("code", [FLOAT, DOUBLE, INT32])
def test_running_sums(tmp_path: Path, exclusive: int, reverse: int, code: int) -> None:
    attributes: dict[str, Any] = {"exclusive": exclusive, "reverse": reverse}
    agrees(one("CumSum", (3, 4), {"axis": np.array(-1, np.int32)}, code, 14, **attributes), tmp_path)


@pytest.mark.parametrize("kind", ["Softmax", "LogSoftmax", "Hardmax"])
@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_softmax_and_its_kin(tmp_path: Path, kind: str, opset: int, axis: int | None) -> None:
    attributes: dict[str, Any] = {} if axis is None else {"axis": axis}
    agrees(one(kind, (2, 3, 4), opset=opset, **attributes), tmp_path)


def test_layer_normalization_with_all_outputs(tmp_path: Path) -> None:
    constants = {"s": weights(3, 4), "b": weights(3, 4, seed=4)}
    graph = agrees(one("LayerNormalization", (2, 3, 4), constants, outputs=("y", "m", "d"), axis=1), tmp_path)
    assert sum(isinstance(op, Normalize) for op in graph) == 1


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("axis", [-1, 1])
def test_layer_normalization(tmp_path: Path, bias: bool, axis: int) -> None:
    shape = (3, 4)[axis if axis == -1 else 0 :]
    constants = {"s": weights(*shape)} | ({"b": weights(*shape, seed=4)} if bias else {})
    agrees(one("LayerNormalization", (2, 3, 4), constants, axis=axis, epsilon=0.1), tmp_path)


def test_layer_normalization_of_runtime_scale(tmp_path: Path) -> None:
    proto = model([node("LayerNormalization", ["x", "s"], ["y"])], {"x": [2, 3, 4], "s": [4]})
    agrees(proto, tmp_path)


@pytest.mark.parametrize("shape", [(2, 6, 4), (2, 6, 3, 4), (1, 6, 2, 3, 2)])
def test_instance_normalization(tmp_path: Path, shape: tuple[int, ...]) -> None:
    agrees(one("InstanceNormalization", shape, {"s": weights(6), "b": weights(6, seed=4)}), tmp_path)


@pytest.mark.parametrize("constant", [True, False])
def test_group_normalization(tmp_path: Path, constant: bool) -> None:
    given = {"s": weights(6), "b": weights(6, seed=4)}
    inputs = {"x": (2, 6, 3, 2)} | ({} if constant else dict.fromkeys(given, (6,)))
    made = node("GroupNormalization", ["x", *given], ["y"], num_groups=3)
    agrees(model([made], inputs, given if constant else {}, opset=21), tmp_path)


def test_batch_normalization_of_runtime_parameters(tmp_path: Path) -> None:
    names = ("scale", "bias", "mean", "variance")
    made = node("BatchNormalization", ["x", *names], ["y"])
    agrees(model([made], {"x": (2, 3, 4), **dict.fromkeys(names, (3,))}, opset=15), tmp_path, low=0.5)


def test_batch_normalization_in_float64(tmp_path: Path) -> None:
    constants = {n: np.abs(weights(3, seed=i)).astype(float) + 0.1 for i, n in enumerate("abcd")}
    agrees(one("BatchNormalization", (2, 3, 4), constants, DOUBLE, 15), tmp_path, tolerance=1e-12)


def test_batch_normalization_in_training(tmp_path: Path) -> None:
    constants = {n: np.abs(weights(3, seed=i)) + 0.1 for i, n in enumerate("abcd")}
    proto = one(
        "BatchNormalization", (4, 3, 5), constants, opset=15, outputs=("y", "m", "v"), training_mode=1, momentum=0.7
    )
    graph = imported(proto, tmp_path)
    x = random_inputs(graph)["x"]
    results = run(graph, {"x": x})
    mean, variance = x.mean(axis=(0, 2)), x.var(axis=(0, 2))
    normal = (x - mean[:, None]) / np.sqrt(variance + 1e-5)[:, None]
    expected = normal * constants["a"][:, None] + constants["b"][:, None]
    np.testing.assert_allclose(results["y"], expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(results["m"], 0.7 * constants["c"] + 0.3 * mean, rtol=1e-5)
    np.testing.assert_allclose(results["v"], 0.7 * constants["d"] + 0.3 * variance, rtol=1e-5)


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("axis", [0, -1])
def test_lp_normalization(tmp_path: Path, p: int, axis: int) -> None:
    agrees(one("LpNormalization", (3, 4), p=p, axis=axis), tmp_path)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_lrn(tmp_path: Path, size: int) -> None:
    agrees(one("LRN", (2, 5, 3, 4), size=size, alpha=0.5, beta=0.6, bias=1.5), tmp_path)


@pytest.mark.parametrize("size", [2, 4])
def test_lrn_of_even_size_sees_one_channel_more_behind(tmp_path: Path, size: int) -> None:
    graph = imported(one("LRN", (2, 5, 3), size=size, alpha=0.5), tmp_path)
    x = random_inputs(graph)["x"]
    padded = np.pad(x * x, ((0, 0), ((size - 1) // 2, size // 2), (0, 0)))
    total = sum(padded[:, i : i + 5] for i in range(size))
    np.testing.assert_allclose(run(graph, {"x": x})["y"], x / (1 + 0.5 / size * total) ** 0.75, rtol=1e-5)


def test_mean_variance_normalization(tmp_path: Path) -> None:
    agrees(one("MeanVarianceNormalization", (2, 3, 4, 5)), tmp_path)


EQUATIONS = [
    ("ij->ji", [(3, 4)]),
    ("ij", [(3, 4)]),
    ("ij->", [(3, 4)]),
    ("ii->i", [(4, 4)]),
    ("ii", [(4, 4)]),
    ("iji->j", [(3, 4, 3)]),
    ("ij,jk", [(3, 4), (4, 5)]),
    ("ij,jk->ki", [(3, 4), (4, 5)]),
    ("i,j->ij", [(3,), (4,)]),
    ("i,i", [(3,), (3,)]),
    ("ij,ij->i", [(3, 4), (3, 4)]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
    ("...ij,...jk->...ik", [(2, 3, 4), (2, 4, 5)]),
    ("...ij,jk->...ik", [(2, 6, 3, 4), (4, 5)]),
    ("b...,b...->...", [(2, 3, 4), (2, 3, 4)]),
    ("bqhd,bkhd->bhqk", [(2, 3, 4, 5), (2, 6, 4, 5)]),
    ("bhqk,bkhd->bqhd", [(2, 4, 3, 6), (2, 6, 4, 5)]),
    ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)]),
    ("ij,kj,lj->ikl", [(2, 3), (4, 3), (5, 3)]),
    ("ab,cd->ad", [(2, 3), (4, 5)]),
    ("ij,jk->ki", [(3, 1), (1, 5)]),
    ("bij,bjk->ik", [(1, 3, 1), (1, 1, 5)]),
    (" i j , j k -> i k ", [(3, 4), (4, 5)]),
]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum(tmp_path: Path, equation: str, shapes: list[tuple[int, ...]]) -> None:
    inputs = {f"x{i}": s for i, s in enumerate(shapes)}
    agrees(model([node("Einsum", list(inputs), ["y"], equation=equation)], inputs), tmp_path)


def test_einsum_of_attention_is_one_product(tmp_path: Path) -> None:
    inputs = {"q": (2, 3, 4, 5), "k": (2, 6, 4, 5)}
    graph = imported(model([node("Einsum", ["q", "k"], ["y"], equation="bqhd,bkhd->bhqk")], inputs), tmp_path)
    assert sum(isinstance(op, MatMul) for op in graph) == 1


@pytest.mark.parametrize(
    ("equation", "what"), [("ij,jk", "not of 1 operands"), ("ijk->i", "does not label"), ("ij->k", "wrongly")]
)
def test_equations_that_do_not_fit(tmp_path: Path, equation: str, what: str) -> None:
    with pytest.raises(EdgecError, match=what):
        imported(one("Einsum", (3, 4), equation=equation), tmp_path)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 4)])
def test_det(tmp_path: Path, shape: tuple[int, ...]) -> None:
    agrees(one("Det", shape), tmp_path)


@pytest.mark.parametrize("code", [DOUBLE, INT32, INT64])
def test_products_of_other_types(tmp_path: Path, code: int) -> None:
    dtype = helper.tensor_dtype_to_np_dtype(code)
    b: Array = np.arange(20).reshape(4, 5).astype(dtype)
    agrees(one("MatMul", (2, 3, 4), {"b": b}, code), tmp_path)
    both = model([node("MatMul", ["x", "z"], ["y"])], {"x": (2, 3, 4), "z": (4, 5)}, types=dict.fromkeys("xzy", code))
    agrees(both, tmp_path)
    gemm = node("Gemm", ["x", "z", "c"], ["y"], transB=1, alpha=2.0)
    types = dict.fromkeys(("x", "z", "c", "y"), code)
    if code == DOUBLE:
        agrees(model([gemm], {"x": (3, 4), "z": (5, 4), "c": (5,)}, types=types), tmp_path)


@pytest.mark.parametrize("inverse", [0, 1])
@pytest.mark.parametrize("onesided", [0, 1])
@pytest.mark.parametrize("length", [None, 8, 15])
def test_dft(tmp_path: Path, inverse: int, onesided: int, length: int | None) -> None:
    shape = (2, 12, 2 if inverse else 1)
    constants = {} if length is None else {"n": np.array(length, np.int64)}
    graph = imported(one("DFT", shape, constants, opset=20, inverse=inverse, onesided=onesided), tmp_path)
    x = random_inputs(graph)["x"]
    signal = x[..., 0] + 1j * x[..., 1] if inverse else x[..., 0]
    if inverse:
        expected = np.fft.irfft(signal, length) if onesided else np.fft.ifft(signal, length)
    else:
        expected = np.fft.rfft(signal, length) if onesided else np.fft.fft(signal, length)
    parts = [expected] if inverse and onesided else [expected.real, expected.imag]
    np.testing.assert_allclose(run(graph, {"x": x})["y"], np.stack(parts, axis=-1), rtol=0, atol=1e-5)


@pytest.mark.parametrize("onesided", [0, 1])
@pytest.mark.parametrize("windowed", [True, False])
def test_stft(tmp_path: Path, onesided: int, windowed: bool) -> None:
    constants: dict[str, Any] = {"step": np.array(5, np.int64)}
    if windowed:
        constants["window"] = np.hanning(16).astype(np.float32)
    else:
        constants |= {"": None, "length": np.array(16, np.int64)}
    names = ["x", *constants]
    given = {n: a for n, a in constants.items() if n}
    proto = model([node("STFT", names, ["y"], onesided=onesided)], {"x": (2, 64, 1)}, given, opset=17)
    agrees(proto, tmp_path, tolerance=1e-5)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("ignore", [None, 2, -1, 99])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("kind", ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"])
def test_losses(tmp_path: Path, kind: str, reduction: str, ignore: int | None, weighted: bool) -> None:
    attributes: dict[str, Any] = {"reduction": reduction} | ({} if ignore is None else {"ignore_index": ignore})
    constants = {"w": np.abs(weights(9))} if weighted else {}
    made = node(kind, ["x", "t", *constants], ["y"], **attributes)
    # Labels from 1 to 8, of nine classes.
    proto = model([made], {"x": (2, 9, 3), "t": (2, 3)}, constants, types={"t": INT64}, opset=13)
    agrees(proto, tmp_path)


@pytest.mark.parametrize("kind", ["HannWindow", "HammingWindow", "BlackmanWindow"])
def test_windows_of_constant_size_are_constants(tmp_path: Path, kind: str) -> None:
    nodes = [node(kind, ["n"], ["w"]), node("Mul", ["x", "w"], ["y"])]
    agrees(model(nodes, {"x": (2, 10)}, {"n": np.array(10, np.int64)}), tmp_path)
    with pytest.raises(EdgecError, match="not constant"):
        imported(model([node(kind, ["n"], ["y"])], {"n": ()}, types={"n": INT64}), tmp_path)


@pytest.mark.parametrize("mode", ["TF", "IDF", "TFIDF"])
@pytest.mark.parametrize(("lengths", "skips"), [((1, 1), 0), ((1, 2), 0), ((2, 2), 3), ((1, 2), 3)])
@pytest.mark.parametrize("shape", [(20,), (3, 12)])
def test_n_grams(tmp_path: Path, mode: str, lengths: tuple[int, int], skips: int, shape: tuple[int, ...]) -> None:
    attributes: dict[str, Any] = {
        "mode": mode,
        "min_gram_length": lengths[0],
        "max_gram_length": lengths[1],
        "max_skip_count": skips,
        "ngram_counts": [0, 3],
        "ngram_indexes": [4, 1, 2, 3, 0],
        "pool_int64s": [1, 2, 5, 1, 2, 3, 4],
        "weights": [0.5, 1.0, 2.0, 3.0, 4.0],
    }
    agrees(one("TfIdfVectorizer", shape, code=INT64, types={"y": FLOAT}, **attributes), tmp_path)
