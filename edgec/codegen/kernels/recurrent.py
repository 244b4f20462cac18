"""Recurrent layers: the weights of all gates that meet the same vector are packed as one dense layer."""

from collections.abc import Sequence

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Float, Int, Name, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.products import pack_dense
from edgec.codegen.kernels.registry import known, lowers, unsupported
from edgec.ir import Array, DType
from edgec.ir.ops import Gru, Lstm, Rnn

Layer = Rnn | Gru | Lstm
_SCRATCH = {Rnn: 2, Gru: 6, Lstm: 5}
"""Vectors of the hidden size that a kernel needs beside the inputs, per sequence of the batch."""


@lowers(Rnn, Gru, Lstm)
def lower_recurrent(op: Layer) -> Kernel:
    """``edgec_<layer>_f32(shape, activations, option, x, lengths, states, weights, bias, results, scratch)``."""
    if op.x.type.dtype is not DType.F32:
        raise unsupported(op, f"{op.opname} is on f32 only")
    w, r, bias = (known(op, v) for v in (op.w, op.r, op.bias))
    name = f"edgec_{op.opname}_f32"
    steps, batch, inputs = op.x.shape

    def emit(emitter: Emitter) -> list[Stmt]:
        extents = {"steps": steps, "batch": batch, "inputs": inputs, "hidden": op.hidden, "reverse": int(op.reverse)}
        fields: dict[str, Expr] = {field: Int(value) for field, value in extents.items()}
        shape = emitter.struct("edgec_recurrent", {**fields, "clip": Float(op.clip)})
        functions = [_activation(emitter, op, index) for index in range(op.functions)]
        arguments = [shape, *functions, *_options(op)]
        arguments += [emitter.optional(v) for v in (op.x, op.lengths, op.h)]
        arguments += [emitter.optional(op.c)] if isinstance(op, Lstm) else []
        arguments += [emitter.array(role, pack_dense(matrix)) for role, matrix in _matrices(op, w, r)]
        arguments.append(emitter.array("bias", bias))
        arguments += [emitter.optional(op.peepholes)] if isinstance(op, Lstm) else []
        arguments += [*(emitter.pointer(v) for v in op.results), emitter.scratch]
        return [Evaluate(Call(name, tuple(arguments)))]

    scratch = 4 * batch * (inputs + _SCRATCH[type(op)] * op.hidden)
    return Kernel(name, f"{op.opname}_f32.h", emit, scratch)


def _activation(emitter: Emitter, op: Layer, index: int) -> Expr:
    fields: dict[str, Expr] = {
        "kind": Name(f"EDGEC_{op.activations[index].upper()}"),
        "alpha": Float(op.alpha[index]),
        "beta": Float(op.beta[index]),
    }
    return emitter.constant("edgec_activation", fields, f"activation{index}")


def _options(op: Layer) -> Sequence[Expr]:
    match op:
        case Lstm():
            return [Int(int(op.input_forget))]
        case Gru():
            return [Int(int(op.linear_before_reset))]
        case _:
            return []


def _matrices(op: Layer, w: Array, r: Array) -> list[tuple[str, Array]]:
    if not isinstance(op, Gru):
        return [("weights", np.concatenate([w, r], axis=1))]
    gates = 2 * op.hidden
    joined = np.concatenate([w[:gates], r[:gates]], axis=1)
    return [("weights", joined), ("input_weights", w[gates:]), ("state_weights", r[gates:])]
