"""Train a U-Net and write unet.onnx and unet.npz: ``python -m examples.unet.make`` in the repository's root.

An encoder and a decoder with a skip connection at each level: at the two larger levels it is added, at the smallest it
is put beside. The first skip is the stem's result, wide and made from a narrow picture by few multiplications, and kept
over all that is deeper. It finds the shapes in synthetic pictures. Takes a minute.
"""

from pathlib import Path

import numpy as np
import onnx

from examples.shapes import Array, Net, outputs, pictures
from examples.training import train

EXTENT, SEED = 48, 8
STEM, SECOND, THIRD, DEEPEST, LAST = 12, 32, 48, 64, 8
STEPS, BATCH, RATE = 500, 8, 2e-3


def net() -> Net:
    """The whole, of random weights; ``y`` are logits."""
    net = Net("unet", EXTENT, SEED)
    stem = net.conv("stem", "x", STEM)
    second = net.conv("second", net.pool("pool1", stem), SECOND)
    third = net.conv("third", net.pool("pool2", second), THIRD)
    deepest = net.conv("deepest", net.pool("pool3", third), DEEPEST)
    joined = net.concat("joined", net.up("up3", deepest, THIRD // 2), third)
    up2 = net.up("up2", net.conv("back3", joined, THIRD), SECOND)
    back2 = net.conv("back2", net.add("Add", "sum2", [up2, second], SECOND), SECOND // 2)
    up1 = net.up("up1", back2, STEM)
    last = net.conv("last", net.add("Add", "sum1", [up1, stem], STEM), LAST)
    net.conv("y", last, 1, kernel=1, relu=False)
    return net


def slope(mask: Array, y: Array) -> Array:
    """That of the mean cross entropy by the logits."""
    found: Array = 0.5 + 0.5 * np.tanh(y / 2)
    return (found - mask.transpose(0, 2, 3, 1)) / np.float32(y.size)


def main() -> None:
    """Make the net, train it, write both files."""
    rng = np.random.default_rng(SEED)
    model = net().model("y", [1, 1, EXTENT, EXTENT])
    train(model, [pictures(rng, BATCH, EXTENT)[::2] for _ in range(STEPS)], slope, RATE)
    folder = Path(__file__).parent
    onnx.save(model, folder / "unet.onnx")
    test, _, truth = pictures(rng, 32, EXTENT)
    found, right = outputs(model, test) > 0, truth > 0
    union = (found & right).sum() / (found | right).sum()
    print(f"pixels right: {np.mean(found == right):.4f}, intersection over union: {union:.4f}")
    calibration = pictures(rng, 64, EXTENT)[0]
    halves = [array.astype(np.float16) for array in (calibration, test)]
    np.savez_compressed(folder / "unet.npz", calibration=halves[0], test=halves[1])


if __name__ == "__main__":
    main()
