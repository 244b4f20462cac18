"""The figures on top of the report, and what it says of the memory plan and of the verification."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgec.report.figures import grouped, in_bytes, in_kib, per, percent


@dataclass(frozen=True)
class Figure:
    """One entry: a label, its value (None: not known), and a remark in small print."""

    label: str
    value: str | None
    remark: str


@dataclass(frozen=True)
class Summary:
    """What stands on top."""

    figures: tuple[Figure, ...]
    plan: str
    """Whether the memory plan is optimal, or by how much it may not be."""
    fullest: str
    """Which step needs most memory, and what it holds."""


def summarize(manifest: Mapping[str, Any]) -> Summary:
    """The summary of a manifest; what was not measured is said to be not measured."""
    return Summary((*_sizes(manifest), *_integers(manifest), *_runs(manifest)), _plan(manifest), _fullest(manifest))


def _sizes(manifest: Mapping[str, Any]) -> list[Figure]:
    measured, board = manifest.get("measured") or {}, manifest.get("board") or {}
    flash = _first(measured, manifest, "flash_bytes")
    return [
        _size("Arena", manifest["arena_bytes"], "activations and scratch"),
        _size(
            "RAM",
            manifest["ram_bytes"],
            "arena and written statics" + _share(manifest["ram_bytes"], board, "ram_bytes"),
        ),
        *(
            Figure(f"RAM in {m['name']}", in_kib(m["bytes"] + m["weights_bytes"]), _parts(m))
            for m in manifest.get("memories", ())
        ),
        _size("Stack", _first(measured, manifest, "stack_bytes"), "deepest use in a run", measured),
        _size("Flash", flash, "code and constants, linked" + _share(flash, board, "flash_bytes"), measured),
        _size("Code", _code(measured), "of all functions, in the linked program", measured),
        _size("Weights", manifest["weights_bytes"], "constants, as packed"),
        Figure("MACs", grouped(manifest["macs"]), "multiply-accumulates of one inference"),
    ]


def _runs(manifest: Mapping[str, Any]) -> list[Figure]:
    measured = manifest.get("measured") or {}
    instructions = measured.get("instructions")
    if instructions is None:
        absent = "this emulator does not count" if measured else "not measured"
        counts = [Figure("Instructions", None, absent), Figure("Instructions per MAC", None, absent)]
    else:
        ratio = per(instructions, manifest["macs"]) if manifest["macs"] else None
        counts = [
            Figure("Instructions", grouped(instructions), "of one inference"),
            Figure("Instructions per MAC", ratio, "of one inference" if ratio else "the model has no MACs"),
        ]
    if (cycles := measured.get("estimated_cycles")) is not None:
        weighed = f"{per(cycles, manifest['macs'])} per MAC, " if manifest["macs"] else ""
        counts.append(Figure("Estimated cycles", grouped(cycles), f"{weighed}instructions by the core's timing table"))
    accuracy, reference = measured.get("accuracy"), measured.get("reference_accuracy")
    if accuracy is not None and reference is not None:
        remark = f"{percent(reference)} by onnxruntime, {grouped(measured['samples'])} samples"
        exactness = Figure("Accuracy on the device", percent(accuracy), remark)
    else:
        exactness = Figure("Accuracy on the device", None, "no labels were given" if measured else "not measured")
    error = measured.get("max_abs_error")
    if error is None:
        difference = Figure("Largest difference", None, "not measured")
    else:
        difference = Figure("Largest difference", f"{error:.3g}", "absolute, against onnxruntime")
    if (identical := measured.get("identical")) is not None:
        near = f"{percent(measured['within_one_lsb'])} at most one step away, of onnxruntime's outputs"
        return [*counts, exactness, Figure("Equal outputs", percent(identical), near), difference]
    return [*counts, exactness, difference]


def _integers(manifest: Mapping[str, Any]) -> list[Figure]:
    """How much is computed in integers, and what is not; nothing to say of a model that has none."""
    steps = manifest["steps"]
    if not any(s["arithmetic"] == "conversion" or s["sqnr_db"] is not None for s in steps):
        return []
    macs = sum(s["macs"] for s in steps if s["arithmetic"][0] in "iu")
    left = Counter(s["op"] for s in steps if s["arithmetic"][0] in "fb")
    names = ", ".join(f"{count} {op}" if count > 1 else op for op, count in left.most_common())
    remark = f"of the MACs; in floats: {names}" if names else "of the MACs; nothing is left in floats but conversions"
    return [Figure("In integers", percent(macs / manifest["macs"]) if manifest["macs"] else None, remark)]


def _size(label: str, value: int | None, remark: str, measured: Mapping[str, Any] | None = None) -> Figure:
    if value is None:
        return Figure(label, None, "not measured on this target" if measured else "not measured")
    return Figure(label, in_kib(value), f"{in_bytes(value)}: {remark}")


def _parts(memory: Mapping[str, Any]) -> str:
    """What lies in one of several memories."""
    weights = f" and {in_bytes(memory['weights_bytes'])} of weights" if memory["weights_bytes"] else ""
    return f"{in_bytes(memory['bytes'])} of buffers{weights}, of {in_bytes(memory['size'])}"


def _code(measured: Mapping[str, Any]) -> int | None:
    """Bytes of all functions."""
    steps = measured.get("step_code_bytes")
    return None if steps is None else sum(steps) + sum(measured["other_code_bytes"].values())


def _share(value: int | None, board: Mapping[str, Any], key: str) -> str:
    """How much that is of what a board has."""
    return f", {percent(value / board[key])} of the board's" if board and value is not None else ""


def _first(measured: Mapping[str, Any], manifest: Mapping[str, Any], key: str) -> int | None:
    value: int | None = measured.get(key)
    return manifest[key] if value is None else value


def _plan(manifest: Mapping[str, Any]) -> str:
    arena, bound = manifest["arena_bytes"], manifest["lower_bound"]
    if "memories" in manifest:
        costs = "costs less" if manifest["placement"]["proven"] else "is known that costs less"
        return f"Buffers lie in {len(manifest['memories'])} memories; no placement of them {costs} by its accesses."
    if arena == bound:
        return f"The memory plan is optimal: no placement of these buffers needs less than {in_bytes(bound)}."
    return (
        f"The memory plan needs {in_bytes(arena - bound)} ({percent((arena - bound) / max(arena, 1))}) more than the "
        f"lower bound of {in_bytes(bound)}; whether a smaller one exists is not proven."
    )


def _fullest(manifest: Mapping[str, Any]) -> str:
    peak, steps = manifest["peak_step"], manifest["steps"]
    if not steps:
        return "No operator runs."
    held = [b for b in manifest["buffers"] if b["first"] <= peak < b["last"]]
    holding = ", ".join(f"{b['name']} ({in_bytes(b['bytes'])})" for b in held) or "nothing in the arena"
    where = f"step {peak}, {steps[peak]['op']} {steps[peak]['name']}" if peak < len(steps) else "after the last step"
    return f"Fullest: {where}, holding {holding}."


def describe_fit(fit: Mapping[str, Any]) -> str:
    """What a RAM budget brought, and what it costs: of ``ram_budget`` in a manifest."""
    default, arena, count = fit["default_bytes"], fit["arena_bytes"], len(fit["recomputed"])
    if default <= fit["budget"]:
        return f"The default build fits into the budget of {in_bytes(fit['budget'])} and was left alone."
    how = f"{count} {'step computes' if count == 1 else 'steps compute'} again what the default build keeps"
    cost = f"{fit['slowdown_percent']:+.2f} % {fit['unit']}, as predicted"
    return (
        f"Within the budget of {in_bytes(fit['budget'])}: {in_bytes(arena)} in place of the default build's "
        f"{in_bytes(default)} ({100 * (arena / default - 1):+.1f} %), for {cost}; "
        f"{how if count else 'nothing is computed again: another order, or other steps that run together, are enough'}."
    )
