"""What the scripts of the examples unet and densenet share: pictures of shapes, and nets of random weights."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnx.helper as oh
import onnxruntime

Array = npt.NDArray[np.float32]
KINDS = ("disk", "square", "triangle", "cross")


def pictures(
    rng: np.random.Generator, count: int, extent: int, dark: bool = True
) -> tuple[Array, npt.NDArray[np.int64], Array]:
    """Pictures ``[S, 1, extent, extent]`` of one shape on an uneven ground, their kinds ``[S]``, and the masks.

    ``dark``: half of the shapes are darker than the ground.
    """
    at = (np.arange(extent, dtype=np.float32) + 0.5) / extent
    y, x = np.meshgrid(at, at, indexing="ij")
    kinds = rng.integers(len(KINDS), size=count)
    images = np.empty((count, 1, extent, extent), np.float32)
    masks = np.empty_like(images)
    for sample, kind in enumerate(kinds):
        r = rng.uniform(0.14, 0.24)
        u, v = x - rng.uniform(r, 1 - r), y - rng.uniform(r, 1 - r)
        inside = {
            "disk": u * u + v * v < r * r,
            "square": np.maximum(abs(u), abs(v)) < 0.85 * r,
            "triangle": (v < 0.7 * r) & (v > 2 * abs(u) - r),
            "cross": (np.minimum(abs(u), abs(v)) < 0.28 * r) & (np.maximum(abs(u), abs(v)) < r),
        }[KINDS[kind]]
        ground = 0.3 * np.sin(x * rng.uniform(2, 12) + y * rng.uniform(2, 12) + rng.uniform(0, 6))
        noise = rng.normal(0, 0.15, x.shape)
        sign = rng.choice([-1, 1]) if dark else 1
        images[sample, 0] = ground + noise + inside * sign * rng.uniform(0.8, 1.2)
        masks[sample, 0] = inside
    return images, kinds.astype(np.int64), masks


class Net:
    """An ONNX graph in the making, of convolutions of seeded random weights (He et al., arXiv:1502.01852)."""

    def __init__(self, name: str, extent: int, seed: int) -> None:
        self.name, self.rng = name, np.random.default_rng(seed)
        self.channels, self.nodes, self.weights = {"x": 1}, list[onnx.NodeProto](), list[onnx.TensorProto]()
        self.input = oh.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 1, extent, extent])

    def add(self, op: str, name: str, inputs: list[str], channels: int, **attributes: Any) -> str:
        """A node that gives so many channels under its name."""
        self.nodes.append(oh.make_node(op, inputs, [name], name, **attributes))
        self.channels[name] = channels
        return name

    def constant(self, name: str, data: npt.ArrayLike) -> str:
        """An initializer."""
        self.weights.append(onnx.numpy_helper.from_array(np.asarray(data, np.float32), name))
        return name

    def conv(self, name: str, x: str, channels: int, kernel: int = 3, relu: bool = True, stride: int = 1) -> str:
        """A convolution that keeps the extents, or halves them by its stride, and a ReLU."""
        into, pad = self.channels[x], kernel // 2
        w = self.rng.normal(0, (2 / (into * kernel**2)) ** 0.5, (channels, into, kernel, kernel))
        given = [x, self.constant(f"{name}_w", w), self.constant(f"{name}_b", self.rng.normal(0, 0.1, channels))]
        made = f"{name}_conv" if relu else name
        self.add("Conv", made, given, channels, kernel_shape=[kernel] * 2, pads=[pad] * 4, strides=[stride] * 2)
        return self.relu(name, made) if relu else name

    def relu(self, name: str, x: str) -> str:
        """The larger of each element and 0."""
        return self.add("Relu", name, [x], self.channels[x])

    def up(self, name: str, x: str, channels: int) -> str:
        """A transposed convolution of 2x2 that doubles the extents."""
        into = self.channels[x]
        w = self.rng.normal(0, (2 / into) ** 0.5, (into, channels, 2, 2))
        given = [x, self.constant(f"{name}_w", w), self.constant(f"{name}_b", np.zeros(channels))]
        return self.add("ConvTranspose", name, given, channels, kernel_shape=[2, 2], strides=[2, 2])

    def pool(self, name: str, x: str) -> str:
        """Maxima of 2x2 elements."""
        return self.add("MaxPool", name, [x], self.channels[x], kernel_shape=[2, 2], strides=[2, 2])

    def concat(self, name: str, *inputs: str) -> str:
        """One behind the other along the channels."""
        return self.add("Concat", name, [*inputs], sum(self.channels[i] for i in inputs), axis=1)

    def dense(self, name: str, x: str, channels: int) -> str:
        """A dense layer."""
        w = self.rng.normal(0, self.channels[x] ** -0.5, (self.channels[x], channels))
        given = [x, self.constant(f"{name}_w", w), self.constant(f"{name}_b", np.zeros(channels))]
        return self.add("Gemm", name, given, channels)

    def model(self, output: str, shape: list[int]) -> onnx.ModelProto:
        """The graph up to a tensor of this shape, checked."""
        value = oh.make_tensor_value_info(output, onnx.TensorProto.FLOAT, shape)
        graph = oh.make_graph(self.nodes, self.name, [self.input], [value], self.weights)
        made = oh.make_model(
            graph, opset_imports=[oh.make_opsetid("", 17)], ir_version=8, producer_name="edgec examples"
        )
        onnx.checker.check_model(made, full_check=True)
        return made


def outputs(model: onnx.ModelProto, images: Array) -> Array:
    """What a model gives of each picture, stacked."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"x": image[None]})[0] for image in images])
