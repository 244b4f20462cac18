"""Walk the nodes of a model in order: fold what is constant, convert the rest to IR operators."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from onnx import AttributeProto, ModelProto, NodeProto, checker

from edgec.errors import EdgecError
from edgec.frontend import (
    axis,
    binary,
    conv,
    conversion,
    einsum,
    indexing,
    integer_products,
    loss,
    matmul,
    movement,
    normalization,
    padding,
    pooling,
    quantization,
    recurrent,
    reduction,
    resize,
    sampling,
    shape,
    slicing,
    spectral,
    unary,
)
from edgec.frontend.bindings import Shape, bound_constants, input_types
from edgec.frontend.folding import NOT_FOLDED, fold
from edgec.frontend.inference import infer_outputs
from edgec.frontend.node import Constant, Node
from edgec.frontend.reading import default_opset
from edgec.frontend.registry import ANY_TYPE, CONVERTERS
from edgec.frontend.tensors import element_type, to_array
from edgec.ir import Array, DType, Graph, Value

FAMILIES = (
    axis,
    binary,
    conv,
    conversion,
    einsum,
    indexing,
    integer_products,
    loss,
    matmul,
    movement,
    normalization,
    padding,
    pooling,
    quantization,
    recurrent,
    reduction,
    resize,
    sampling,
    shape,
    slicing,
    spectral,
    unary,
)
"""Modules whose converters are registered by importing them."""


@dataclass(frozen=True)
class Absent:
    """An output that was not computed: ``reason`` is None if its node failed, which is then reported already.

    ``constant`` says that it would have been folded, as what is computed from it would be.
    """

    reason: EdgecError | None = None
    constant: bool = False


def import_graph(
    model: ModelProto,
    path: Path,
    shapes: Mapping[str, Shape],
    dims: Mapping[str, int],
    constants: Mapping[str, Array],
) -> Graph:
    """The graph of a model read from ``path``; raises EdgecError, for unsupported operators one that lists them all."""
    return _Importer(model, path).run(shapes, dims, constants)


def converted(node: Node) -> Sequence[Value | Array]:
    """The outputs of a node by its converter; 16-bit floats are computed with as float32 and rounded at its end."""
    proto = node.proto
    if not any(map(_is_half, node.inputs)) or proto.op_type in ANY_TYPE:
        result = CONVERTERS[proto.op_type](node)
        return [result] if isinstance(result, Value | np.ndarray) else result
    try:
        types = infer_outputs(node)
    except (RuntimeError, ValueError) as error:
        raise node.error(str(error).strip().split("\n")[0], "check the model with onnx.checker.check_model") from error
    wide = replace(node, inputs=[_widened(node, o) for o in node.inputs])
    results = converted(wide)
    stored = [types[name].tensor_type.elem_type if name in types else 0 for name in proto.output]
    return [
        node.cast(r, element_type(code, node.where))
        if isinstance(r, Value) and code and r.type.dtype is DType.F32
        else r
        for r, code in zip(results, stored, strict=False)
    ]


def _is_half(operand: Value | Constant | None) -> bool:
    if isinstance(operand, Constant):
        return operand.data.dtype in (DType.F16.numpy, DType.BF16.numpy)
    return operand is not None and operand.type.dtype.is_half


def _widened(node: Node, operand: Value | Constant | None) -> Value | Constant | None:
    if operand is None or not _is_half(operand):
        return operand
    if isinstance(operand, Value):
        return node.cast(operand, DType.F32)
    return Constant(operand.name, operand.data.astype(np.float32))


class _Importer:
    def __init__(self, model: ModelProto, path: Path) -> None:
        self.model, self.path = model, path
        self.opset = default_opset(model) or 0
        self.graph = Graph(_identifier(path.stem))
        self.tensors: dict[str, Value | Constant | Absent] = {}
        self.unsupported: dict[str, list[str]] = {}
        self.failures: list[EdgecError] = []
        self.checker = checker.C.CheckerContext()
        self.checker.ir_version = model.ir_version
        self.checker.opset_imports = {"": self.opset}

    def run(self, shapes: Mapping[str, Shape], dims: Mapping[str, int], constants: Mapping[str, Array]) -> Graph:
        graph = self.model.graph
        if graph.sparse_initializer:
            raise self.error("has sparse initializers", "store the weights as dense tensors")
        initializers = {t.name for t in graph.initializer}
        # An initializer among the inputs (as IR version 3 demanded) is a constant, unless the user binds it.
        inputs = [i for i in graph.input if i.name not in initializers or i.name in shapes]
        for name, data in bound_constants(inputs, str(self.path), constants).items():
            self.define(name, Constant(name, data))
        inputs = [i for i in inputs if i.name not in constants]
        for name, type in input_types(graph, inputs, str(self.path), shapes, dims).items():
            self.define(name, self.graph.input(name, type))
        if len(self.graph.inputs) != len(inputs):
            raise self.error("has two inputs of the same name", "export the model again")
        for tensor in graph.initializer:
            if tensor.name not in shapes:
                where = f"{self.path}: initializer {tensor.name!r}"
                self.define(tensor.name, Constant(tensor.name, to_array(tensor, self.path.parent, where)))
        for node in graph.node:
            self.node(node)
        self.report()
        self.finish()
        return self.graph

    def error(self, what: str, hint: str) -> EdgecError:
        return EdgecError(str(self.path), what, hint)

    def define(self, name: str, tensor: Value | Constant | Absent) -> None:
        if name in self.tensors:
            raise self.error(f"tensor {name!r} is defined twice", "export the model again")
        self.tensors[name] = tensor

    def node(self, proto: NodeProto) -> None:
        """Convert one node and bind its outputs; a failure is kept, so that all unsupported operators are found."""
        outputs: list[Value | Constant | Absent] = []
        try:
            outputs = self.convert(proto)
        except EdgecError as error:
            self.failures.append(error)
            outputs = self.failed(proto)
        for position, name in enumerate(proto.output):
            if not name:
                continue
            if position < len(outputs):
                self.define(name, outputs[position])
                continue
            reason = EdgecError(
                f"{self.path}: {proto.op_type} {proto.name or proto.output[0]!r}",
                f"its output {position} ({name!r}) is used, which edgec does not compute",
                "export the model for inference, without that output",
            )
            self.define(name, Absent(reason))

    def convert(self, proto: NodeProto) -> list[Value | Constant | Absent]:
        operands: list[Value | Constant | None] = []
        failed = False
        for name in proto.input:
            operand = self.lookup(name, f"{self.path}: {proto.op_type} {proto.name or name!r}") if name else None
            if isinstance(operand, Absent):
                failed = True
            else:
                operands.append(operand)
        foldable = all(isinstance(o, Constant | None) for o in operands) and any(proto.input) and not failed
        standard = not proto.domain and not _has_subgraph(proto)
        supported = proto.op_type in CONVERTERS
        if failed and (supported or self.constant(proto)):
            return self.failed(proto)
        if not standard or not (supported or (foldable and proto.op_type not in NOT_FOLDED)):
            return self.refuse(proto)
        node = Node(proto, self.opset, operands, self.graph, self.path)
        try:
            checker.check_node(proto, self.checker)
        except checker.ValidationError as error:
            if supported:
                what = str(error).strip().split("\n")[0]
                raise node.error(f"is not valid ONNX: {what}", "export the model again") from error
            return self.refuse(proto)
        if foldable and proto.op_type not in NOT_FOLDED:
            names = [n for n in proto.output if n]
            folded = dict(zip(names, fold(node), strict=True))
            return [Constant(n, folded[n]) if n else Absent() for n in proto.output]
        return [
            r if isinstance(r, Value) else Constant(name, r)
            for name, r in zip(proto.output, converted(node), strict=False)
        ]

    def lookup(self, name: str, where: str) -> Value | Constant | Absent:
        if name not in self.tensors:
            raise EdgecError(
                where,
                f"reads {name!r}, which no input, initializer or earlier node gives",
                "the nodes must be sorted and acyclic: check the model with onnx.checker.check_model",
            )
        tensor = self.tensors[name]
        if isinstance(tensor, Absent) and tensor.reason is not None:
            raise tensor.reason
        return tensor

    def refuse(self, proto: NodeProto) -> list[Value | Constant | Absent]:
        local = any((f.domain, f.name) == (proto.domain, proto.op_type) for f in self.model.functions)
        domain = f"{proto.domain}." if proto.domain else ""
        label = f"{domain}{proto.op_type}" + (" (model-local function)" if local else "")
        self.unsupported.setdefault(label, []).append(proto.name or next(iter(proto.output), "?"))
        return self.failed(proto)

    def constant(self, proto: NodeProto) -> bool:
        """Whether a node's outputs are, or would be if nothing had failed, known at import."""
        operands = [self.tensors.get(name) for name in proto.input if name]
        known = [isinstance(o, Constant) or (isinstance(o, Absent) and o.constant) for o in operands]
        return proto.op_type in ("Shape", "Size") or (bool(known) and all(known))

    def failed(self, proto: NodeProto) -> list[Value | Constant | Absent]:
        return [Absent(constant=self.constant(proto))] * len(proto.output)

    def report(self) -> None:
        """Raise what went wrong: all unsupported operators in one error, else the first failure."""
        if self.unsupported:
            listed = [f"{op} ({_some(nodes)})" for op, nodes in sorted(self.unsupported.items())]
            functions = any("model-local" in op for op in self.unsupported)
            raise self.error(
                f"uses unsupported operators: {', '.join(listed)}",
                ("inline functions with onnx.inliner.inline_local_functions; " if functions else "")
                + f"express the model in supported operators: {', '.join(sorted(CONVERTERS))}",
            )
        if self.failures:
            raise self.failures[0]

    def finish(self) -> None:
        """Return the outputs, each under its ONNX name."""
        outputs: dict[str, Value] = {}
        for info in self.model.graph.output:
            tensor = self.lookup(info.name, f"{self.path}: output {info.name!r}")
            assert not isinstance(tensor, Absent)
            if info.name in outputs:
                raise self.error(f"output {info.name!r} is listed twice", "export the model again")
            if isinstance(tensor, Constant):
                output = Node(NodeProto(op_type="output", name=info.name), self.opset, [tensor], self.graph, self.path)
                outputs[info.name] = output.value(0)
                continue
            if tensor.producer is not None and tensor not in outputs.values():
                tensor.name = self.graph.fresh(info.name)
            outputs[info.name] = tensor
        if not outputs:
            raise self.error("has no outputs", "name the tensors to compute as outputs of the graph")
        self.graph.returns(outputs)


def _has_subgraph(proto: NodeProto) -> bool:
    return any(a.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS) for a in proto.attribute)


def _some(names: list[str], limit: int = 3) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def _identifier(stem: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]+", "_", stem)
    return name if re.match(r"[A-Za-z_]", name) else f"model_{name}"
