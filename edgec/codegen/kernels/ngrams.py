"""Counts of short sequences."""

from math import prod

import numpy as np

from edgec.codegen.ctree import Call, Evaluate, Int, Name, Stmt
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.registry import lowers
from edgec.ir.ops import TfIdf


@lowers(TfIdf)
def lower_tf_idf(op: TfIdf) -> Kernel:
    """``edgec_tf_idf_<type>(sizes, counts, pool, places, weights, x, y)``."""
    name = f"edgec_tf_idf_{op.x.type.dtype.value}"

    def emit(emitter: Emitter) -> list[Stmt]:
        fields = {
            "rows": Int(prod(op.x.shape[:-1])),
            "columns": Int(op.x.shape[-1]),
            "outputs": Int(op.outputs),
            "shortest": Int(op.shortest),
            "longest": Int(op.shortest + len(op.counts) - 1),
            "skips": Int(op.skips),
            "binary": Int(int(op.binary)),
        }
        arguments = (
            emitter.struct("edgec_tf_idf", fields),
            emitter.array("counts", np.array(op.counts, np.int32)),
            emitter.pointer(op.pool),
            emitter.pointer(op.places),
            Name("NULL") if op.weights is None else emitter.pointer(op.weights),
            emitter.pointer(op.x),
            emitter.pointer(op.result),
        )
        return [Evaluate(Call(name, arguments))]

    return Kernel(name, "tf_idf.h", emit)
