"""What stands in the way of compiling a model, collected node by node and told at once."""

from pathlib import Path

from edgec.errors import EdgecError, Problem, UnsupportedModelError
from edgec.frontend.node import NodeError

_BY_DATA = ("how large its result is depends on data", "let it run outside of the model, on the model's output")
_CHANCE = ("it depends on chance", "make the random numbers an input of the model")
_TEXT = ("it works on text", "let it run outside of the model, and give numbers to the model")
_REASONS = {
    **dict.fromkeys(("Compress", "ImageDecoder", "NonMaxSuppression", "NonZero", "Unique"), _BY_DATA),
    **dict.fromkeys(
        ("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"), _CHANCE
    ),
    **dict.fromkeys(("RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit"), _TEXT),
}


class Problems:
    """Collects problems; nodes of one operator with the same problem are one entry."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._nodes: dict[tuple[str, str, str], dict[str, None]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._nodes.values()))

    def add(self, error: NodeError) -> None:
        """A node's problem; one that is known already counts once."""
        self._nodes.setdefault((error.operator, error.what, error.hint), {})[error.name] = None

    def report(self) -> None:
        """Raise UnsupportedModelError if there are problems."""
        if self._nodes:
            problems = [Problem(op, what, tuple(nodes), hint) for (op, what, hint), nodes in self._nodes.items()]
            raise UnsupportedModelError(str(self.path), problems)


def unsupported(domain: str, operator: str) -> tuple[str, str]:
    """Reason and hint for an operator that the importer does not know."""
    if domain:
        reason = f"is not supported: {domain!r} is not a domain of the ONNX standard, and the model defines no function"
        if domain.startswith("ai.onnx"):
            reason = f"is not supported: edgec compiles no operators of {domain!r}"
        return reason, "export with ONNX's own operators: without the fusions of a runtime, or with its functions"
    if operator in _REASONS:
        reason, hint = _REASONS[operator]
        return f"is not supported: {reason}", hint
    return "is not supported", "express it in operators that are (docs/operators.md lists them)"


def of_node(error: EdgecError, path: Path, operator: str, name: str) -> NodeError:
    """Any error that came up at a node, as an error of that node."""
    return error if isinstance(error, NodeError) else NodeError(path, operator, name, error.what, error.hint)
