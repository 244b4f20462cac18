"""The one definition of what every operator means, in NumPy, over many samples at once.

Every array carries a leading sample axis of extent S, or 1 where it is the same for all samples (constants); so an
operator's axis ``a`` is the array's axis ``a + 1``. Each family has a module here; ``@meaning(OpClass)`` registers.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from edgec.ir.graph import Array, Const, Graph, IRError, Op, Return, Value
from edgec.ir.interp import (
    axis,
    binary,
    conv,
    conversion,
    indexing,
    movement,
    ngrams,
    normalization,
    pooling,
    products,
    quantization,
    quantized,
    recurrent,
    reduction,
    regions,
    resampling,
    spectral,
    unary,
)
from edgec.ir.interp.registry import meaning_of

CHUNK_BYTES = 64 << 20
"""Samples are run in chunks whose largest value stays about this small."""


def run(graph: Graph, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Run the graph on one sample: arrays shaped like the graph's inputs in, its outputs by name out."""
    batched = run_samples(graph, {name: np.asarray(array)[None] for name, array in inputs.items()})
    return {name: array[0] for name, array in batched.items()}


Observer = Callable[[Value, Array], None]
"""Called with each value that is no constant and its elements, ``[S, *shape]`` for some samples, or 1 for all."""


def run_samples(
    graph: Graph, inputs: Mapping[str, Array], observer: Observer | None = None, states: dict[str, Array] | None = None
) -> dict[str, Array]:
    """Run the graph on S samples: arrays ``[S, *input shape]`` in, ``[S, *output shape]`` by output name out.

    ``observer`` sees every value meanwhile, in memory that does not grow with S. ``states`` are those that the runs
    before left (none at first), by name of the input; this run's replace them.
    Raises IRError where names, shapes or dtypes do not fit the graph's inputs.
    """
    given = graph.given
    if set(inputs) != set(given):
        raise IRError(f"inputs {sorted(inputs)} are not the graph's {sorted(given)}")
    for name, value in given.items():
        array = inputs[name]
        if array.shape[1:] != value.shape or array.dtype != value.type.dtype.numpy:
            raise IRError(f"input {name} is {array.dtype}{list(array.shape[1:])}, expected {value.type}")
    (samples,) = {len(array) for array in inputs.values()} or {1}
    values = {value: inputs[name] for name, value in given.items()}
    if graph.states:
        return _run_in_turn(graph, values, samples, observer, {} if states is None else states)
    largest = max((v.type.bytes for v in graph.values() if not isinstance(v.producer, Const)), default=1)
    chunk = max(1, CHUNK_BYTES // max(1, largest))
    parts = []
    for start in range(0, samples, chunk):
        stop = min(start + chunk, samples)
        parts.append(_run_chunk(graph, {value: a[start:stop] for value, a in values.items()}, stop - start, observer))
    return {name: np.concatenate([p[name] for p in parts]) for name in graph.output_names}


def _run_in_turn(
    graph: Graph,
    values: Mapping[Value, Array],
    samples: int,
    observer: Observer | None,
    states: dict[str, Array],
) -> dict[str, Array]:
    """One sample after the other, each with the states that the one before left."""
    parts = []
    for value in graph.states:
        states.setdefault(value.name, np.zeros((1, *value.shape), value.type.dtype.numpy))
    for sample in range(samples):
        given = {v: a[sample : sample + 1] for v, a in values.items()} | {v: states[v.name] for v in graph.states}
        outputs = _run_chunk(graph, given, 1, observer)
        states |= {value.name: outputs[name] for value, name in graph.states.items()}
        parts.append(outputs)
    return {name: np.concatenate([p[name] for p in parts]) for name in graph.returned}


def trace(graph: Graph, inputs: Mapping[str, Array]) -> dict[Value, Array]:
    """Every value of a run on samples ``[S, *shape]``, constants too, for tests."""
    values = {value: inputs[name] for name, value in zip(graph.input_names, graph.inputs, strict=True)}
    return _evaluate(graph, values, keep=True)


def fold(op: Op) -> list[Array]:
    """The results of an operator all of whose operands are constants, without a sample axis."""
    arguments = [v.data[None] for v in op.operands if v.data is not None]
    return [np.asarray(array[0], order="C") for array in results(op, arguments)]


def results(op: Op, arguments: Sequence[Array]) -> tuple[Array, ...]:
    """What an operator means for these operands ``[S, *shape]``; infinities and NaNs are results like others."""
    with np.errstate(all="ignore"):
        results = meaning_of(op)(op, *arguments)
    return results if isinstance(results, tuple) else (results,)


def _run_chunk(
    graph: Graph, inputs: Mapping[Value, Array], samples: int, observer: Observer | None
) -> dict[str, Array]:
    values = _evaluate(graph, inputs, keep=False, observer=observer)
    outputs = {}
    for name, value in zip(graph.output_names, graph.outputs, strict=True):
        array = values[value]
        outputs[name] = np.ascontiguousarray(np.broadcast_to(array, (samples, *array.shape[1:])))
    return outputs


def _evaluate(
    graph: Graph, inputs: Mapping[Value, Array], keep: bool, observer: Observer | None = None
) -> dict[Value, Array]:
    values = dict(inputs)
    if observer is not None:
        for value, array in inputs.items():
            observer(value, array)
    readers = {v: len(v.uses) for v in graph.values()}
    for op in graph.ops:
        if isinstance(op, Return):
            continue
        if isinstance(op, Const):
            values[op.result] = op.data[None]
            continue
        for value, array in zip(op.results, results(op, [values[v] for v in op.operands]), strict=True):
            if array.shape[1:] != value.shape or array.dtype != value.type.dtype.numpy:
                raise IRError(f"{op.opname} %{value.name}: meaning gave {array.dtype}{array.shape}, not {value.type}")
            values[value] = array
            if observer is not None:
                observer(value, array)
        for operand in op.operands:
            readers[operand] -= 1
            if not keep and readers[operand] == 0:
                del values[operand]
    return values


FAMILIES = (
    axis,
    binary,
    conv,
    conversion,
    indexing,
    movement,
    ngrams,
    normalization,
    pooling,
    products,
    quantization,
    quantized,
    recurrent,
    reduction,
    regions,
    resampling,
    spectral,
    unary,
)
"""Modules whose meanings are registered by importing them."""
