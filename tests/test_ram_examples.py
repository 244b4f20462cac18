"""The examples with skip connections: what less RAM brings on an emulated Cortex-M4, with the same bits."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from edgec import driver
from edgec.driver import Prepared
from edgec.errors import BudgetError
from edgec.ir import Array
from edgec.ir.requantization import to_codes

EXAMPLES = Path(__file__).parent.parent / "examples"


@cache
def prepared(name: str) -> tuple[Prepared, dict[str, Array]]:
    """In int8 from end to end, and two samples."""
    path = EXAMPLES / name / f"{name}.onnx"
    data = path.with_suffix(".npz")
    made = driver.prepare(path, "cortex-m4", quantize="int8", calibration=str(data), io="int8")
    with np.load(data) as arrays:
        samples = {"x": arrays["test"][:2, None].astype(np.float32)}
    return made, to_codes(samples, made.graph.given)


@pytest.mark.parametrize(("name", "share", "slower"), [("unet", 0.6, 20), ("densenet", 0.85, 5)])
def test_the_smallest_program_needs_much_less_and_gives_the_same_bits(name: str, share: float, slower: float) -> None:
    made, samples = prepared(name)
    default = made.compiled()
    with pytest.raises(BudgetError) as refused:
        made.compiled(1)
    small = made.compiled(refused.value.least)
    assert small.model.plan.arena_bytes == refused.value.least <= share * default.model.plan.arena_bytes
    fit = small.model.fit
    assert fit is not None
    assert 0 < fit.slowdown_percent < slower
    assert any(again.source == "stem_conv" for again in fit.recomputed)
    first, second = (c.run_on(c.device(), samples)[0] for c in (default, small))
    np.testing.assert_array_equal(first.outputs["y"], second.outputs["y"])
    assert len(np.unique(first.outputs["y"])) > 3
    before, after = first.instructions, second.instructions
    assert before is not None and after is not None
    assert before < after < (1 + slower / 100) * before


def test_another_order_of_the_densenet_costs_nothing() -> None:
    made, _ = prepared("densenet")
    default = made.compiled()
    ordered = made.compiled(int(0.86 * default.model.plan.arena_bytes)).model.fit
    assert ordered is not None
    assert (ordered.recomputed, ordered.cost) == ((), ordered.default_cost)
