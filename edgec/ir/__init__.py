"""The intermediate representation: typed values, a closed set of operators, and their one definition of meaning."""

from edgec.ir.graph import Array, Const, Graph, IRError, Op, Return, Value
from edgec.ir.parser import ParseError, parse_graph
from edgec.ir.printer import print_graph, print_op
from edgec.ir.types import NM, DType, Quant, TensorType, f32
from edgec.ir.verify import verify

__all__ = [
    "NM",
    "Array",
    "Const",
    "DType",
    "Graph",
    "IRError",
    "Op",
    "ParseError",
    "Quant",
    "Return",
    "TensorType",
    "Value",
    "f32",
    "parse_graph",
    "print_graph",
    "print_op",
    "verify",
]
