"""Which operators compute on integers, of which type, and the scale and zero point of everything that they read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from edgec.calibration import Calibration, Range, activation_quant, expect_finite, weight_scales
from edgec.errors import EdgecError
from edgec.ir import Array, Quant
from edgec.ir.ops import Log, Pow, Reciprocal
from edgec.passes._quantized_forms import Form, activations, form
from edgec.rewriting import (
    Add,
    Convolution,
    Dense,
    Div,
    DType,
    Graph,
    MatMul,
    Mul,
    Op,
    Pad,
    Resample,
    Softmax,
    Sub,
    Value,
    Where,
)

PRECISIONS = {"int8": DType.I8, "int16x8": DType.I16, "uint8": DType.U8, "float32": None}
"""Name of a precision -> type of the activations; weights are i8. None: the operator stays float."""

SOFTMAX_RANGE = (0.0, 255 / 256)
"""Of which bytes have the scale 1/256."""

WIDEST_LOGITS = 255.0
"""A softmax of bytes whose input spans more has steps of over 1: it would see hardly more than the largest."""

LARGEST_FACTOR = 2.0**16
"""Of a step of the result, in which its operands' steps are kept: well within fixed-point arithmetic."""

Kept = tuple[Value, DType]
"""A value as integers of a type; one value may be kept as two."""


@dataclass
class Plan:
    """``dtypes``: the operators that become integer, with the type of their activations, in order."""

    dtypes: dict[Op, DType]
    quants: dict[Kept, Quant] = field(default_factory=dict)
    """Of everything that these operators read and give as activations."""
    weights: dict[Op, Array] = field(default_factory=dict)
    """The scales (f32) of weights, ``[O]`` or ``[]``."""


def make_plan(
    graph: Graph, calibration: Calibration, dtype: DType | None, layers: Mapping[str, DType | None], per_channel: bool
) -> Plan:
    """What ``quantize`` does to a float graph: all that has a form in ``dtype``, but for ``layers`` (by result name).

    Raises EdgecError for a layer that does not exist or has no such form, and for weights that are not finite.
    """
    plan = Plan(_Choice(graph, calibration, dtype, layers).dtypes)
    groups = _groups(plan.dtypes)
    members: dict[Kept, list[Range]] = {}
    for op, kept in plan.dtypes.items():
        for value in _touched(op):
            members.setdefault(groups[value, kept], []).append(_range(value, op, kept, calibration))
    chosen = {group: activation_quant(_union(found), group[1]) for group, found in members.items()}
    for op, kept in plan.dtypes.items():
        if isinstance(op, Convolution | Dense):
            x, bias = chosen[groups[op.x, kept]], _data(op.bias)
            plan.weights[op] = weight_scales(_where(op), _data(op.w), bias, x, kept, per_channel)
        _widen(op, kept, groups, chosen, plan)
    plan.quants = {kept: chosen[group] for kept, group in groups.items()}
    return plan


# --- which operators -------------------------------------------------------------------------------------------------


class _Choice:
    """Precisions of operators, ``dtypes``: first of those that compute, then of those that follow their neighbours."""

    def __init__(
        self, graph: Graph, calibration: Calibration, dtype: DType | None, layers: Mapping[str, DType | None]
    ) -> None:
        self.graph, self.calibration = graph, calibration
        self.floats: set[Op] = {op for op in graph if not all(map(self._is_finite, _touched(op)))}
        for op in graph:
            if isinstance(op, Softmax):
                self._keep_wide(op)
            if isinstance(op, Convolution | Dense):
                expect_finite(_where(op), *(v.data for v in (op.w, op.bias) if v.data is not None))
        self._keep_divisors()
        self.chosen: dict[Op, DType] = {}
        self._force(layers)
        for op in graph:
            if dtype is not None and op not in self.floats and form(op, dtype) is Form.REQUANTIZES:
                self.chosen.setdefault(op, dtype)
        while self._follow():
            pass
        self.dtypes = {op: self.chosen[op] for op in graph if op in self.chosen}

    def _is_finite(self, value: Value) -> bool:
        return self.calibration.is_finite(value) if value.data is None else bool(np.isfinite(value.data).all())

    def _force(self, layers: Mapping[str, DType | None]) -> None:
        by_name = {op.results[0].name: op for op in self.graph if op.results}
        for name, dtype in layers.items():
            if name not in by_name:
                hint = "name the results of operators, as `edgec opt` and --dump-ir show them"
                raise EdgecError(f"layer {name}", "there is no such value", hint)
            op = by_name[name]
            if dtype is None:
                self.floats.add(op)
                continue
            if form(op, dtype) is None:
                what = f"{op.opname} has no form for {dtype.value} activations"
                raise EdgecError(f"layer {name}", what, "give it another precision, or float32")
            self.floats.discard(op)
            self.chosen[op] = dtype

    def _keep_wide(self, op: Softmax) -> None:
        """Leave a softmax of masked numbers (-1e9, say) float, and what masked them."""
        values = [op.x]
        if self._is_wide(op.x):
            self.floats.add(op)
        while values:
            value = values.pop()
            producer = value.producer
            if producer is None or producer in self.floats or not self._is_wide(value):
                continue
            if isinstance(producer, Add | Sub | Where) or form(producer, DType.I8) is Form.MOVES:
                self.floats.add(producer)
                values += activations(producer)

    def _keep_divisors(self) -> None:
        """Leave float what makes nothing but divisors and the like: near 0, integers would make them 0."""
        ways: set[Op] = set()

        def divides(value: Value, user: Op) -> bool:
            match user:
                case Div(b=divisor):
                    return value is divisor
                case Pow(a=base):
                    return value is base
                case Log() | Reciprocal():
                    return True
            return user in ways

        for op in reversed(self.graph.ops):
            users = [(value, user) for value in op.results for user in value.uses]
            if isinstance(op, Log | Reciprocal) or (users and all(divides(*use) for use in users)):
                self.floats.add(op)
                if not isinstance(op, Convolution | Dense | MatMul):
                    ways.add(op)

    def _is_wide(self, value: Value) -> bool:
        if value.type.dtype is not DType.F32 or value.data is not None or not self.calibration.is_finite(value):
            return False
        low, high = self.calibration.range(value)
        return high - low > WIDEST_LOGITS

    def _follow(self) -> bool:
        """Let movers and functions be integer where all that they read is, or a reader; whether that chose any."""
        before = len(self.chosen)
        for op in self.graph:
            sources = [self._of(v.producer) for v in activations(op) if v.data is None]
            if sources and sources.count(None) == 0:
                self._adopt(op, sources[0])
        for op in reversed(self.graph.ops):
            readers = [self._of(user) for v in op.results[:1] for user in v.uses if v in activations(user)]
            self._adopt(op, next((dtype for dtype in readers if dtype is not None), None))
        return len(self.chosen) > before

    def _of(self, op: Op | None) -> DType | None:
        return None if op is None else self.chosen.get(op)

    def _adopt(self, op: Op, dtype: DType | None) -> None:
        if dtype is not None and op not in self.floats and form(op, dtype) in (Form.MOVES, Form.LOOKS_UP):
            self.chosen.setdefault(op, dtype)


# --- which scales ----------------------------------------------------------------------------------------------------


def _touched(op: Op) -> list[Value]:
    """The activations that an operator reads, and its first result if that is one."""
    results = [v for v in op.results[:1] if v.type.dtype is DType.F32]
    return [*activations(op), *results] if results else []


def _groups(dtypes: Mapping[Op, DType]) -> dict[Kept, Kept]:
    """Each kept value -> the first of those that share its scale and zero point, as movers connect them."""
    parents: dict[Kept, Kept] = {}

    def root(kept: Kept) -> Kept:
        while parents.setdefault(kept, kept) != kept:
            kept = parents[kept]
        return kept

    for op, dtype in dtypes.items():
        roots = [root((value, dtype)) for value in _touched(op)]
        if form(op, dtype) is Form.MOVES:
            for other in roots[1:]:
                parents[root(other)] = root(roots[0])
    return {kept: root(kept) for kept in parents}


def _range(value: Value, op: Op, dtype: DType, calibration: Calibration) -> Range:
    """The range of an activation of an operator."""
    if value.data is not None:
        return float(value.data.min(initial=0.0)), float(value.data.max(initial=0.0))
    if isinstance(value.producer, Softmax) and dtype.bytes == 1:
        return SOFTMAX_RANGE
    low, high = calibration.range(value, dtype)
    return (min(low, op.value), max(high, op.value)) if isinstance(op, Pad) else (low, high)


def _union(ranges: list[Range]) -> Range:
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _widen(op: Op, dtype: DType, groups: Mapping[Kept, Kept], chosen: dict[Kept, Quant], plan: Plan) -> None:
    """Coarser steps of the result, where the operands' steps are so much coarser that it has no factor for them."""
    if form(op, dtype) is not Form.REQUANTIZES or isinstance(op, Softmax):
        return
    scales = [chosen[groups[value, dtype]].scale[0] for value in activations(op)]
    match op:
        case Convolution() | Dense():
            step = scales[0] * float(plan.weights[op].max())
        case MatMul() | Mul():
            step = scales[0] * scales[-1]
        case Resample():
            step = scales[0] * float(np.abs(_data(op.weights)).sum(axis=1).max())
        case _:
            step = max(scales)
    group = groups[op.results[0], dtype]
    quant = chosen[group]
    if step > quant.scale[0] * LARGEST_FACTOR:
        if group in (groups[value, dtype] for value in activations(op)):
            raise EdgecError(_where(op), "its weights are too large for fixed-point arithmetic", "leave it float")
        chosen[group] = Quant((float(np.float32(step / LARGEST_FACTOR)),), quant.zero_point)


def _data(value: Value) -> Array:
    assert value.data is not None
    return value.data


def _where(op: Op) -> str:
    name = f"%{op.results[0].name}"
    return f"{op.opname} {name} ({op.source})" if op.source else f"{op.opname} {name}"
