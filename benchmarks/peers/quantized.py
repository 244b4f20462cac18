"""Quantized twins by onnxruntime: static, per channel, QDQ; activations of either sign."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, name: str, inputs: Iterable[np.ndarray[Any, Any]]) -> None:
        self.feeds = iter([{name: x} for x in inputs])

    def get_next(self) -> dict[str, np.ndarray[Any, Any]] | None:
        return next(self.feeds, None)


def quantized(model: Path, inputs: Iterable[np.ndarray[Any, Any]], unsigned: bool, file: Path) -> Path:
    """Write the twin of a float32 model, calibrated by inputs in its shape; weights are int8."""
    prepared = file.with_suffix(".prepared.onnx")
    quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
    name = onnx.load(str(model), load_external_data=False).graph.input[0].name
    quantize_static(
        str(prepared),
        str(file),
        _Reader(name, inputs),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8 if unsigned else QuantType.QInt8,
        weight_type=QuantType.QInt8,
    )
    prepared.unlink()
    return file


def dequantized(model: Path, file: Path) -> Path:
    """Write the float32 model that a QDQ model was made from, weights as they were rounded.

    Where a convolution's result is quantized from zero on, that is a clamp of the float32 model at the largest code.
    """
    graph = (loaded := onnx.load(str(model))).graph
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    same: dict[str, str] = {}
    """Names of values that only pass through quantization -> those that they were."""
    kept = []
    convolved = {node.output[0] for node in graph.node if node.op_type == "Conv"}
    for node in graph.node:
        node.input[:] = [same.get(name, name) for name in node.input]
        if node.op_type == "QuantizeLinear":
            same[node.output[0]] = node.input[0]
            scale, zero = (constants[name] for name in node.input[1:3])
            limits = np.iinfo(zero.dtype)
            if node.input[0] in convolved and zero == limits.min:
                name = same[node.output[0]] = f"{node.input[0]}_clamped"
                ends = {f"{name}_low": 0.0, f"{name}_high": float(scale) * (limits.max - limits.min)}
                graph.initializer.extend(
                    onnx.numpy_helper.from_array(np.array(v, np.float32), n) for n, v in ends.items()
                )
                kept.append(onnx.helper.make_node("Clip", [node.input[0], *ends], [name]))
        elif node.op_type == "DequantizeLinear" and node.input[0] in constants:
            codes, scale, zero = (constants[name] for name in node.input)
            axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
            along = [-1 if scale.ndim and d == axis % codes.ndim else 1 for d in range(codes.ndim)]
            numbers = (codes.astype(np.float32) - zero.astype(np.float32).reshape(along)) * scale.reshape(along)
            graph.initializer.append(onnx.numpy_helper.from_array(numbers.astype(np.float32), node.output[0]))
        elif node.op_type == "DequantizeLinear":
            same[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    for output in graph.output:
        for node in kept:
            node.output[:] = [output.name if name == same.get(output.name) else name for name in node.output]
    del graph.node[:]
    graph.node.extend(kept)
    read = {name for node in kept for name in node.input}
    stored = [t for t in graph.initializer if t.name in read]
    del graph.initializer[:]
    graph.initializer.extend(stored)
    onnx.checker.check_model(loaded)
    onnx.save(loaded, str(file))
    return file
