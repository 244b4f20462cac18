"""Random graphs in QDQ form: whatever they are made of, they are quantized, keep the verifier's rules, and mean much
the same; functions that are not continuous and divisors near 0 excuse a few.
"""

from pathlib import Path

import numpy as np
import pytest
from random_blocks import BLOCKS
from random_graphs import random_graph
from random_layers import LAYERS
from random_nodes import NODES

from edgec.driver import import_model, optimize
from edgec.errors import EdgecError
from edgec.ir import Graph, verify
from edgec.ir.interp import run
from edgec.ir.ops import Dequantize, Quantize
from edgec.options import Options
from edgec.passes._quantized_forms import Form, activations, form
from edgec.passes.quantize import QuantizePass
from edgec.target import Target

GRAPHS = 150


def imported(seed: int, path: Path) -> tuple[Graph, dict[str, np.ndarray]] | None:
    """A float graph that has inputs, all finite; None for other ones."""
    drawing = random_graph(seed, [*NODES, *LAYERS, *BLOCKS])
    path.write_bytes(drawing.model().SerializeToString())
    try:
        graph = import_model(path, Options())
    except EdgecError:
        return None
    optimize(graph, Target.load("host"), Options())
    plain = not any(isinstance(op, Quantize) for op in graph) and graph.given
    return (graph, drawing.inputs) if plain else None


def mover_scales(graph: Graph) -> list[set[tuple[float, int]]]:
    """Of each operator that moves integers, the scales and zero points of all that it reads and gives."""
    found = []
    for op in graph:
        pairs = [user for value in op.results[:1] for user in value.uses if isinstance(user, Quantize)]
        if len(pairs) == 1 and form(op, pairs[0].dtype) is Form.MOVES:
            read = [value.producer for value in activations(op)]
            assert all(isinstance(producer, Dequantize) for producer in read)
            scaled = [*pairs, *(producer for producer in read if isinstance(producer, Dequantize))]
            found.append({(quant.scale[0], quant.zero) for one in scaled if (quant := one.quant()) is not None})
    return found


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of sums that overflow
@pytest.mark.parametrize(("dtype", "near", "share"), [("int8", 0.2, 0.95), ("int16x8", 0.03, 0.97)])
def test_random_graphs_are_quantized(dtype: str, near: float, share: float, tmp_path: Path) -> None:
    outputs, far, quantized = 0, 0, 0
    for seed in range(GRAPHS):
        if (found := imported(seed, tmp_path / "model.onnx")) is None:
            continue
        graph, inputs = found
        expected = run(graph, inputs)
        quantized += QuantizePass({name: array[None] for name, array in inputs.items()}, dtype).run(graph, None)
        verify(graph)
        assert all(len(scales) == 1 for scales in mover_scales(graph)), seed
        results = run(graph, inputs)
        for name, array in expected.items():
            if array.dtype.kind == "f" and np.isfinite(array).all():
                outputs += 1
                far += not np.abs(results[name] - array).max() <= near * np.abs(array).max()
    assert quantized > 0.6 * GRAPHS
    assert far <= (1 - share) * outputs, f"{far} of {outputs}"
