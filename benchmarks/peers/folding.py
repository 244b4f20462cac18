"""The same model with its constants folded, for those that take no shape arithmetic."""

from pathlib import Path

import onnxruntime


def folded(model: Path, file: Path) -> Path:
    """Write it: batch norms are in the convolutions, all is still of ONNX's own operators."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(file)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return file
