"""Tiny ONNX models for the tests, and their comparison with onnxruntime."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from edgec.frontend import load
from edgec.ir import Graph
from edgec.ir.interp import run

Array = NDArray[Any]


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> NodeProto:
    """A node; keyword arguments are its attributes, or ``name`` and ``domain``."""
    return helper.make_node(kind, inputs, outputs, **attributes)


def model(
    nodes: Sequence[NodeProto],
    inputs: Mapping[str, Sequence[int | str | None]],
    constants: Mapping[str, Any] | None = None,
    outputs: Sequence[str] = ("y",),
    opset: int = 17,
    types: Mapping[str, int] | None = None,
) -> ModelProto:
    """A model of float32 inputs (``types`` gives others); its outputs state no shape."""
    types = types or {}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(n, types.get(n, TensorProto.FLOAT), shape) for n, shape in inputs.items()],
        [helper.make_tensor_value_info(n, types.get(n, TensorProto.FLOAT), None) for n in outputs],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in (constants or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def imported(proto: ModelProto, folder: Path, **bindings: Any) -> Graph:
    """The graph of a model, through a file."""
    path = folder / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return load(path, **bindings)


def random_inputs(graph: Graph, low: float = -2.0, high: float = 2.0) -> dict[str, Array]:
    """Seeded inputs: normal floats between the limits, small integers from 1 on."""
    rng = np.random.default_rng(7)
    arrays = {}
    for value in graph.inputs:
        dtype = value.type.dtype.numpy
        array = rng.uniform(low, high, value.shape) if dtype.kind == "f" else rng.integers(1, 9, value.shape)
        arrays[value.name] = np.asarray(array).astype(dtype)
    return arrays


def agrees(proto: ModelProto, folder: Path, tolerance: float = 1e-5, low: float = -2.0, **bindings: Any) -> Graph:
    """Import, run in the interpreter, compare every output with onnxruntime's; returns the graph.

    ``tolerance`` is a share of the largest finite number that onnxruntime gives; what are not floats must be equal.
    """
    graph = imported(proto, folder, **bindings)
    inputs = random_inputs(graph, low)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    expected = session.run(graph.output_names, inputs)
    results = run(graph, inputs)
    for name, reference in zip(graph.output_names, expected, strict=True):
        assert results[name].shape == reference.shape
        assert results[name].dtype == reference.dtype
        if reference.dtype.kind != "f":
            np.testing.assert_array_equal(results[name], reference)
            continue
        span = float(np.abs(reference[np.isfinite(reference)]).max(initial=1e-6))
        np.testing.assert_allclose(results[name], reference, rtol=0, atol=tolerance * span)
    return graph


def weights(*shape: int, seed: int = 3) -> Array:
    """Seeded normal float32 numbers."""
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def ints(*values: int) -> Array:
    """An int64 vector."""
    return np.array(values, np.int64)
