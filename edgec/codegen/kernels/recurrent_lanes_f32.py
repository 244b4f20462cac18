"""Recurrent layers of float32 on hosts: a dense layer for the inputs of all steps, then step by step the states."""

from functools import partial
from math import inf

import numpy as np

from edgec.codegen.ctree import Call, Cast, Evaluate, Expr, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.products_lanes_f32 import products, tile_work
from edgec.codegen.kernels.registry import known, lowers
from edgec.codegen.kernels.tiles_f32 import ALIGN, FAMILIES, Lanes, Windows
from edgec.ir import Array, DType
from edgec.ir.ops import Gru, Lstm


def lower_lstm_lanes(lanes: Lanes, op: Lstm) -> Kernel | None:
    """The usual form: sigmoid and tanh without clipping, no peepholes, all sequences of the same length."""
    usual = op.activations == ("sigmoid", "tanh", "tanh") and not op.input_forget and op.peepholes is None
    return _layer(lanes, op) if usual and _plain(op) else None


def lower_gru_lanes(lanes: Lanes, op: Gru) -> Kernel | None:
    """The same, where the state is reset after it was multiplied."""
    usual = op.activations == ("sigmoid", "tanh") and op.linear_before_reset
    return _layer(lanes, op) if usual and _plain(op) else None


def _plain(op: Lstm | Gru) -> bool:
    weights = all(v.data is not None for v in (op.w, op.r, op.bias))
    return weights and op.x.type.dtype is DType.F32 and op.clip == inf and op.lengths is None


def _layer(lanes: Lanes, op: Lstm | Gru) -> Kernel:
    steps, batch, inputs = op.x.shape
    hidden, gates, name = op.hidden, op.gates, lanes.kernel(op.opname)
    pair = 2 * lanes.lanes
    padded = -(-hidden // pair) * pair
    rows = steps * batch
    w, r, bias = (known(op, v) for v in (op.w, op.r, op.bias))
    dense = products(lanes, gates * padded, None, Windows(inputs, 0, 1, 0, 1, 0, inputs), 1, rows)[0]

    def emit(emitter: Emitter) -> list[Stmt]:
        scratch = Cast("float *", emitter.scratch)
        sums = add(scratch, Int(_whole(batch * hidden)))
        begin = _by_pairs(bias[: gates * hidden], gates, lanes)
        constants = dense.packed(emitter, _by_pairs(w, gates, lanes), begin, "input_")
        statements = dense.emit(emitter, constants, 1, rows, (emitter.pointer(op.x), sums), (0, gates * padded))
        numbers = {"steps": steps, "batch": batch, "hidden": hidden, "padded": padded, "reverse": int(op.reverse)}
        shape = emitter.struct(f"edgec_{op.opname}_lanes", {field: Int(value) for field, value in numbers.items()})
        own: Array = _by_pairs(r, gates, lanes).reshape(-1, gates * pair, hidden).transpose(0, 2, 1)
        weights: list[Expr] = [
            emitter.array("weights", np.ascontiguousarray(own), "pairs of [hidden][2][gates] vectors", ALIGN)
        ]
        states = [emitter.optional(op.h)]
        if isinstance(op, Lstm):
            states.append(emitter.optional(op.c))
        else:
            outer: Array = np.pad(bias[gates * hidden :], (0, padded - hidden))
            weights.append(emitter.array("state_bias", outer, align=ALIGN))
        results = [emitter.pointer(v) for v in op.results]
        return [*statements, Evaluate(Call(name, (shape, sums, *states, *weights, *results, scratch)))]

    pairs = rows * padded // pair
    work = {**tile_work(dense, [(1, rows)]), "pairs": pairs, "units": pairs * hidden}
    scratch = 4 * (_whole(batch * hidden) + rows * gates * padded)
    return Kernel(name, f"{op.opname}_lanes_f32.h", emit, scratch, work=work)


def _whole(count: int) -> int:
    """Elements to whole lines of the cache."""
    return -(-count // 16) * 16


def _by_pairs(rows: Array, gates: int, lanes: Lanes) -> Array:
    """``[gates * hidden, ...]`` as ``[pairs][2][gates][lanes]`` rows; beyond the last unit they are 0."""
    split = rows.reshape(gates, len(rows) // gates, -1)
    padded = np.pad(split, ((0, 0), (0, -split.shape[1] % (2 * lanes.lanes)), (0, 0)))
    vectors = padded.reshape(gates, -1, lanes.lanes, split.shape[2]).transpose(1, 0, 2, 3)
    made: Array = np.ascontiguousarray(vectors).reshape(-1, *rows.shape[1:])
    return made


for _lanes in FAMILIES:
    lowers(Lstm, family=_lanes.family)(partial(lower_lstm_lanes, _lanes))
    lowers(Gru, family=_lanes.family)(partial(lower_gru_lanes, _lanes))
