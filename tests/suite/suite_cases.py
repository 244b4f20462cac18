"""ONNX's backend suite as data: each case a model, its inputs and the outputs that the suite expects.

Nothing here knows edgec: what counts as a static numeric case is said of the case itself.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, load, numpy_helper
from onnx.backend.test.loader import load_model_tests

GROUPS = ("simple", "pytorch-operator", "pytorch-converted")
"""Groups of whole models in onnx's wheel; the group of the generated cases is ``node``."""

SHAPE_BY_DATA = "output shape depends on data"
SEQUENCE = "sequence or optional"
STRING = "string"
RANDOM = "random or training"
PREVIEW = "preview or ML domain"

# Operator -> why a case that uses it is not a static numeric one, whatever its types.
_OPERATORS = {
    **dict.fromkeys(("NonZero", "Unique", "Compress", "NonMaxSuppression", "ImageDecoder"), SHAPE_BY_DATA),
    **dict.fromkeys(("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"), RANDOM),
    **dict.fromkeys(("Multinomial", "Bernoulli"), RANDOM),
    **dict.fromkeys(("StringConcat", "StringNormalizer", "StringSplit", "RegexFullMatch"), STRING),
    **dict.fromkeys(("ConcatFromSequence", "SplitToSequence"), SEQUENCE),
}

_SEQUENCE_PREFIXES = ("Sequence", "Optional")


@dataclass(frozen=True, eq=False)
class Case:
    """One case; ``inputs`` by name and ``outputs`` in order are arrays, but lists or None where they are no tensors.

    ``operator`` is the one that the case tests (of a whole model its group), ``outside`` says why the case is not a
    static numeric one (None for those that are).
    """

    name: str
    group: str
    model: ModelProto
    inputs: dict[str, Any]
    outputs: list[Any]
    rtol: float
    atol: float
    operator: str
    outside: str | None

    @property
    def dtypes(self) -> list[str]:
        """Element types of inputs and outputs, in ONNX's names, in order, each once."""
        ports = [*self.model.graph.input, *self.model.graph.output]
        codes = dict.fromkeys(p.type.tensor_type.elem_type for p in ports if p.type.HasField("tensor_type"))
        return [TensorProto.DataType.Name(c).lower() for c in codes]


@cache
def collect() -> tuple[Case, ...]:
    """All cases of the installed onnx package, in the suite's order. The node cases are generated, from fixed seeds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, from cases that overflow on purpose
        from onnx.backend.test.case.node import collect_testcases

        generated: list[Any] = collect_testcases(None)
    models: dict[str, ModelProto] = {c.name: c.model for c in generated}
    cases = []
    for raw in generated:
        ((inputs, outputs),) = raw.data_sets
        cases.append(_case(raw, raw.name, raw.model, inputs, outputs, _tested(raw.name, models)))
    for group in GROUPS:
        for raw in load_model_tests(kind=group):
            folder = Path(str(raw.model_dir))
            (data,) = folder.glob("test_data_set_*")
            inputs, outputs = ([_read(f) for f in _numbered(data, kind)] for kind in ("input", "output"))
            cases.append(_case(raw, f"{group}/{raw.name}", load(folder / "model.onnx"), inputs, outputs, group))
    return tuple(cases)


def _case(raw: Any, name: str, model: ModelProto, inputs: Any, outputs: Any, operator: str) -> Case:
    initializers = {t.name for t in model.graph.initializer}
    names = [i.name for i in model.graph.input]
    if len(names) != len(inputs):  # of IR version 3: initializers stand among the inputs
        names = [n for n in names if n not in initializers]
    named = {n: _array(data) for n, data in zip(names, inputs, strict=True)}
    expected = [_array(data) for data in outputs]
    outside = _outside(model)
    return Case(name, raw.kind, _bind(model, named), named, expected, raw.rtol, raw.atol, operator, outside)


def _bind(model: ModelProto, inputs: Mapping[str, Any]) -> ModelProto:
    """The model with the shapes that its inputs have in this case, where it leaves dimensions open."""
    bound = ModelProto()
    bound.CopyFrom(model)
    for info in bound.graph.input:
        data = inputs.get(info.name)
        if isinstance(data, np.ndarray) and info.type.HasField("tensor_type"):
            shape = info.type.tensor_type.shape
            if not info.type.tensor_type.HasField("shape") or any(not d.HasField("dim_value") for d in shape.dim):
                shape.Clear()
                shape.SetInParent()
                for extent in data.shape:
                    shape.dim.add().dim_value = extent
    return bound


def _tested(name: str, models: Mapping[str, ModelProto]) -> str:
    """The operator that a node case tests: of an expanded function the one that it defines."""
    base = name.partition("_expanded")[0]
    nodes = models[base if base in models else name].graph.node
    flat = base.removeprefix("test_").replace("_", "")
    named = [n.op_type for n in nodes if flat.startswith(n.op_type.lower())]
    return str(max(named, key=len, default=nodes[-1].op_type))


def _outside(model: ModelProto) -> str | None:
    """Why a model is not a static numeric one; of several reasons the one that a report should name."""
    reasons = set()
    for node in nodes(model.graph):
        if node.domain not in ("", "ai.onnx"):
            reasons.add(PREVIEW)
        if node.op_type in _OPERATORS:
            reasons.add(_OPERATORS[node.op_type])
        if node.op_type.startswith(_SEQUENCE_PREFIXES):
            reasons.add(SEQUENCE)
        if (node.op_type == "Dropout" and len(node.input) > 2) or _integer(node, "training_mode"):
            reasons.add(RANDOM)
    for port in [*model.graph.input, *model.graph.output]:
        if not port.type.HasField("tensor_type"):
            reasons.add(SEQUENCE)
        elif port.type.tensor_type.elem_type == TensorProto.STRING:
            reasons.add(STRING)
    return next((r for r in (PREVIEW, SEQUENCE, STRING, RANDOM, SHAPE_BY_DATA) if r in reasons), None)


def nodes(graph: GraphProto) -> Iterator[NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs] if attribute.type in _GRAPHS else []:
                yield from nodes(inner)


_GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


def _integer(node: NodeProto, name: str) -> int:
    return next((a.i for a in node.attribute if a.name == name), 0)


def _numbered(folder: Path, kind: str) -> Sequence[Path]:
    return sorted(folder.glob(f"{kind}_*.pb"), key=lambda f: int(f.stem.rpartition("_")[2]))


def _read(path: Path) -> Any:
    tensor = TensorProto()
    try:
        tensor.ParseFromString(path.read_bytes())
        return numpy_helper.to_array(tensor)
    except Exception:  # a sequence, an optional: no case that can be run needs it
        return None


def _array(data: Any) -> NDArray[Any] | list[Any] | None:
    if isinstance(data, TensorProto):
        return numpy_helper.to_array(data)
    return data if data is None or isinstance(data, list) else np.asarray(data)
