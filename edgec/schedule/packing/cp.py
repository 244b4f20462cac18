"""Packing by CP-SAT: two dimensional no-overlap, and pairs one above the other where distances are shorter."""

from edgec.schedule.packing.items import Rectangles


def cp_sat(r: Rectangles, start: list[int], bound: int, work: float, seconds: float | None) -> tuple[list[int], int]:
    """Improve a packing for so much deterministic time; returns offsets and the proven bound."""
    from ortools.sat.python import cp_model  # three quarters of a second to import, and most models do not need it

    model = cp_model.CpModel()
    top = r.height(start)
    height = model.new_int_var(bound, top, "height")
    offsets, across, along = [], [], []
    short = {b for _, b in r.gaps}
    for i, size in enumerate(r.size):
        offset = model.new_int_var(0, top - size, f"offset{i}")
        model.add(offset + size <= height)
        model.add_hint(offset, start[i])
        offsets.append(offset)
        if i not in short and size:
            across.append(model.new_fixed_size_interval_var(r.lower[i], r.upper[i] - r.lower[i], f"life{i}"))
            along.append(model.new_fixed_size_interval_var(offset, size, f"bytes{i}"))
    model.add_no_overlap_2d(across, along)
    for i in sorted(short):
        for j in r.neighbours[i]:
            if j not in short or j > i:
                above = model.new_bool_var(f"{i} above {j}")
                model.add(offsets[i] >= offsets[j] + r.distance(j, i)).only_enforce_if(above)
                model.add(offsets[j] >= offsets[i] + r.distance(i, j)).only_enforce_if(~above)
                model.add_hint(above, start[i] >= start[j] + r.distance(j, i))
    model.minimize(height)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = work
    if seconds is not None:
        solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, bound
    return [solver.value(v) for v in offsets], max(bound, round(solver.best_objective_bound))
