"""An output against the one that the suite expects, at the suite's tolerances; integers and truth values exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BFLOAT16_RTOL = 2.0**-6
"""The suite's own tolerance for bfloat16: two units in the last place."""
SHOWN = 4


def difference(got: NDArray[Any], expected: Any, rtol: float, atol: float) -> str | None:
    """None if they agree, else what differs, with the first elements that do."""
    if not isinstance(expected, np.ndarray):
        return f"is a tensor, expected {type(expected).__name__}"
    if got.dtype != expected.dtype or got.shape != expected.shape:
        return f"is {got.dtype}{list(got.shape)}, expected {expected.dtype}{list(expected.shape)}"
    exact = got.dtype.kind in "iub" or got.dtype.name.startswith(("int", "uint"))
    if exact:
        differs = got != expected
    else:
        rtol = max(rtol, BFLOAT16_RTOL) if got.dtype.name == "bfloat16" else rtol
        # 4- and 8-bit floats and bfloat16 have no arithmetic of their own in NumPy.
        a, b = got.astype(np.float64), expected.astype(np.float64)
        differs = ~np.isclose(a, b, rtol, atol, equal_nan=True)
    if not differs.any():
        return None
    places = np.argwhere(differs)
    shown = "; ".join(f"{p.tolist()}: {got[tuple(p)]}, expected {expected[tuple(p)]}" for p in places[:SHOWN])
    return f"differs in {len(places)} of {got.size} elements: {shown}"
