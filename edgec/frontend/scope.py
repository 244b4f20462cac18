"""What names mean while a model is read: tensors known or computed, lists of them, and nested scopes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onnx import TypeProto

from edgec.errors import EdgecError
from edgec.frontend.node import Caller, Constant
from edgec.ir import Value


@dataclass(frozen=True)
class TensorList:
    """An ONNX sequence. Its length and order are known at import, its elements need not be."""

    items: tuple["Tensor", ...] = ()


@dataclass(frozen=True)
class Unknown:
    """What was not computed. ``reason`` is raised where it is used; None if the cause is reported already.

    ``constant`` says that it would have been folded, as what is computed from it would be; ``type`` is as much of its
    type as is known.
    """

    reason: EdgecError | None = None
    constant: bool = False
    type: TypeProto | None = None


Tensor = Value | Constant | TensorList | Unknown | None
"""What a name stands for; None is an optional that is left out."""


@dataclass(frozen=True)
class Scope:
    """The names of one graph or function body. A subgraph sees the names of the scopes around it, a function does not.

    ``opsets`` are the operator sets by domain. ``caller`` is the node of the model that the nodes here were expanded
    from, ``depth`` the number of functions and subgraphs around.
    """

    opsets: Mapping[str, int]
    outer: "Scope | None" = None
    caller: Caller | None = None
    depth: int = 0
    tensors: dict[str, Tensor] = field(default_factory=dict)

    @property
    def opset(self) -> int:
        """Version of ONNX's own operators."""
        return self.opsets.get("", 0)

    def inner(self) -> "Scope":
        """The scope of a subgraph."""
        return Scope(self.opsets, self, self.caller, self.depth + 1)

    def find(self, name: str) -> Tensor:
        """What a name stands for; KeyError if nothing gives it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.tensors:
                return scope.tensors[name]
            scope = scope.outer
        raise KeyError(name)
