"""Walk the nodes of a model in order: fold what is constant, convert the rest to IR operators, expand functions.

A node that fails is noted, and stands for results of the types that ONNX infers, so that what follows is read, too:
the model's problems are told all at once.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TypeProto, checker, defs, helper

from edgec.errors import EdgecError
from edgec.frontend import (
    axis,
    binary,
    control,
    conv,
    conversion,
    einsum,
    indexing,
    integer_products,
    loss,
    matmul,
    movement,
    ngrams,
    normalization,
    padding,
    pooling,
    qoperator,
    quantization,
    recurrent,
    reduction,
    resize,
    sampling,
    sequences,
    shape,
    slicing,
    spectral,
    unary,
)
from edgec.frontend.bindings import Shape, bound_constants, input_types
from edgec.frontend.folding import NOT_FOLDED, OWN, fold
from edgec.frontend.functions import MAX_DEPTH, instantiated, local_defaults, local_functions, schema_function
from edgec.frontend.halves import converted
from edgec.frontend.inference import infer_outputs, infer_types, static_type
from edgec.frontend.node import LARGEST, Caller, Constant, EmptyTensorError, Node, NodeError, qualified
from edgec.frontend.problems import Problems, of_node, unsupported
from edgec.frontend.registry import CONVERTERS
from edgec.frontend.scope import Scope, Tensor, TensorList, Unknown
from edgec.frontend.structure import MAX_NODES, STRUCTURAL, Call, TooLargeError
from edgec.frontend.tensors import to_array
from edgec.ir import Array, Graph, Value
from edgec.ir.interp import run

FAMILIES = (
    axis,
    binary,
    control,
    conv,
    conversion,
    einsum,
    indexing,
    integer_products,
    loss,
    matmul,
    movement,
    ngrams,
    normalization,
    padding,
    pooling,
    qoperator,
    quantization,
    recurrent,
    reduction,
    resize,
    sampling,
    sequences,
    shape,
    slicing,
    spectral,
    unary,
)
"""Modules whose converters are registered by importing them."""


def import_graph(
    model: ModelProto,
    path: Path,
    shapes: Mapping[str, Shape],
    dims: Mapping[str, int],
    constants: Mapping[str, Array],
) -> Graph:
    """The graph of a model read from ``path``; raises UnsupportedModelError with all that is in the way."""
    return Importer(model, path).run(shapes, dims, constants)


class Importer:
    """One model on its way to a graph (a ``structure.Walker``)."""

    def __init__(self, model: ModelProto, path: Path) -> None:
        self.model, self.path = model, path
        self.graph = Graph(_identifier(path.stem))
        self.functions = local_functions(model)
        self.problems = Problems(path)
        self._expanded = 0
        self._unrounded: dict[Value, Value] = {}
        self._checkers: dict[int, checker.C.CheckerContext] = {}

    def run(self, shapes: Mapping[str, Shape], dims: Mapping[str, int], constants: Mapping[str, Array]) -> Graph:
        """The graph of the whole model."""
        graph = self.model.graph
        scope = Scope({o.domain: o.version for o in self.model.opset_import})
        initializers = {t.name for t in graph.initializer}
        # An initializer among the inputs (as IR version 3 demanded) is a constant, unless the user binds it.
        inputs = [i for i in graph.input if i.name not in initializers or i.name in shapes]
        bound = bound_constants(inputs, str(self.path), constants)
        for name, data in bound.items():
            self.define(scope, name, Constant(name, data))
        inputs = [i for i in inputs if i.name not in bound]
        for name, type in input_types(inputs, str(self.path), shapes, dims).items():
            if isinstance(type, EdgecError):
                self.problems.add(of_node(type, self.path, "input", name))
                self.define(scope, name, Unknown())
            else:
                self.define(scope, name, self.graph.input(name, type))
        if len({i.name for i in inputs}) != len(inputs):
            raise self.error("has two inputs of the same name", "export the model again")
        self.initialize(graph, scope, shapes)
        self.walk(graph.node, scope)
        self.problems.report()
        self.finish(scope)
        return self.graph

    def error(self, what: str, hint: str) -> EdgecError:
        """An error of the model as a whole."""
        return EdgecError(str(self.path), what, hint)

    def problem_count(self) -> int:
        """How many problems there are up to here."""
        return len(self.problems)

    def define(self, scope: Scope, name: str, tensor: Tensor) -> None:
        """Give a name its meaning, once."""
        if name in scope.tensors:
            raise self.error(f"tensor {name!r} is defined twice", "export the model again")
        scope.tensors[name] = tensor

    def initialize(self, graph: GraphProto, scope: Scope, bound: Mapping[str, Any] | None = None) -> None:
        """Define the initializers of a graph, but for those that are ``bound`` as inputs."""
        if graph.sparse_initializer:
            raise self.error("has sparse initializers", "store the weights as dense tensors")
        for tensor in graph.initializer:
            if bound and tensor.name in bound:
                continue
            try:
                where = f"{self.path}: initializer {tensor.name!r}"
                constant: Tensor = Constant(tensor.name, to_array(tensor, self.path.parent, where))
            except EdgecError as error:
                self.problems.add(of_node(error, self.path, "initializer", tensor.name))
                constant = Unknown(constant=True)
            self.define(scope, tensor.name, constant)

    # --- nodes -----------------------------------------------------------------------------------------------------

    def walk(self, nodes: Sequence[NodeProto], scope: Scope) -> None:
        """Import nodes in order and bind their outputs; what fails is noted."""
        for proto in nodes:
            try:
                outputs = self.imported(proto, scope)
            except EdgecError as error:
                if isinstance(error, TooLargeError) and scope.depth:
                    raise
                caller = scope.caller or _caller(proto)
                self.problems.add(of_node(error, self.path, caller.operator, caller.name))
                outputs = self.failed(proto, scope)
            for position, name in enumerate(proto.output):
                if name:
                    missing = Unknown(_not_computed(self.path, scope.caller or _caller(proto), position, name))
                    self.define(scope, name, outputs[position] if position < len(outputs) else missing)

    def imported(self, proto: NodeProto, scope: Scope) -> Sequence[Tensor]:
        """The outputs of a node."""
        self._expanded += scope.depth > 0
        if self._expanded > MAX_NODES:
            what = f"unrolls to more than {MAX_NODES} nodes"
            raise TooLargeError(str(self.path), what, "let its loops take fewer iterations")
        operands = [self.lookup(proto, name, scope) if name else None for name in proto.input]
        if any(name and operand is None for name, operand in zip(proto.input, operands, strict=True)):
            # Optional operands of a function that a call leaves out.
            given = [n if operand is not None else "" for n, operand in zip(proto.input, operands, strict=True)]
            proto = _copy(proto)
            proto.input[:] = given
        return self.dispatch(proto, operands, scope)

    def dispatch(self, proto: NodeProto, operands: Sequence[Tensor], scope: Scope) -> Sequence[Tensor]:
        """The outputs of a node with these operands, by what is first known of its operator."""
        local = self.functions.get((proto.domain, proto.op_type))
        if local is not None:
            return self.expand(local, local_defaults(local), proto, operands, scope)
        known = not any(isinstance(o, Unknown) for o in operands)
        tensors = [o if isinstance(o, Value | Constant) else None for o in operands]
        node = Node(proto, scope.opset, tensors, self.graph, self.path, scope.caller)
        standard = not proto.domain
        if qualified(proto) in STRUCTURAL:
            if not known:
                return self.survey(node, scope) if _graphs(proto) else self.failed(proto, scope)
            self.check(node, scope)
            return STRUCTURAL[qualified(proto)](Call(self, node, operands, scope))
        supported = standard and proto.op_type in CONVERTERS
        if not known and (supported or self.constant(proto, scope)):
            return self.failed(proto, scope)
        if standard and known:
            if any(isinstance(o, TensorList) for o in operands):
                raise node.error("reads a sequence", "concatenate its tensors, or take one of them")
            foldable = all(isinstance(o, Constant | None) for o in operands) and any(proto.input)
            if foldable and proto.op_type not in NOT_FOLDED and defs.has(proto.op_type):
                self.check(node, scope)
                names = [n for n in proto.output if n]
                own = self.evaluated(node) if supported else None
                folded = dict(zip(names, fold(node) if own is None else own, strict=True))
                return [Constant(n, folded[n]) if n else None for n in proto.output]
            if supported:
                self.check(node, scope)
                return self.convert(node)
        body = schema_function(proto, scope.opsets, operands)
        if body is not None:
            return self.expand(*body, proto, operands, scope)
        raise node.error(*unsupported(proto.domain, proto.op_type))

    def evaluated(self, node: Node) -> list[Array] | None:
        """The outputs of a node of constants by edgec's own meaning of its operator; None if that does not do.

        ONNX's evaluator is wrong about many forms of windows, normalizations and recurrent layers.
        """
        if node.proto.op_type not in OWN:
            return None
        scratch = Graph("fold")
        # A constant remembers the value that it became in its graph.
        operands = [Constant(o.name, o.data) if isinstance(o, Constant) else None for o in node.inputs]
        twin = Node(node.proto, node.opset, operands, scratch, node.path, node.caller)
        try:
            results = converted(twin, {})
        except EmptyTensorError:
            return None
        if len(results) < len([n for n in node.proto.output if n]) or not all(isinstance(r, Value) for r in results):
            return None
        names = [n for n in node.proto.output if n]
        given = {n: r for n, r in zip(node.proto.output, results, strict=False) if n and isinstance(r, Value)}
        scratch.returns(given)
        arrays = run(scratch, {})
        return [arrays[n] for n in names]

    def convert(self, node: Node) -> Sequence[Tensor]:
        """The outputs of a node by its converter; of results without elements nothing but the shape is needed."""
        try:
            results = converted(node, self._unrounded)
        except EmptyTensorError:
            if (empty := _empty_outputs(node)) is not None:
                return empty
            if not any(isinstance(o, Value) for o in node.inputs):
                raise
            what = "has an operand without elements, and its other operands are not constant"
            raise node.error(what, "give the small ones as constants (--bind)") from None
        except (MemoryError, OverflowError) as error:
            raise node.error(f"has extents or attributes that are too large: {error}", "check the model") from error
        return [
            r if isinstance(r, Value) else Constant(name, r)
            for name, r in zip(node.proto.output, results, strict=False)
        ]

    def expand(
        self,
        function: FunctionProto,
        defaults: Mapping[str, AttributeProto],
        proto: NodeProto,
        operands: Sequence[Tensor],
        scope: Scope,
    ) -> Sequence[Tensor]:
        """The outputs of a function, its nodes imported in the place of the call."""
        if scope.depth >= MAX_DEPTH:
            hint = "functions must not call themselves, directly or by others"
            raise TooLargeError(str(self.path), f"nests functions deeper than {MAX_DEPTH}", hint)
        opsets = {**scope.opsets, **{o.domain: o.version for o in function.opset_import}}
        inner = Scope(opsets, None, scope.caller or _caller(proto), scope.depth + 1)
        given = [*operands, *[None] * (len(function.input) - len(operands))]
        inner.tensors.update(zip(function.input, given, strict=False))
        self.walk(instantiated(function, proto, defaults), inner)
        return [inner.tensors.get(name, Unknown()) for name in function.output]

    def apply(self, call: Call, operator: str, *operands: Tensor, **attributes: Any) -> Tensor:
        """The first result of an ONNX operator of opset 21, folded if the operands are constant."""
        names = ["" if operand is None else f"operand{i}" for i, operand in enumerate(operands)]
        proto = helper.make_node(operator, names, ["result"], **attributes)
        caller = call.node.caller or _caller(call.node.proto)
        return self.dispatch(proto, operands, Scope({"": 21}, None, caller, call.scope.depth + 1))[0]

    def lookup(self, proto: NodeProto, name: str, scope: Scope) -> Tensor:
        """What an operand's name stands for."""
        try:
            tensor = scope.find(name)
        except KeyError:
            raise EdgecError(
                f"{self.path}: {proto.op_type} {proto.name or name!r}",
                f"reads {name!r}, which no input, initializer or earlier node gives",
                "the nodes must be sorted and acyclic: check the model with onnx.checker.check_model",
            ) from None
        if isinstance(tensor, Unknown) and tensor.reason is not None:
            raise tensor.reason
        return tensor

    def check(self, node: Node, scope: Scope) -> None:
        """Raise an error if a node is not as the schema of its opset says; the graphs in it are looked at elsewhere.

        Operators of other domains have none here: those that they are made of are checked.
        """
        if node.proto.domain:
            return
        context = self._checkers.get(scope.opset)
        if context is None:
            context = self._checkers[scope.opset] = checker.C.CheckerContext()
            context.ir_version = self.model.ir_version
            context.opset_imports = {"": scope.opset}
        proto = node.proto
        if _graphs(proto):
            proto = _copy(proto)
            for attribute in proto.attribute:
                if attribute.type == AttributeProto.GRAPH:
                    attribute.g.CopyFrom(GraphProto(name="g"))
        try:
            checker.check_node(proto, context)
        except checker.ValidationError as error:
            if not defs.has(proto.op_type):
                raise node.error(*unsupported("", proto.op_type)) from None
            what = str(error).strip().split("\n")[0]
            raise node.error(f"is not valid ONNX: {what}", "export the model again") from error

    # --- failures --------------------------------------------------------------------------------------------------

    def constant(self, proto: NodeProto, scope: Scope) -> bool:
        """Whether a node's outputs are, or would be if nothing had failed, known at import."""
        operands = [_found(scope, name) for name in proto.input if name]
        known = [isinstance(o, Constant) or (isinstance(o, Unknown) and o.constant) for o in operands]
        return proto.op_type in ("Shape", "Size") or (bool(known) and all(known))

    def failed(self, proto: NodeProto, scope: Scope) -> Sequence[Tensor]:
        """Stand-ins for the outputs of a node that failed, of the types that ONNX infers for them."""
        if self.constant(proto, scope):
            return [Unknown(constant=True)] * len(proto.output)
        types: Mapping[str, TypeProto] = {}
        if not proto.domain and defs.has(proto.op_type) and not _graphs(proto):
            operands = [_found(scope, name) if name else None for name in proto.input]
            with suppress(RuntimeError, ValueError, defs.SchemaError):
                types = infer_types(proto, scope.opset, operands)
        outputs: list[Tensor] = []
        for name in proto.output:
            type = static_type(types.get(name))
            fits = type is not None and 0 < type.elements < LARGEST
            outputs.append(Value(name, type) if type is not None and fits else Unknown(type=types.get(name)))
        return outputs

    def survey(self, node: Node, scope: Scope) -> Sequence[Tensor]:
        """Look for problems in the graphs of a node whose operands are not known."""
        for graph in _graphs(node.proto):
            inner = scope.inner()
            inner.tensors.update((i.name, Unknown()) for i in graph.input)
            self.initialize(graph, inner)
            self.walk(graph.node, inner)
        return [Unknown()] * len(node.proto.output)

    # --- the end ---------------------------------------------------------------------------------------------------

    def finish(self, scope: Scope) -> None:
        """Return the outputs, each under its ONNX name."""
        outputs: dict[str, Value] = {}
        for info in self.model.graph.output:
            proto = NodeProto(op_type="output", name=info.name)
            tensor = self.lookup(proto, info.name, scope)
            node = Node(proto, scope.opset, [tensor if isinstance(tensor, Constant) else None], self.graph, self.path)
            if info.name in outputs:
                raise self.error(f"output {info.name!r} is listed twice", "export the model again")
            if isinstance(tensor, Constant):
                if not tensor.data.size:
                    what = f"{list(tensor.data.shape)} has no elements: it is empty, whatever the inputs are"
                    raise node.error(what, "leave it out of the model's outputs")
                outputs[info.name] = node.value(0)
                continue
            if not isinstance(tensor, Value):
                raise node.error("is a sequence or an optional", "let the model return its tensors one by one")
            if tensor.producer is not None and tensor not in outputs.values():
                tensor.name = self.graph.fresh(info.name)
            outputs[info.name] = tensor
        if not outputs:
            raise self.error("has no outputs", "name the tensors to compute as outputs of the graph")
        self.graph.returns(outputs)


def _caller(proto: NodeProto) -> Caller:
    """A node as errors name it."""
    return Caller(qualified(proto), proto.name or next(filter(None, proto.output), "?"))


def _not_computed(path: Path, node: Caller, position: int, name: str) -> NodeError:
    what = f"its output {position} ({name!r}) is used, which edgec does not compute"
    return NodeError(path, node.operator, node.name, what, "export the model for inference, without that output")


def _empty_outputs(node: Node) -> list[Tensor] | None:
    """The outputs of a node if none of them has elements, else None."""
    try:
        inferred = infer_outputs(node)
    except (RuntimeError, ValueError):
        return None
    types = [static_type(inferred.get(name)) if name else None for name in node.proto.output]
    if any(name and (t is None or t.elements) for name, t in zip(node.proto.output, types, strict=True)):
        return None
    return [
        None if type is None else Constant(name, np.empty(type.shape, type.dtype.numpy))
        for name, type in zip(node.proto.output, types, strict=True)
    ]


def _found(scope: Scope, name: str) -> Tensor:
    try:
        return scope.find(name)
    except KeyError:
        return Unknown()


def _graphs(proto: NodeProto) -> list[GraphProto]:
    found = [a.g for a in proto.attribute if a.type == AttributeProto.GRAPH]
    return found + [g for a in proto.attribute if a.type == AttributeProto.GRAPHS for g in a.graphs]


def _copy(proto: NodeProto) -> NodeProto:
    copy = NodeProto()
    copy.CopyFrom(proto)
    return copy


def _identifier(stem: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]+", "_", stem)
    return name if re.match(r"[A-Za-z_]", name) else f"model_{name}"
