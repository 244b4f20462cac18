"""Adaptive rounding of weights never makes an output worse than the nearest codes do, and mostly much better."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgec.ir import Array
from edgec.passes import _rounding
from edgec.passes._rounding import Rounding


def problem(x: Array, w: Array, y: Array, limit: int = 127) -> Rounding:
    """Of inputs ``[G, rows, I]``, weights ``[G, O, I]`` and wanted outputs ``[G, rows, O]``."""
    off = y - x @ np.swapaxes(w, 1, 2)
    extra = np.swapaxes(off, 1, 2) @ x
    return Rounding(w, np.swapaxes(x, 1, 2) @ x, extra, np.square(off).sum(axis=1), limit, x.shape[1])


def nearest(one: Rounding) -> Array:
    return np.clip(np.rint(one.weights), -one.limit, one.limit)


def squared(x: Array, codes: Array, y: Array) -> Array:
    """The squared error of each output, ``[G, O]``."""
    errors: Array = np.square(y - x @ np.swapaxes(codes, 1, 2)).sum(axis=1)
    return errors


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 70)),
    st.integers(1, 40),
    st.sampled_from(["own", "other", "none"]),
    st.sampled_from([1, 7, 127]),
    st.integers(0, 2**32 - 1),
)
def test_no_output_is_worse_than_with_the_nearest_codes(
    extents: tuple[int, int, int], rows: int, wanted: str, limit: int, seed: int
) -> None:
    groups, outputs, inputs = extents
    random = np.random.default_rng(seed)
    # Inputs that go together, some constant 0.
    x = random.standard_normal((groups, rows, 3)) @ random.standard_normal((groups, 3, inputs))
    x *= random.integers(0, 2, inputs)
    w = random.standard_normal((groups, outputs, inputs)) * limit / 2
    y = {"own": x @ np.swapaxes(w, 1, 2), "other": random.standard_normal((groups, rows, outputs)) * 30}.get(
        wanted, np.zeros((groups, rows, outputs))
    )
    one = problem(x, w, y, limit)
    codes = one.solve(nearest(one))
    assert np.array_equal(codes, np.rint(codes)) and np.abs(codes).max() <= limit
    before, after = squared(x, nearest(one), y), squared(x, codes, y)
    assert np.all(after <= before + 1e-9 * np.square(y).sum() + 1e-9 * before)


def test_errors_of_weights_whose_inputs_go_together_cancel() -> None:
    random = np.random.default_rng(1)
    mixed = random.standard_normal((1, 20, 48)) / 20**0.5
    w = random.standard_normal((1, 8, 48)) * 20
    x, other = (np.maximum(random.standard_normal((1, 4000, 20)) @ mixed, 0) for _ in range(2))
    one = problem(x, w, x @ np.swapaxes(w, 1, 2))
    codes = one.solve(nearest(one))
    y = other @ np.swapaxes(w, 1, 2)
    gain = 10 * np.log10(squared(other, nearest(one), y).sum() / squared(other, codes, y).sum())
    assert gain > 4  # dB, on inputs that were not seen


def test_what_is_wanted_beyond_the_weights_is_met() -> None:
    random = np.random.default_rng(2)
    x, w = random.standard_normal((1, 1000, 6)), random.standard_normal((1, 3, 6)) * 10
    moved = w + random.integers(-3, 4, w.shape)
    one = problem(x, w, x @ np.swapaxes(moved, 1, 2))
    codes = one.solve(nearest(one))
    assert np.abs(codes - moved).max() < 1 < np.abs(nearest(one) - moved).max()


def test_what_noise_wants_is_not_believed() -> None:
    random = np.random.default_rng(3)
    x, w = random.standard_normal((1, 60, 40)), random.standard_normal((1, 4, 40)) * 20
    one = problem(x, w, x @ np.swapaxes(w, 1, 2) + 100 * random.standard_normal((1, 60, 4)))
    codes = one.solve(nearest(one))
    assert np.abs(codes - w).max() < 1.5


def test_inputs_that_are_independent_leave_the_nearest_codes() -> None:
    x = np.eye(5)[None]
    w = np.random.default_rng(4).standard_normal((1, 3, 5)) * 9
    one = problem(x, w, x @ np.swapaxes(w, 1, 2))
    assert np.array_equal(one.solve(nearest(one)), np.rint(w))


def test_blocks_of_columns_do_not_change_what_a_sweep_does(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    x = random.standard_normal((2, 200, 9)) @ random.standard_normal((2, 9, 9))
    w = random.standard_normal((2, 3, 9)) * 9
    one = problem(x, w, x @ np.swapaxes(w, 1, 2))
    whole = one.solve(nearest(one))
    monkeypatch.setattr(_rounding, "BLOCK", 2)
    assert np.array_equal(one.solve(nearest(one)), whole)
