"""The pass ``quantize``: the text it gives, and how little it changes what graphs and trained models compute."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgec.calibration import METHODS
from edgec.driver import import_model, optimize
from edgec.errors import EdgecError
from edgec.ir import Array, Graph, TensorType, parse_graph, verify
from edgec.ir.interp import run_samples
from edgec.ir.ops import Quantize
from edgec.options import Options
from edgec.passes.quantize import QuantizePass
from edgec.rewriting import Pipeline, parse_pipeline
from edgec.rewriting.testing import SEPARATOR, check_eir, made_up
from edgec.samples import input_types, load_samples
from edgec.target import Target

FILES = sorted((Path(__file__).parent / "quantize").glob("*.eir"))
EXAMPLES = Path(__file__).parents[2] / "examples"
OPTIONS: dict[str, dict[str, Any]] = {
    "wide": {"dtype": "int16x8"},
    "mixed": {"layers": "int16x8=wide;float32=float"},
}


def parsed(text: str) -> Graph:
    return parse_graph(text, made_up)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_text_after_and_a_meaning_within_the_steps_of_bytes(path: Path, update_eir: bool) -> None:
    graph = parsed(path.read_text().partition(SEPARATOR)[0])
    data = {value.name: made_up(f"{value.name}0", value.type, 3) for value in graph.inputs}  # as check_eir draws them
    check_eir(path, update_eir, [QuantizePass(data, **OPTIONS.get(path.stem, {}))], tolerance=0.03)


NET = """
graph @net(%x: f32[1,4]) {
  %w: f32[2,4] = const [1.0,-2.0,0.5,0.25,1.0,1.0,1.0,1.0]
  %b: f32[2] = const [0.5,-0.5]
  %y: f32[1,2] = dense %x, %w, %b
  %s: f32[1,2] = sqrt %y
  return y=%y
}
"""


def test_the_pipeline_s_text_has_all_options(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", made_up("x", TensorType(parsed(NET).inputs[0].type.dtype, (1, 4)), 5))
    text = f"quantize{{calibration={tmp_path},dtype=uint8,method=mse,per_channel=false,layers=float32=y}}"
    (one,) = parse_pipeline(text)
    assert one == QuantizePass(str(tmp_path), "uint8", "mse", per_channel=False, layers="float32=y")
    assert not one.run(parsed(NET), None)
    with pytest.raises(EdgecError, match="has no option 'progress'"):
        parse_pipeline("quantize{progress=1}")


def test_data_of_python_code_has_a_text_too() -> None:
    assert str(Pipeline([QuantizePass(np.zeros((1, 4)))])).startswith("quantize{calibration=[[0. 0.")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "int4"}, "'int4' is no precision"),
        ({"method": "best"}, "'best' is no method"),
        ({"percentile": 20.0, "method": "percentile"}, "a percentile of 20"),
        ({"layers": "float32=nothing"}, "layer nothing: there is no such value"),
        ({"layers": {"y": "int12"}}, "layer y: 'int12' is no precision"),
        ({"layers": {"s": "int16x8"}}, "layer s: sqrt has no form for i16 activations"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EdgecError) as caught:
        QuantizePass([np.ones((1, 4), np.float32)], **options).run(parsed(NET), None)
    assert message in str(caught.value)


def test_float64_stays_as_it_is() -> None:
    graph = parsed("graph @net(%x: f64[4]) {\n %p: f64[4] = softmax %x {axis=0}\n return p=%p\n}")
    assert not QuantizePass([np.ones(4)]).run(graph, None)


def test_a_quantized_model_is_refused() -> None:
    graph, data = parsed(NET), [np.ones((1, 4), np.float32)]
    QuantizePass(data).run(graph, None)
    with pytest.raises(EdgecError, match="is quantized already"):
        QuantizePass(data).run(graph, None)


def test_weights_that_are_not_finite_are_refused_with_the_layer_s_name() -> None:
    graph = parsed(NET.replace("0.25", "nan"))
    with pytest.raises(EdgecError, match="dense %y: its weights or bias hold NaN"):
        QuantizePass([np.ones((1, 4), np.float32)]).run(graph, None)


def scales(graph: Graph) -> dict[str, float]:
    """The scale of each value that is quantized to one."""
    return {op.x.name: float(op.scale.data) for op in graph if isinstance(op, Quantize) and op.scale.data is not None}


def test_data_that_is_all_0_gives_scales_of_1() -> None:
    graph = parsed(NET.replace("0.5,-0.5", "0.0,0.0"))
    QuantizePass(np.zeros((3, 4), np.float32)).run(graph, None)
    verify(graph)
    assert scales(graph) == {"x": 1.0, "y": 1.0, "s": 1.0}


def test_a_result_far_below_its_operands_has_steps_that_fixed_point_arithmetic_can_give() -> None:
    graph = parsed(NET.replace("1.0,-2.0,0.5,0.25,1.0,1.0,1.0,1.0", "1.0,-1.0,1.0,-1.0,2.0,-2.0,1.0,-1.0"))
    QuantizePass(np.full((3, 4), 1e25, np.float32)).run(graph, None)  # cancels: the result is the bias
    assert scales(graph)["y"] == pytest.approx(1e25 / 255 * 2 / 127 / 2**16)


def test_a_layer_whose_result_has_the_scale_of_its_input_is_refused_if_its_weights_are_huge() -> None:
    graph = parsed("""
graph @net(%x: f32[1,2]) {
  %w: f32[2,2] = const [90000000.0,1.0,1.0,1.0]
  %b: f32[2] = const [0.0,0.0]
  %y: f32[1,2] = dense %x, %w, %b
  %m: f32[1,2] = max %x, %y
  %z: f32[1,2] = dense %m, %w, %b
  return z=%z
}
""")
    with pytest.raises(EdgecError, match="dense %y: its weights are too large for fixed-point arithmetic"):
        QuantizePass(np.ones((3, 2), np.float32)).run(graph, None)


# --- trained models --------------------------------------------------------------------------------------------------

CALIBRATION_SAMPLES, TEST_SAMPLES = 100, 200


def trained(name: str) -> tuple[Graph, dict[str, Array], Array, dict[str, Array]]:
    """A model, its test inputs and labels, and its calibration inputs."""
    graph = import_model(EXAMPLES / name / f"{name}.onnx", Options())
    optimize(graph, Target.load("host"), Options())
    path = EXAMPLES / name / f"{name}.npz"
    samples = load_samples(path, input_types(graph))
    assert samples.labels is not None
    inputs = {n: a[:TEST_SAMPLES] for n, a in samples.inputs.items()}
    return graph, inputs, samples.labels[:TEST_SAMPLES], {"x": np.load(path)["calibration"][:CALIBRATION_SAMPLES]}


def correct(graph: Graph, inputs: dict[str, Array], labels: Array) -> int:
    (outputs,) = run_samples(graph, inputs).values()
    return int(np.sum(outputs.reshape(len(labels), -1).argmax(axis=1) == labels))


@pytest.mark.parametrize("name", ["digits", "gunpoint", "italy_power", "kws10"])
@pytest.mark.parametrize(
    ("dtype", "method"), [*(("int8", method) for method in METHODS), ("int16x8", "minmax"), ("uint8", "minmax")]
)
def test_a_trained_model_loses_at_most_half_a_point(name: str, dtype: str, method: str) -> None:
    graph, inputs, labels, data = trained(name)
    before = correct(graph, inputs, labels)
    QuantizePass(data, dtype, method).run(graph, None)
    verify(graph)
    # Of at most 200 test samples, half a point is one.
    assert correct(graph, inputs, labels) >= before - 1
