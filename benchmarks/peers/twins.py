"""TFLite twins of ONNX models: ``python -m peers.twins MODEL PRECISION INPUT FILE``, where litert-torch is installed.

The ONNX graph, its shape arithmetic folded by onnxruntime, is run node by node by PyTorch functions, which litert-torch
converts. int8 is made of the float32 model by its quantizer: weights per channel, activations by INPUT, an npy file.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch.nn import functional

from peers.folding import folded

Attributes = dict[str, Any]
Operands = list[Any]
"""Tensors; constants that say shapes, axes and places are NumPy arrays."""


def convert(model: Path, precision: str, x: np.ndarray, file: Path) -> None:
    """Write the twin; ``x`` is an input."""
    import litert_torch

    network = Network(onnx.load(str(folded(model, file.with_suffix(".onnx")))))
    made = litert_torch.convert(network.eval(), (torch.from_numpy(x),))
    if precision == "float32":
        made.export(str(file))
        return
    from ai_edge_quantizer import quantizer, recipe

    floats = file.with_suffix(".float32.tflite")
    made.export(str(floats))
    tool = quantizer.Quantizer(str(floats))
    tool.load_quantization_recipe(recipe.static_wi8_ai8())
    name = tool_input(floats)
    observed = tool.calibrate({"serving_default": [{name: x}]})
    tool.quantize(observed).export_model(str(file), overwrite=True)


def tool_input(file: Path) -> str:
    """The name of the input in the model's signature."""
    from ai_edge_litert.interpreter import Interpreter

    (name,) = Interpreter(model_path=str(file)).get_signature_list()["serving_default"]["inputs"]
    return str(name)


class Network(torch.nn.Module):  # type: ignore[misc]
    """A graph whose nodes are PyTorch functions."""

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        self.graph = model.graph
        self.constants: dict[str, Any] = {}
        for tensor in self.graph.initializer:
            array = np.array(onnx.numpy_helper.to_array(tensor))
            self.constants[tensor.name] = torch.from_numpy(array) if array.dtype == np.float32 else array
        self.attributes = [
            {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute} for node in self.graph.node
        ]
        # Layers with parameters are made outside of what is traced.
        for node, attributes in zip(self.graph.node, self.attributes, strict=True):
            if node.op_type == "LSTM":
                attributes["layer"] = _lstm_layer(*(self.constants[name] for name in node.input[1:4]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The model's output."""
        values: dict[str, Any] = {**self.constants, self.graph.input[0].name: x}
        for node, attributes in zip(self.graph.node, self.attributes, strict=True):
            function = OPERATORS.get(node.op_type)
            if function is None:
                raise NotImplementedError(f"no PyTorch function for {node.op_type}")
            made = function([values[name] if name else None for name in node.input], attributes)
            made = made if isinstance(made, tuple) else (made,)
            values.update(zip(node.output, made, strict=False))
        result: torch.Tensor = values[self.graph.output[0].name]
        return result


def _padded(x: torch.Tensor, attributes: Attributes, value: float = 0.0) -> torch.Tensor:
    pads = attributes.get("pads", [0, 0, 0, 0])
    half = len(pads) // 2
    ends = [p for axis in reversed(range(half)) for p in (pads[axis], pads[axis + half])]
    return functional.pad(x, ends, value=value) if any(pads) else x


def _conv(operands: Operands, attributes: Attributes) -> torch.Tensor:
    x, w, *bias = operands
    pads = attributes.get("pads", [0] * 4)
    half = len(pads) // 2
    alike = pads[:half] == pads[half:]
    convolve = functional.conv2d if w.ndim == 4 else functional.conv1d
    return convolve(
        x if alike else _padded(x, attributes),
        w,
        bias[0] if bias else None,
        attributes.get("strides", [1] * half),
        pads[:half] if alike else 0,
        attributes.get("dilations", [1] * half),
        attributes.get("group", 1),
    )


def _gemm(operands: Operands, attributes: Attributes) -> torch.Tensor:
    a, b, *c = operands
    w = b if attributes.get("transB", 0) else b.T
    return functional.linear(a.T if attributes.get("transA", 0) else a, w, c[0] if c else None)


def _average_pool(operands: Operands, attributes: Attributes) -> torch.Tensor:
    return functional.avg_pool2d(operands[0], attributes["kernel_shape"], attributes.get("strides"))


def _slice(operands: Operands, attributes: Attributes) -> torch.Tensor:
    x, starts, ends, axes, *steps = operands
    places = [slice(None)] * x.ndim
    for number, axis in enumerate(axes):
        end = int(ends[number])
        places[int(axis)] = slice(
            int(starts[number]), min(end, x.shape[int(axis)]), int(steps[0][number]) if steps else 1
        )
    return x[tuple(places)]


def _reshape(operands: Operands, attributes: Attributes) -> torch.Tensor:
    x, shape = operands
    return x.reshape([x.shape[i] if n == 0 else int(n) for i, n in enumerate(shape)])


def _lstm_layer(w: torch.Tensor, r: torch.Tensor, bias: torch.Tensor) -> torch.nn.LSTM:
    """One layer, one direction; ONNX has its gates in the order input, output, forget, cell, PyTorch i, f, c, o."""
    size = r.shape[-1]
    order = torch.tensor([*range(size), *range(2 * size, 4 * size), *range(size, 2 * size)])
    layer = torch.nn.LSTM(w.shape[-1], size)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(w[0][order])
        layer.weight_hh_l0.copy_(r[0][order])
        layer.bias_ih_l0.copy_(bias[0][: 4 * size][order])
        layer.bias_hh_l0.copy_(bias[0][4 * size :][order])
    return layer


def _lstm(operands: Operands, attributes: Attributes) -> tuple[torch.Tensor, ...]:
    y, (h, c) = attributes["layer"](operands[0])
    return y[:, None], h, c


def _batch_norm(operands: Operands, attributes: Attributes) -> torch.Tensor:
    x, scale, bias, mean, variance = operands
    return functional.batch_norm(x, mean, variance, scale, bias, eps=attributes.get("epsilon", 1e-5))


def _gather(operands: Operands, attributes: Attributes) -> torch.Tensor:
    x, index = operands
    return x.select(attributes.get("axis", 0), int(index)) if np.ndim(index) == 0 else x[torch.from_numpy(index)]


def _squeeze(operands: Operands, attributes: Attributes) -> torch.Tensor:
    x = operands[0]
    for axis in sorted((int(a) for a in operands[1]), reverse=True):
        x = x.squeeze(axis)
    return x


OPERATORS: dict[str, Callable[[Operands, Attributes], Any]] = {
    "Add": lambda o, a: o[0] + o[1],
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Clip": lambda o, a: torch.clamp(o[0], float(o[1]), float(o[2])),
    "Conv": _conv,
    "Div": lambda o, a: o[0] / o[1],
    "Erf": lambda o, a: torch.erf(o[0]),
    "Flatten": lambda o, a: o[0].flatten(a.get("axis", 1)),
    "Gather": _gather,
    "Gemm": _gemm,
    "GlobalAveragePool": lambda o, a: o[0].mean((2, 3), keepdim=True),
    "LSTM": _lstm,
    "LayerNormalization": lambda o, a: functional.layer_norm(o[0], o[1].shape, o[1], o[2], a.get("epsilon", 1e-5)),
    "MatMul": lambda o, a: o[0] @ o[1],
    "Mul": lambda o, a: o[0] * o[1],
    "ReduceMean": lambda o, a: o[0].mean(tuple(a["axes"]), keepdim=bool(a.get("keepdims", 1))),
    "Relu": lambda o, a: functional.relu(o[0]),
    "Reshape": _reshape,
    "Slice": _slice,
    "Softmax": lambda o, a: functional.softmax(o[0], a.get("axis", -1)),
    "Squeeze": _squeeze,
    "Transpose": lambda o, a: o[0].permute(a["perm"]),
}


if __name__ == "__main__":
    convert(Path(sys.argv[1]), sys.argv[2], np.load(sys.argv[3]), Path(sys.argv[4]))
