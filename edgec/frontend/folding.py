"""Evaluation, at import, of nodes whose operands are all constant: the shape arithmetic that exporters leave behind.

ONNX's own reference evaluator computes them; ONNX's shape inference says beforehand how large the result will be.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
from onnx import ValueInfoProto, helper

from edgec.errors import EdgecError
from edgec.frontend.inference import infer_outputs
from edgec.frontend.node import Constant, Node
from edgec.frontend.tensors import LIMIT_BYTES
from edgec.ir import Array, DType

NOT_FOLDED = {"Bernoulli", "Dropout", "Multinomial", "RandomNormalLike", "RandomUniformLike", "DequantizeLinear"}
"""What depends on chance; and what says which integers weights are, for the passes that want to know."""

OWN = {
    *("AveragePool", "Conv", "ConvTranspose", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "MaxPool"),
    *("BatchNormalization", "GroupNormalization", "InstanceNormalization", "LRN", "LpNormalization"),
    *("GRU", "LSTM", "RNN", "GridSample", "Resize"),
    *("GatherElements", "OneHot", "Pad", "QuantizeLinear", "ScatterElements", "ScatterND"),
}
"""What ONNX's evaluator computes wrongly in some of its forms: edgec's own meaning of it counts."""

_BOUNDED = {"Compress", "NonMaxSuppression", "NonZero", "Unique"}
"""Results whose extents depend on data, but not beyond the size of the operands."""


def fold(node: Node) -> list[Array]:
    """The outputs of a node whose operands are all constants; raises EdgecError if they are too large or undefined."""
    # Only models with something to fold pay for importing the evaluator.
    from onnx.reference import ReferenceEvaluator

    if node.proto.op_type == "Range":
        return [_range(node)]
    constants = {n: o for n, o in zip(node.proto.input, node.inputs, strict=True) if isinstance(o, Constant)}
    _check_size(node)
    graph = helper.make_graph(
        [node.proto],
        "fold",
        [ValueInfoProto(name=name) for name in constants],
        [ValueInfoProto(name=name) for name in node.proto.output if name],
    )
    try:
        with np.errstate(all="ignore"):
            evaluator = ReferenceEvaluator(graph, opsets={"": node.opset})
            results = evaluator.run(None, {name: c.data for name, c in constants.items()})
    except Exception as error:  # the evaluator raises whatever NumPy or its own code raises
        raise _not_folded(node, str(error).strip().split("\n")[0]) from error
    arrays = [np.asarray(r) for r in results]
    if any(a.dtype.kind not in "biufV" for a in arrays):
        raise _not_folded(node, "its result is not a tensor of numbers")
    return arrays


def _range(node: Node) -> Array:
    """``start + i * delta`` up to a limit, in float64 or int64. ONNX's own functions give it vectors of one element."""
    arrays = [o.data for o in node.inputs if isinstance(o, Constant)]
    kinds = {node.dtype(a) for a in arrays}
    if any(a.size != 1 for a in arrays) or len(arrays) != 3 or len(kinds) != 1 or DType.BOOL in kinds:
        raise _not_folded(node, "start, limit and delta are not one number each, of one type")
    integral = arrays[0].dtype.kind in "iu"
    start, limit, delta = ((int if integral else float)(a.reshape(())) for a in arrays)
    if delta == 0 or not np.isfinite([start, limit, delta]).all():
        raise _not_folded(node, f"it goes from {start} to {limit} by {delta}")
    count = max(0, -int((start - limit) // delta))
    _check_bytes(node, [count], arrays[0].itemsize)
    return (start + np.arange(count) * delta).astype(arrays[0].dtype)


def _check_size(node: Node) -> None:
    try:
        inferred = infer_outputs(node)
    except (RuntimeError, ValueError) as error:
        raise _not_folded(node, str(error).strip().split("\n")[0]) from error
    for name in filter(None, node.proto.output):
        dims = inferred[name].tensor_type.shape.dim if name in inferred else []
        known = name in inferred and inferred[name].tensor_type.HasField("shape")
        if known and all(d.HasField("dim_value") for d in dims):
            extents = [d.dim_value for d in dims]
            width = helper.tensor_dtype_to_np_dtype(inferred[name].tensor_type.elem_type).itemsize
            _check_bytes(node, extents, width)
        elif node.proto.op_type not in _BOUNDED:
            raise _not_folded(node, "the size of its result cannot be foreseen")


def _check_bytes(node: Node, extents: Sequence[int], width: int) -> None:
    # What is no larger than the model's own constants was paid for already.
    given = sum(o.data.nbytes for o in node.inputs if isinstance(o, Constant))
    if width * prod(extents) > max(LIMIT_BYTES, given):
        raise node.error(
            f"is constant, and its result {list(extents)} would take more than {LIMIT_BYTES >> 20} MB",
            "check the model: a constant of this size does not belong in one",
        )


def _not_folded(node: Node, why: str) -> EdgecError:
    return node.error(f"is constant, but cannot be evaluated: {why}", "simplify the model, or export it again")
