"""Operators that hold graphs, work on lists of tensors, or are made of others: they direct the import.

They leave no operator of their own behind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from onnx import GraphProto, NodeProto

from edgec.errors import EdgecError
from edgec.frontend.node import Constant, Node
from edgec.frontend.scope import Scope, Tensor, TensorList, Unknown
from edgec.ir import TensorType, Value

MAX_NODES = 20_000
"""Nodes that loops and functions may unroll to."""


class TooLargeError(EdgecError):
    """Unrolling leads too far: it ends the import of the model's node that is being unrolled."""


class Walker(Protocol):
    """The part of the importer that structural operators use."""

    def walk(self, nodes: Sequence[NodeProto], scope: Scope) -> None:
        """Import nodes in order."""

    def initialize(self, graph: GraphProto, scope: Scope) -> None:
        """Define the initializers of a subgraph."""

    def apply(self, call: "Call", operator: str, *operands: Tensor, **attributes: Any) -> Tensor:
        """The first result of an ONNX operator of opset 21, folded if the operands are constant."""

    def convert(self, node: Node) -> Sequence[Tensor]:
        """The outputs of a node by its converter."""

    def problem_count(self) -> int:
        """How many problems there are up to here."""


@dataclass(frozen=True)
class Call:
    """A node with operands of any kind, and where it stands. ``node`` has None for operands that are no tensors."""

    walker: Walker
    node: Node
    operands: Sequence[Tensor]
    scope: Scope

    def operand(self, index: int) -> Tensor:
        """An operand, None if it is left out."""
        return self.operands[index] if index < len(self.operands) else None

    def tensor(self, index: int) -> Value | Constant:
        """An operand that must be a tensor."""
        operand = self.operand(index)
        if not isinstance(operand, Value | Constant):
            raise self.node.error(f"operand {index} is missing", "export the model again")
        return operand

    def type(self, tensor: Tensor) -> TensorType:
        """The type of what must be a tensor."""
        if isinstance(tensor, Value):
            return tensor.type
        if isinstance(tensor, Constant):
            return TensorType(self.node.dtype(tensor.data), tensor.data.shape)
        raise self.node.error("an operand is no tensor", "check the model with onnx.checker.check_model")

    def items(self, index: int) -> tuple[Tensor, ...]:
        """The elements of an operand that is a sequence."""
        operand = self.operand(index)
        if not isinstance(operand, TensorList):
            raise self.node.error(f"operand {index} is no sequence", "check the model with onnx.checker.check_model")
        return operand.items

    def position(self, index: int, what: str) -> int | None:
        """An operand that is one integer known at import, None if it is left out."""
        data = self.node.constant(index, what)
        if data is None:
            return None
        if data.size != 1:
            raise self.node.error(f"its {what} has {data.size} elements", "give one number")
        return int(data.reshape(-1)[0])

    def graph(self, name: str) -> GraphProto:
        """An attribute that is a graph."""
        graph = self.node.attributes.get(name)
        if not isinstance(graph, GraphProto):
            raise self.node.error(f"has no graph {name}", "export the model again")
        return graph

    def apply(self, operator: str, *operands: Tensor, **attributes: Any) -> Tensor:
        """The first result of an ONNX operator of opset 21 that this one is made of."""
        return self.walker.apply(self, operator, *operands, **attributes)

    def unknown(self, what: str, hint: str) -> Unknown:
        """A result that is refused only if it is used."""
        return Unknown(self.node.error(what, hint))


Handler = Callable[[Call], Sequence[Tensor]]

STRUCTURAL: dict[str, Handler] = {}


def structural(*types: str) -> Callable[[Handler], Handler]:
    """Register the import of operators that take or give more than tensors, or that are made of ONNX's own.

    An operator of another domain than ONNX's has that before its name: ``com.microsoft.QLinearAdd``.

    The handler gets operands that are known (tensors or lists) or left out, never an Unknown, and returns the outputs.
    """

    def register(handler: Handler) -> Handler:
        STRUCTURAL.update(dict.fromkeys(types, handler))
        return handler

    return register


def is_tensor(tensor: Tensor) -> bool:
    """Whether it is a tensor, constant or computed."""
    return isinstance(tensor, Value | Constant)
