"""LSTM layers of float32 on hosts: a dense layer for the inputs of all steps, then step by step the hidden units."""

from functools import partial
from math import inf

import numpy as np

from edgec.codegen.ctree import Call, Cast, Evaluate, Int, Stmt, add
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.products_lanes_f32 import products, tile_work
from edgec.codegen.kernels.registry import lowers
from edgec.codegen.kernels.tiles_f32 import ALIGN, FAMILIES, Lanes, Windows
from edgec.ir import Array, DType
from edgec.ir.ops import Lstm

GATES = 4


def lower_lstm_lanes(lanes: Lanes, op: Lstm) -> Kernel | None:
    """The usual form: sigmoid and tanh without clipping, no peepholes, all sequences of the same length."""
    w, r, bias = op.w.data, op.r.data, op.bias.data
    usual = op.activations == ("sigmoid", "tanh", "tanh") and op.clip == inf and not op.input_forget
    if not usual or w is None or r is None or bias is None or op.x.type.dtype is not DType.F32:
        return None
    if op.lengths is not None or op.peepholes is not None:
        return None
    steps, batch, inputs = op.x.shape
    hidden = op.hidden
    pair = 2 * lanes.lanes
    padded = -(-hidden // pair) * pair
    rows = steps * batch
    dense = products(lanes, GATES * padded, None, _windows(inputs), 1, rows)[0]

    def emit(emitter: Emitter) -> list[Stmt]:
        scratch = Cast("float *", emitter.scratch)
        sums = add(scratch, Int(_whole(batch * hidden)))
        places = (emitter.pointer(op.x), sums)
        out = GATES * padded
        constants = dense.packed(emitter, _by_pairs(w, hidden, lanes), _by_pairs(bias, hidden, lanes), "input_")
        statements = dense.emit(emitter, constants, 1, rows, places, (0, out))
        numbers = {"steps": steps, "batch": batch, "hidden": hidden, "padded": padded, "reverse": int(op.reverse)}
        shape = emitter.struct("edgec_lstm_lanes", {name: Int(value) for name, value in numbers.items()})
        own: Array = _by_pairs(r, hidden, lanes).reshape(-1, GATES * pair, hidden).transpose(0, 2, 1)
        weights = emitter.array("weights", np.ascontiguousarray(own), "pairs of [hidden][2][4] vectors", ALIGN)
        states = [emitter.optional(v) for v in (op.h, op.c)]
        results = [emitter.pointer(v) for v in op.results]
        arguments = (shape, sums, *states, weights, *results, scratch)
        return [*statements, Evaluate(Call(lanes.kernel("lstm"), arguments))]

    pairs = rows * padded // pair
    work = {**tile_work(dense, [(1, rows)]), "pairs": pairs, "units": pairs * hidden}
    scratch = 4 * (_whole(batch * hidden) + rows * GATES * padded)
    return Kernel(lanes.kernel("lstm"), "lstm_lanes_f32.h", emit, scratch, work=work)


def _windows(inputs: int) -> Windows:
    return Windows(inputs, 0, 1, 0, 1, 0, inputs)


def _whole(count: int) -> int:
    """Elements to whole lines of the cache."""
    return -(-count // 16) * 16


def _by_pairs(rows: Array, hidden: int, lanes: Lanes) -> Array:
    """``[4 * hidden, ...]``, gate by gate, as ``[pairs][2][4][lanes]`` rows; beyond the last unit they are 0."""
    gates = rows.reshape(GATES, hidden, -1)
    rest = -hidden % (2 * lanes.lanes)
    padded = np.pad(gates, ((0, 0), (0, rest), (0, 0)))
    vectors = padded.reshape(GATES, -1, lanes.lanes, gates.shape[2]).transpose(1, 0, 2, 3)
    made: Array = np.ascontiguousarray(vectors).reshape(-1, *rows.shape[1:])
    return made


for _lanes in FAMILIES:
    lowers(Lstm, family=_lanes.family)(partial(lower_lstm_lanes, _lanes))
