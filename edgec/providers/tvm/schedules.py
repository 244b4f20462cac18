"""How TVM computes a layer: a schedule by rule, or the best one of a tuning record."""

from typing import Any

from edgec.providers.tvm.workloads import MatMul, Workload

MOST_PIXELS = 8
"""Of a tile: with two vectors of channels each, their sums stay in 16 registers or more."""
VECTORS = 2


def function(workload: Workload) -> Any:
    """The layer as a TIR function, not scheduled."""
    from tvm import te

    return te.create_prim_func(workload.arguments())


def by_rule(workload: Workload, lanes: int) -> Any:
    """Tiles of a few outputs along the row by vectors of channels, whose sums stay in registers.

    ``lanes``: floats of a vector of the target's.
    """
    from tvm import s_tir

    schedule = s_tir.Schedule(function(workload))
    sums = schedule.get_sblock("sums")
    # The block that stores what was summed in registers.
    last = schedule.cache_write(sums, 0, "global") if isinstance(workload, MatMul) else schedule.get_sblock("y")
    *outer, row, channel = schedule.get_loops(last)
    tiles, pixel = schedule.split(row, [None, _divisor(int(schedule.get(row).extent), MOST_PIXELS)])
    blocks, lane = schedule.split(channel, [None, _divisor(int(schedule.get(channel).extent), VECTORS * lanes)])
    schedule.reorder(*outer, tiles, blocks, pixel, lane)
    schedule.vectorize(lane)
    schedule.unroll(pixel)
    schedule.compute_at(sums, blocks, preserve_unit_loops=True)
    loops = schedule.get_loops(sums)[len(outer) + 2 :]
    within, reduced = loops[: len(outer) + 2], loops[len(outer) + 2 :]
    schedule.reorder(*reduced, *within)
    schedule.vectorize(within[-1])
    schedule.unroll(within[-2])
    schedule.decompose_reduction(sums, reduced[0])
    return schedule.mod


def by_trace(workload: Workload, trace: Any) -> Any:
    """The schedule that tuning found: its trace, as TVM's JSON."""
    from tvm import s_tir

    schedule = s_tir.Schedule(function(workload))
    s_tir.Trace.apply_json_to_schedule(trace, schedule)
    return schedule.mod


def _divisor(extent: int, most: int) -> int:
    """The largest divisor that is at most so much."""
    return max(d for d in range(1, min(extent, most) + 1) if extent % d == 0)
