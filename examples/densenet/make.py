"""Train a DenseNet and write densenet.onnx and densenet.npz: ``python -m examples.densenet.make`` in the root.

Two blocks of four layers: each reads all that is there, side by side, and puts eight channels more beside it (Huang et
al., arXiv:1608.06993). The second block reads the stem's result again, too, pooled (as in CondenseNet,
arXiv:1711.09224): it is wide, made from a narrow picture by few multiplications, and kept over the whole first block.
It tells the kinds of shapes in synthetic pictures apart. Layers are scaled alike, as int8 needs it where they stand
side by side. Takes a minute.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx

from examples.shapes import KINDS, Array, Net, outputs, pictures
from examples.training import balance, train

EXTENT, SEED = 24, 8
STEM, LAYERS, GROWTH, BETWEEN = 32, 4, 8, 24
STEPS, BATCH, RATE = 600, 16, 2e-3


def net() -> Net:
    """The whole, of random weights; ``y`` are logits."""
    net = Net("densenet", EXTENT, SEED)
    stem = net.conv("stem", "x", STEM)
    first = block(net, "a", stem)
    between = net.pool("pool1", net.conv("between", first, BETWEEN, kernel=1))
    second = block(net, "b", net.concat("again", between, net.pool("pool0", stem)))
    net.add("GlobalAveragePool", "mean", [second], net.channels[second])
    net.dense("y", net.add("Flatten", "flat", ["mean"], net.channels[second]), len(KINDS))
    return net


def block(net: Net, name: str, x: str) -> str:
    """Layers whose results are put beside what they read."""
    for layer in range(LAYERS):
        x = net.concat(f"{name}{layer}", x, net.conv(f"{name}{layer}_new", x, GROWTH))
    return x


def slope(kinds: npt.NDArray[np.int64], y: Array) -> Array:
    """That of the mean cross entropy by the logits."""
    powers = np.exp(y - y.max(axis=1, keepdims=True))
    found: Array = powers / powers.sum(axis=1, keepdims=True)
    return (found - np.eye(len(KINDS), dtype=np.float32)[kinds]) / np.float32(len(y))


def main() -> None:
    """Make the net, train it, write both files."""
    rng = np.random.default_rng(SEED)
    model = net().model("y", [1, len(KINDS)])
    train(model, [pictures(rng, BATCH, EXTENT, dark=False)[:2] for _ in range(STEPS)], slope, RATE)
    test, truth, _ = pictures(rng, 128, EXTENT, dark=False)
    found, kinds, _ = pictures(rng, 128, EXTENT, dark=False)
    calibration = found.astype(np.float16)
    balance(model, calibration.astype(np.float32))
    print(f"accuracy: {np.mean(outputs(model, test).argmax(axis=1) == truth):.4f}")
    folder = Path(__file__).parent
    onnx.save(model, folder / "densenet.onnx")
    np.savez_compressed(
        folder / "densenet.npz",
        calibration=calibration,
        calibration_labels=kinds,
        test=test.astype(np.float16),
        test_labels=truth,
    )


if __name__ == "__main__":
    main()
