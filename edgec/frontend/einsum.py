"""Einstein summation, as diagonals, sums, transposes and matrix products."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import prod

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import MatMul, Mul, ReduceSum, Slice, Transpose

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """A tensor and the label of each of its axes; axes of an ellipsis are labelled ``.0``, ``.1`` from the last on."""

    value: Value
    labels: Labels

    def extent(self, label: str) -> int:
        """The extent of the axis of that label, 1 if there is none."""
        return self.value.shape[self.labels.index(label)] if label in self.labels else 1


@onnx_op("Einsum")
def _einsum(node: Node) -> Value:
    values = [node.value(i) for i in range(len(node.inputs))]
    operands, result = _equation(node, [v.type.rank for v in values])
    terms = [_diagonal(node, Term(v, labels)) for v, labels in zip(values, operands, strict=True)]
    for label in {x for t in terms for x in t.labels}:
        found = {t.extent(label) for t in terms} - {1}
        if len(found) > 1:
            raise node.error(f"axis {label!r} has the extents {sorted(found)}", "check the model, or the --shape given")
    total = terms[0]
    for i, term in enumerate(terms[1:], 1):
        wanted = {*result, *(x for t in terms[i + 1 :] for x in t.labels)}
        total = _product(node, total, term, wanted)
    return _transposed(node, _summed(node, total, result), result).value


def _equation(node: Node, ranks: Sequence[int]) -> tuple[list[Labels], Labels]:
    """The labels of every operand and of the result; without an arrow, the result's are those that stand once."""
    equation = node.string("equation", "").replace(" ", "")
    left, arrow, right = equation.partition("->")
    parts = left.split(",")
    if len(parts) != len(ranks):
        raise node.error(f"equation {equation!r} is not of {len(ranks)} operands", "export the model again")
    operands = [_labels(node, part, rank) for part, rank in zip(parts, ranks, strict=True)]
    longest = max(operands, key=lambda labels: sum(x.startswith(".") for x in labels))
    dots = tuple(x for x in longest if x.startswith("."))
    if arrow:
        before, ellipsis, after = right.partition("...")
        result = (*before, *(dots if ellipsis else ()), *after)
    else:
        once = sorted(x for x in {*left} - {*".,"} if left.count(x) == 1)
        result = (*dots, *once)
    known = {x for labels in operands for x in labels}
    if len({*result}) != len(result) or not known >= {*result}:
        raise node.error(f"equation {equation!r} names its result wrongly", "each label once, of those on the left")
    return operands, result


def _labels(node: Node, part: str, rank: int) -> Labels:
    before, ellipsis, after = part.partition("...")
    dots = rank - len(before) - len(after)
    letters = before + after
    if (letters and not letters.isalpha()) or dots < 0 or (dots and not ellipsis):
        raise node.error(f"{part!r} does not label {rank} axes", "export the model again")
    return (*before, *(f".{i}" for i in reversed(range(dots))), *after)


def _diagonal(node: Node, term: Term) -> Term:
    """Labels that repeat become one: the elements on their diagonal."""
    labels = term.labels
    repeated = next((x for x in labels if labels.count(x) > 1), None)
    if repeated is None:
        return term
    first, second = [i for i, x in enumerate(labels) if x == repeated][:2]
    others = [i for i in range(len(labels)) if i not in (first, second)]
    extent = term.value.shape[first]
    if term.value.shape[second] != extent:
        raise node.error(f"axes {repeated!r} of {list(term.value.shape)} differ", "a diagonal has equal extents")
    moved = node.emit(Transpose(term.value, (*others, first, second)))
    shape = moved.shape[:-2]
    flat = node.reshaped(moved, (*shape, extent * extent))
    rank = len(shape)
    diagonal = Slice(flat, (0,) * (rank + 1), (*shape, extent), (*(1,) * rank, extent + 1))
    return _diagonal(node, Term(node.emit(diagonal), (*(labels[i] for i in others), repeated)))


def _summed(node: Node, term: Term, kept: Collection[str]) -> Term:
    """Sum over all axes whose labels are not kept."""
    axes = tuple(i for i, x in enumerate(term.labels) if x not in kept)
    if not axes:
        return term
    value = node.emit(ReduceSum(term.value, axes, keepdims=False))
    return Term(value, tuple(x for x in term.labels if x in kept))


def _transposed(node: Node, term: Term, labels: Labels) -> Term:
    """Axes in the order of ``labels``; those that the term lacks have extent 1."""
    perm = tuple(term.labels.index(x) for x in labels if x in term.labels)
    ascending = perm == tuple(range(len(perm)))
    value = term.value if ascending else node.emit(Transpose(term.value, perm))
    return Term(node.reshaped(value, tuple(term.extent(x) for x in labels)), labels)


def _product(node: Node, a: Term, b: Term, wanted: Collection[str]) -> Term:
    """The product of two terms, summed over the labels that nobody wants afterwards."""

    # What the other one lacks, is broadcast along, or has nothing to add up, is summed beforehand.
    shared = {x for x in {*a.labels} & {*b.labels} if a.extent(x) == b.extent(x) > 1}
    a, b = (_summed(node, t, {*wanted, *shared}) for t in (a, b))
    labels = tuple(dict.fromkeys((*a.labels, *b.labels)))
    summed = tuple(x for x in labels if x not in wanted)
    batch = tuple(x for x in labels if x in wanted and x in a.labels and x in b.labels)
    left = tuple(x for x in a.labels if x in wanted and x not in batch)
    right = tuple(x for x in b.labels if x in wanted and x not in batch)
    if prod(a.extent(x) for x in summed) == 1:
        # Nothing to add up: an elementwise product.
        result = (*batch, *left, *right)
        factor = _transposed(node, b, result).value
        return Term(node.emit(Mul(_transposed(node, a, result).value, factor)), result)
    rows, inner, columns = (prod(t.extent(x) for x in xs) for t, xs in ((a, left), (a, summed), (b, right)))
    matrices = [_transposed(node, a, (*batch, *left, *summed)), _transposed(node, b, (*batch, *summed, *right))]
    shapes = [tuple(t.extent(x) for x in batch) for t in (a, b)]
    x = node.reshaped(matrices[0].value, (*shapes[0], rows, inner))
    y = node.reshaped(matrices[1].value, (*shapes[1], inner, columns))
    product = node.emit(MatMul(x, y))
    result = (*batch, *left, *right)
    shape = [*product.shape[:-2], *(a.extent(x) for x in left), *(b.extent(x) for x in right)]
    return Term(node.reshaped(product, tuple(shape)), result)
