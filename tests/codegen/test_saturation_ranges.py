"""Why kernels saturate every code: ranges of sums over all codes of the input hardly ever prove that they need not."""

from pathlib import Path

import numpy as np
import pytest

from edgec import driver
from edgec.codegen.kernels.weighted_sums import weighted_sums
from edgec.ir import Graph
from edgec.ir.ops import Add, Convolution, Dense
from edgec.ir.requantization import code_limits, scale_of, zero_of
from edgec.options import Options
from edgec.target import Target

MODELS = Path(__file__).parents[1] / "models"


def spared_channels(graph: Graph) -> tuple[int, int]:
    """Output channels whose codes stay inside the limits for any input, and all of them."""
    spared = channels = 0
    for op in graph.ops:
        if not isinstance(op, Convolution | Dense) or op.w.data is None or op.result.type.quant is None:
            continue
        weights = op.w.data.reshape(len(op.w.data), -1)
        sums = weighted_sums(op, [weights])
        (rows,), (bias,) = ([part.astype(np.int64) for part in parts] for parts in (sums.weights, sums.biases))
        low, high = op.x.type.dtype.limits
        up, down = np.maximum(rows, 0).sum(axis=1), np.minimum(rows, 0).sum(axis=1)
        scale = sums.factors.multipliers / 2.0 ** sums.factors.shifts.astype(np.int64)
        smallest, largest = ((bias + ends) * scale for ends in (low * up + high * down, high * up + low * down))
        first, last = (limit - zero_of(op.result) for limit in code_limits(op.result.type, op.clamp))
        spared += int(((smallest >= first) & (largest <= last)).sum())
        channels += len(rows)
    return spared, channels


def spared_sums(graph: Graph) -> tuple[int, int]:
    """Residual sums whose codes stay inside the limits for any operands, and all of them."""
    spared = count = 0
    for op in graph.ops:
        if isinstance(op, Add) and op.result.type.quant is not None:
            ends = [
                sum(scale_of(v) * (v.type.dtype.limits[end] - zero_of(v)) for v in (op.a, op.b)) / scale_of(op.result)
                for end in (0, 1)
            ]
            first, last = (limit - zero_of(op.result) for limit in code_limits(op.result.type, op.clamp))
            spared += int(first <= ends[0] and ends[1] <= last)
            count += 1
    return spared, count


@pytest.mark.parametrize("name", ["dscnn", "resnet8", "mobilenetv1_025_96", "autoencoder", "mobilenetv2_100_224"])
def test_hardly_any_code_is_proven_inside(name: str) -> None:
    target = Target.load("cortex-m4")
    options = Options(target=target.name)
    graph = driver.import_model(MODELS / f"{name}_qdq.onnx", options)
    driver.optimize(graph, target, options)
    (spared, channels), (sums, _) = spared_channels(graph), spared_sums(graph)
    assert channels > 0
    assert spared <= 0.05 * channels
    assert sums == 0
