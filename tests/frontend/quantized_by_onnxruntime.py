"""Models quantized by onnxruntime.quantization, and their integers beside those of edgec."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from edgec.driver import optimize
from edgec.frontend import load
from edgec.ir import Const, Graph
from edgec.ir.interp import run
from edgec.options import Options
from edgec.target import Target

LEVELS = onnxruntime.GraphOptimizationLevel
Samples = list[NDArray[np.float32]]

PAIRS = {
    "s8s8": (QuantType.QInt8, QuantType.QInt8),
    "u8s8": (QuantType.QUInt8, QuantType.QInt8),
    "u8u8": (QuantType.QUInt8, QuantType.QUInt8),
}
"""Element types of activations and weights."""


class Reader(CalibrationDataReader):  # type: ignore[misc]
    """Gives samples one by one, and then None."""

    def __init__(self, name: str, samples: Samples) -> None:
        self._left: Iterator[NDArray[np.float32]] = iter(samples)
        self._name = name

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        sample = next(self._left, None)
        return None if sample is None else {self._name: sample}


def session(path: Path, level: Any, optimized: Path | None = None) -> onnxruntime.InferenceSession:
    """A model in onnxruntime; what its optimizer makes of it goes to a file."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    if optimized is not None:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def quantized(source: Path, layout: QuantFormat, types: str, per_channel: bool, **more: Any) -> tuple[Path, Samples]:
    """A float model of one input, quantized, beside it, and samples like those that it was calibrated with."""
    result, graph = source.with_name("quantized.onnx"), onnx.load(source).graph
    shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim]
    samples = list(np.random.default_rng(1).standard_normal((10, *shape), np.float32))
    activations, weights = PAIRS[types]
    with _quiet():
        quantize_static(
            source,
            result,
            Reader(graph.input[0].name, samples[:4]),
            quant_format=layout,
            activation_type=activations,
            weight_type=weights,
            per_channel=per_channel,
            # On cores without instructions for more, onnxruntime saturates sums of products of 8 by 8 bits.
            reduce_range=weights is QuantType.QInt8,
            **more,
        )
    return result, samples[4:]


@contextmanager
def _quiet() -> Iterator[None]:
    """The quantizer logs advice."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@dataclass(frozen=True)
class Compared:
    """A model optimized by edgec, and its first output for some samples."""

    path: Path
    graph: Graph
    samples: Samples
    results: NDArray[Any]

    @property
    def floats(self) -> Counter[str]:
        """What is computed in float, how many of each."""
        kinds = (op for op in self.graph if op.results and not isinstance(op, Const))
        return Counter(op.opname for op in kinds if op.results[0].type.dtype.is_float)

    def wanted(self, level: Any) -> NDArray[Any]:
        """What onnxruntime gives."""
        (source,), output = self.graph.given, self.graph.output_names[0]
        reference = session(self.path, level)
        return np.stack([reference.run([output], {source: sample})[0] for sample in self.samples])

    def steps(self, level: Any) -> NDArray[Any]:
        """How many steps of the last quantization the results are from onnxruntime's."""
        graph = onnx.load(self.path).graph
        (last,) = (n for n in graph.node if self.graph.output_names[0] in n.output)
        (scale,) = (numpy_helper.to_array(t) for t in graph.initializer if t.name == last.input[1])
        return np.asarray(np.rint(np.abs(self.results - self.wanted(level)) / scale))


def compiled(path: Path, samples: Samples) -> Compared:
    """Import, optimize and run a model."""
    graph = load(path)
    (source,), output = graph.given, graph.output_names[0]
    optimize(graph, Target.load("host"), Options())
    return Compared(path, graph, samples, np.stack([run(graph, {source: sample})[output] for sample in samples]))
