"""Models that onnxruntime quantized, in both of its formats: integers from end to end, each output within one step."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import QuantFormat
from quantized_by_onnxruntime import LEVELS, PAIRS, compiled, quantized, session

MODELS = Path(__file__).parents[1] / "models"

WITHIN_ONE = {"resnet8": 0.98}
"""Share of the outputs that are within one step of onnxruntime's, if not all: what it rounds to the other side in one
residual sum is several steps many layers later, in a network of random weights."""


def without_softmax(path: Path) -> None:
    """Let a model return what its last softmax reads: steps of that are many steps of the result."""
    model = onnx.load(path)
    softmax = model.graph.node.pop()
    assert softmax.op_type == "Softmax"
    model.graph.output[0].name = softmax.input[0]
    onnx.save(model, path)


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("types", PAIRS)
@pytest.mark.parametrize("layout", QuantFormat)
@pytest.mark.parametrize("name", ["dscnn", "resnet8", "autoencoder", "mobilenetv1_025_96"])
def test_quantized_by_onnxruntime(
    name: str, layout: QuantFormat, types: str, per_channel: bool, tmp_path: Path
) -> None:
    source = tmp_path / "float.onnx"
    session(MODELS / f"{name}.onnx", LEVELS.ORT_ENABLE_BASIC, source)  # folds batch normalization
    if name == "resnet8":
        without_softmax(source)
    found = compiled(*quantized(source, layout, types, per_channel))
    assert found.floats == {"dequantize": 1}
    for level in (LEVELS.ORT_DISABLE_ALL, LEVELS.ORT_ENABLE_ALL):
        assert np.mean(found.steps(level) <= 1) >= WITHIN_ONE.get(name, 1.0)
        np.testing.assert_array_equal(found.results.argmax(axis=-1), found.wanted(level).argmax(axis=-1))


@pytest.mark.parametrize("level", [LEVELS.ORT_ENABLE_EXTENDED, LEVELS.ORT_ENABLE_ALL])
@pytest.mark.parametrize("name", ["dscnn", "resnet8", "autoencoder", "transformer_encoder"])
def test_what_onnxruntime_makes_of_a_model_is_the_same_integers(name: str, level: Any, tmp_path: Path) -> None:
    """Its optimizer writes QLinear operators for Dequantize, operator, Quantize: one way through."""
    path = MODELS / f"{name}_qdq.onnx"
    session(path, level, tmp_path / "optimized.onnx")
    shape = [d.dim_value for d in onnx.load(path).graph.input[0].type.tensor_type.shape.dim]
    samples = list(np.random.default_rng(5).standard_normal((2, *shape), np.float32))
    first, second = compiled(path, samples), compiled(tmp_path / "optimized.onnx", samples)
    np.testing.assert_array_equal(first.results, second.results)
    assert first.floats == second.floats
