"""Ranges of values: what each method chooses on distributions whose best range is known, over data in any pieces."""

import numpy as np
import pytest

from edgec.calibration import METHODS, calibrate
from edgec.errors import EdgecError
from edgec.ir import Array, DType, Graph, TensorType, Value, f32, parse_graph
from edgec.ir.ops import Log, Relu

RNG = np.random.default_rng(7)
NORMAL = RNG.standard_normal((300, 256)).astype(np.float32)


def relu_net() -> tuple[Graph, Value, Value]:
    graph = Graph("net")
    x = graph.input("x", f32(256))
    y = graph.insert(Relu(x)).result
    graph.returns({"y": y})
    return graph, x, y


def chosen(data: Array, method: str, percentile: float = 99.99) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of x and of relu(x)."""
    graph, x, y = relu_net()
    calibration = calibrate(graph, [data[:1], data[1:]], method, percentile=percentile)
    return calibration.range(x), calibration.range(y)


def test_minmax_is_exact() -> None:
    low, high = float(NORMAL.min()), float(NORMAL.max())
    assert chosen(NORMAL, "minmax") == ((low, high), (0.0, high))


@pytest.mark.parametrize("percentile", [99.99, 98.0])
def test_a_percentile_leaves_out_as_much_below_as_above(percentile: float) -> None:
    (low, high), (zero, top) = chosen(NORMAL, "percentile", percentile)
    expected = NORMAL.size * (100 - percentile) / 200
    # Within a bin the elements are taken to be spread evenly.
    within = 3 + 0.01 * expected
    assert abs(np.sum(low > NORMAL) - expected) <= within and abs(np.sum(high < NORMAL) - expected) <= within
    assert zero == 0 and abs(np.sum(top < NORMAL) - expected) <= within


def square_error(data: Array, low: float, high: float) -> float:
    step = (high - low) / 255
    zero = np.rint(-low / step)
    return float(np.mean((data - np.clip(np.rint(data / step), -zero, 255 - zero) * step) ** 2))


HEAVY = (RNG.standard_t(3, (300, 256)) + 0.5).astype(np.float32)


@pytest.mark.parametrize("data", [NORMAL, HEAVY, np.abs(HEAVY), -np.abs(HEAVY)], ids=["normal", "tails", "+", "-"])
def test_mse_comes_close_to_the_best_of_all_ranges(data: Array) -> None:
    wide = data.astype(np.float64)
    shares = np.linspace(0.05, 1, 60)
    lows = np.unique(min(wide.min(), 0) * shares)
    highs = np.unique(max(wide.max(), 0) * shares)
    best = min(square_error(wide, low, high) for low in lows for high in highs)
    assert square_error(wide, *chosen(data, "mse")[0]) <= 1.05 * best


@pytest.mark.parametrize("method", ["percentile", "entropy"])
def test_a_single_outlier_does_not_cost_everyone_s_steps(method: str) -> None:
    data = NORMAL.copy()
    data[5, 5] = 300.0
    (low, high), (zero, top) = chosen(data, method)
    assert -6 < low < -2 and 2 < high < 40 and zero == 0 and 2 < top < 40


@pytest.mark.parametrize("method", METHODS)
def test_few_even_levels_are_all_kept(method: str) -> None:
    levels = RNG.integers(0, 16, (300, 256)).astype(np.float32) / 15
    (low, high), _ = chosen(levels, method)
    assert low == 0 and 0.97 < high <= 1.0


def test_entropy_ignores_how_many_zeros_there_are() -> None:
    tail = np.abs(NORMAL)
    many = np.where(RNG.random(tail.shape) < 0.9, 0, tail).astype(np.float32)
    assert chosen(many, "entropy")[0][1] > 2


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("number", [0.0, 5.0, -1e-40, 3e38])
def test_a_constant_has_the_range_from_0_to_itself(method: str, number: float) -> None:
    data = np.full((3, 256), number, np.float32)
    expected = (min(0.0, float(data[0, 0])), max(0.0, float(data[0, 0])))
    assert chosen(data, method)[0] == expected


@pytest.mark.parametrize("method", METHODS)
def test_both_ends_of_f32_at_once(method: str) -> None:
    data = np.where(np.arange(256) % 2, -3e38, 3e38).astype(np.float32)[None]
    low, high = chosen(data, method)[0]
    assert -3.1e38 < low < -1e38 and 1e38 < high < 3.1e38


@pytest.mark.parametrize("method", METHODS)
def test_what_becomes_infinite_is_known_and_leaves_the_range_finite(method: str) -> None:
    graph = Graph("net")
    x = graph.input("x", f32(4))
    y = graph.insert(Log(x)).result
    graph.returns({"y": y})
    calibration = calibrate(graph, np.array([[0, 1, 2, -1]], np.float32), method)
    assert calibration.is_finite(x) and not calibration.is_finite(y)
    low, high = calibration.range(y)
    assert low == 0 and high == pytest.approx(np.log(2), rel=0.01)


def test_16_bits_keep_all() -> None:
    graph, x, _ = relu_net()
    data = NORMAL.copy()
    data[0, 0] = 300
    assert calibrate(graph, data, "percentile").range(x, DType.I16)[1] == 300


def test_integers_have_no_range() -> None:
    graph = parse_graph(
        "graph @g(%n: i32[2]) {\n %m: i32[2] = add %n, %n\n %f: f32[2] = cast %m {dtype=f32}\n return y=%f\n}",
        lambda name, type: np.zeros(type.shape, type.dtype.numpy),
    )
    calibration = calibrate(graph, [np.array([3, -4], np.int32)])
    assert list(calibration.spreads) == ["f"]
    assert calibration.range(graph.outputs[0]) == (-8.0, 6.0)


def test_states_go_on_from_sample_to_sample() -> None:
    graph = parse_graph(
        "graph @g(%x: f32[1], %h: f32[1] {state='h'}) {\n %s: f32[1] = add %x, %h\n return y=%s, h=%s\n}",
        lambda name, type: np.zeros(type.shape, type.dtype.numpy),
    )
    calibration = calibrate(graph, np.ones((100, 1), np.float32), "percentile", percentile=100)
    assert calibration.range(graph.outputs[0]) == (0.0, 100.0)


def test_samples_that_the_model_cannot_run_on_are_refused() -> None:
    graph = parse_graph(
        "graph @g(%i: i64[2]) {\n %t: f32[3] = const [1.0,2.0,3.0]\n"
        " %y: f32[2] = gather %t, %i {axis=0}\n return y=%y\n}"
    )
    with pytest.raises(EdgecError, match="does not run on it: an index leaves"):
        calibrate(graph, np.array([[0, 7]]))


def test_progress_is_told_by_stage() -> None:
    graph, _, _ = relu_net()
    told: list[tuple[str, int, int]] = []
    calibrate(graph, NORMAL[:100], "mse", lambda *now: told.append(now))
    assert told == [("ranges", 64, 0), ("ranges", 100, 0), ("histograms", 64, 0), ("histograms", 100, 0)]


@pytest.mark.parametrize(
    ("method", "percentile", "message"), [("best", 99, "'best' is no method"), ("percentile", 50, "percentile of 50")]
)
def test_bad_choices_are_refused(method: str, percentile: float, message: str) -> None:
    with pytest.raises(EdgecError, match=message):
        calibrate(relu_net()[0], NORMAL, method, percentile=percentile)


def test_types_of_ports_are_those_of_the_graph() -> None:
    graph, _, _ = relu_net()
    with pytest.raises(EdgecError, match="has shape"):
        calibrate(graph, np.zeros((3, 255), np.float32))
    assert graph.inputs[0].type == TensorType(DType.F32, (256,))


def test_a_few_numbers_are_no_distribution() -> None:
    """Of 1024 numbers the divergence of a histogram with 2048 bins says nothing: they keep their range."""
    few = RNG.standard_normal((4, 256)).astype(np.float32)
    assert chosen(few, "entropy") == chosen(few, "minmax")
