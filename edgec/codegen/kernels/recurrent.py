"""Recurrent layers: the weights of all gates that meet the same vector are packed as one dense layer."""

from collections.abc import Callable, Sequence

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Expr, Float, Int, Name, Stmt
from edgec.codegen.emitter import Emitter, Fields, Kernel
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.products import pack_dense
from edgec.codegen.kernels.registry import known, lowers, unsupported
from edgec.ir import Array, DType
from edgec.ir.ops import Gru, Lstm, Rnn

Layer = Rnn | Gru | Lstm
_SCRATCH = {Rnn: 2, Gru: 6, Lstm: 5}
"""Vectors of the hidden size that a kernel needs beside the inputs, per sequence of the batch."""


Matrix = Callable[[Emitter, str, Array, Array], Expr]
"""``(emitter, role, weights[O, I], bias)`` -> the pointer to a matrix that a kernel's dense function takes."""


@lowers(Rnn, Gru, Lstm)
def lower_recurrent(op: Layer) -> Kernel:
    """By the portable dense kernel."""
    name = f"edgec_{op.opname}_f32"
    return recurrent(op, name, f"{op.opname}_f32.h", "edgec_recurrent_dense_f32", _matrix)


def _matrix(emitter: Emitter, role: str, weights: Array, bias: Array) -> Expr:
    outs, inner = weights.shape
    fields: Fields = {
        "dense": (Int(inner), Int(outs), *clamp_fields(None).values()),
        "weights": emitter.array(role, pack_dense(weights)),
        "bias": emitter.array(f"{role}_bias", bias),
    }
    return emitter.struct("edgec_recurrent_matrix", fields, f"{role}_matrix")


def recurrent(op: Layer, name: str, header: str, dense: str, matrix: Matrix) -> Kernel:
    """``edgec_<layer>_f32(shape, activations, option, dense, x, lengths, states, matrices, results, scratch)``."""
    if op.x.type.dtype is not DType.F32:
        raise unsupported(op, f"{op.opname} is on f32 only")
    w, r, bias = (known(op, v) for v in (op.w, op.r, op.bias))
    steps, batch, inputs = op.x.shape

    def emit(emitter: Emitter) -> list[Stmt]:
        extents = {"steps": steps, "batch": batch, "inputs": inputs, "hidden": op.hidden, "reverse": int(op.reverse)}
        fields: dict[str, Expr] = {field: Int(value) for field, value in extents.items()}
        shape = emitter.struct("edgec_recurrent", {**fields, "clip": Float(op.clip)})
        functions = [_activation(emitter, op, index) for index in range(op.functions)]
        arguments = [shape, *functions, *_options(op), Name(dense)]
        arguments += [emitter.optional(v) for v in (op.x, op.lengths, op.h)]
        arguments += [emitter.optional(op.c)] if isinstance(op, Lstm) else []
        arguments += [matrix(emitter, *of) for of in _matrices(op, w, r, bias.reshape(-1))]
        arguments += [emitter.optional(op.peepholes)] if isinstance(op, Lstm) else []
        arguments += [*(emitter.pointer(v) for v in op.results), emitter.scratch]
        return [Evaluate(Call(f"edgec_{op.opname}_f32", tuple(arguments)))]

    scratch = 4 * batch * (inputs + _SCRATCH[type(op)] * op.hidden)
    return Kernel(name, header, emit, scratch)


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


def _matrices(op: Layer, w: Array, r: Array, bias: Array) -> list[tuple[str, Array, Array]]:
    if not isinstance(op, Gru):
        return [("weights", np.concatenate([w, r], axis=1), bias)]
    gates, both = 2 * op.hidden, 3 * op.hidden
    joined = np.concatenate([w[:gates], r[:gates]], axis=1)
    return [
        ("weights", joined, bias[:gates]),
        ("input_weights", w[gates:], bias[gates:both]),
        ("state_weights", r[gates:], bias[both:]),
    ]
