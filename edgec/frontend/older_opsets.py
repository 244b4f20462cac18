"""Models from before the oldest opset that the importer reads, converted to it by ONNX's own converter."""

from pathlib import Path

from onnx import ModelProto, TensorProto, helper, shape_inference, version_converter

from edgec.errors import EdgecError

OLDEST_OPSET = 7
"""Before it, broadcasting and batch normalization meant something else."""

HINT = "export with another opset_version"


def convert(model: ModelProto, opset: int, path: Path) -> ModelProto:
    """The same model in the oldest opset that the importer knows; raises EdgecError where that fails."""
    if any(t.data_location == TensorProto.EXTERNAL for t in model.graph.initializer):
        raise EdgecError(str(path), f"is of opset {opset} and has external data, which together is not supported", HINT)
    try:
        converted = version_converter.convert_version(model, OLDEST_OPSET)
        ranks = _ranks(shape_inference.infer_shapes(converted))
    except Exception as error:  # the converter raises what its C++ says, of several types
        reason = str(error).strip().partition("\n")[0]
        raise EdgecError(
            str(path), f"is of opset {opset} and does not convert to {OLDEST_OPSET}: {reason}", HINT
        ) from error
    _align_slopes(converted, ranks, path)
    return converted


def _ranks(model: ModelProto) -> dict[str, int]:
    """Tensor -> rank, where it is known."""
    infos = [*model.graph.input, *model.graph.value_info, *model.graph.output]
    types = {i.name: i.type.tensor_type for i in infos}
    return {name: len(t.shape.dim) for name, t in types.items() if t.HasField("shape")}


def _align_slopes(model: ModelProto, ranks: dict[str, int], path: Path) -> None:
    """Lay the slopes of PRelu along axis 1, where they lay before they were broadcast: the converter lets them be."""
    nodes = []
    for node in model.graph.node:
        if node.op_type == "PRelu" and len(node.input) == 2 and node.output:
            x, slope = node.input
            if x not in ranks:
                where = f"{path}: PRelu {node.name or node.output[0]!r}"
                raise EdgecError(where, "has slopes of an opset before 7, for an operand of unknown rank", HINT)
            axes = list(range(1, ranks[x] - 1))
            if axes:
                node.input[1] = f"{slope} of {node.output[0]}"
                nodes.append(helper.make_node("Unsqueeze", [slope], [node.input[1]], axes=axes))
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
