"""Random graphs: onnxruntime, the interpreter before and after the default pipeline, and the compiled C agree."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import suite_compiling
from random_blocks import BLOCKS
from random_graphs import RandomGraph, random_graph
from random_layers import LAYERS
from random_nodes import NODES
from suite_cases import Case
from suite_outcome import Status
from suite_running import BATCH, Runner

from edgec import driver
from edgec.driver import compile, import_model
from edgec.errors import EdgecError
from edgec.ir import Array
from edgec.ir.interp import run
from edgec.options import Options
from edgec.target import Target

GRAPHS = 300
REFUSED = 0.05
"""Most of the graphs that may be refused: windows larger than what they slide over, tensors without elements."""
TOLERANCE = {"float16": 3e-2, "float32": 1e-4, "float64": 1e-4}
"""Relative to the largest magnitude: errors of several layers add up. (Float64 may be a cast of float32.)"""
LEAST = 2e-2
"""Least magnitude that the tolerance is relative to: differences of large numbers are small, their errors are not."""


def drawn(seed: int) -> RandomGraph:
    return random_graph(seed, [*NODES, *LAYERS, *BLOCKS])


def tolerance(expected: Array) -> float:
    """Absolute tolerance of an output; 0 for what has no rounding errors."""
    if expected.dtype.kind != "f":
        return 0.0
    return TOLERANCE[expected.dtype.name] * max(float(np.abs(expected).max()), LEAST)


def check(results: dict[str, Array], graph: RandomGraph, what: str) -> None:
    for value in graph.outputs:
        got, expected = results[value.name], value.data
        said = f"seed {graph.seed}, {what}, output {value.name!r}"
        assert (got.dtype, got.shape) == (expected.dtype, expected.shape), said
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance(expected), err_msg=said)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of sums that overflow, as in the reference
def test_interpreter_agrees_with_onnxruntime_before_and_after_the_pipeline(tmp_path: Path) -> None:
    host, refused = Target.load("host"), 0
    for seed in range(GRAPHS):
        drawing = drawn(seed)
        path = tmp_path / "model.onnx"
        path.write_bytes(drawing.model().SerializeToString())
        try:
            graph = import_model(path, Options())
        except EdgecError:
            refused += 1
            continue
        check(run(graph, drawing.inputs), drawing, "as imported")
        driver.optimize(graph, host, Options())
        check(run(graph, drawing.inputs), drawing, "after the pipeline")
    assert refused <= REFUSED * GRAPHS


@pytest.mark.parametrize("optimize", ["balanced", "size"])
def test_compiled_c_agrees_with_onnxruntime(optimize: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compilers conclude other things from kernels that are functions than from those that are inlined."""
    monkeypatch.setattr(suite_compiling, "compile", partial(compile, optimize=optimize))
    cases = []
    for seed in range(GRAPHS, GRAPHS + BATCH):
        drawing = drawn(seed)
        model = drawing.model()
        floats = [tolerance(v.data) for v in drawing.outputs if v.data.dtype.kind == "f"]
        half = any(v.dtype == "float16" for v in drawing.outputs)
        rtol = TOLERANCE["float16" if half else "float32"]
        expected = [v.data for v in drawing.outputs]
        cases.append(
            Case(
                f"random_{seed}",
                "random",
                model,
                dict(drawing.inputs),
                expected,
                rtol,
                max(floats, default=0),
                "",
                None,
            )
        )
    outcomes = list(Runner(tmp_path).run(cases))
    assert [f"{o.case.name}: {o.status.value}: {o.detail}" for o in outcomes if o.defect] == []
    assert sum(o.status is Status.REFUSED for o in outcomes) <= REFUSED * BATCH


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_graphs_of_constants_are_evaluated_at_import(tmp_path: Path) -> None:
    refused = 0
    for seed in range(900000, 900100):
        drawing = drawn(seed)
        drawing.constants |= drawing.inputs
        drawing.inputs = {}
        path = tmp_path / "model.onnx"
        path.write_bytes(drawing.model().SerializeToString())
        try:
            graph = import_model(path, Options())
        except EdgecError:
            refused += 1
            continue
        check(run(graph, {}), drawing, "evaluated at import")
    assert refused <= REFUSED * 100
