"""Seeded manifests with valid memory plans, as the compiler writes them."""

from random import Random
from typing import Any

ALIGN = 16
HASH = "0123456789abcdef" * 4


def make_manifest(seed: int, steps: int, spare: int = 0) -> dict[str, Any]:
    """A chain of ``steps`` operators with skips and scratch; the arena has ``spare`` bytes above the lower bound."""
    random = Random(seed)
    ops = [random.choice(("conv2d", "add", "max_pool2d", "dense", "softmax")) for _ in range(steps)]
    buffers: list[dict[str, Any]] = []

    def place(name: str, size: int, first: int, last: int, kind: str) -> None:
        """At the lowest address that is free during its whole life."""
        offset = 0
        others = [b for b in buffers if b["first"] < last and first < b["last"]]
        for other in sorted(others, key=lambda b: b["offset"]):
            if offset + size <= other["offset"]:
                break
            offset = max(offset, -(-(other["offset"] + other["bytes"]) // ALIGN) * ALIGN)
        buffers.append({"name": name, "offset": offset, "bytes": size, "first": first, "last": last, "kind": kind})

    place("x", random.randrange(4, 40000, 4), 0, 1, "input")
    for i in range(steps):
        size = random.randrange(4, 40000, 4)
        if i == steps - 1:
            place("y", size, i, steps + 1, "output")
        else:
            place(f"v{i}", size, i, min(i + random.choice((2, 2, 2, 5)), steps), "value")
        if ops[i] == "conv2d":
            place(f"scratch{i}", random.randrange(4, 2000, 4), i, i + 1, "scratch")

    live = [sum(b["bytes"] for b in buffers if b["first"] <= i < b["last"]) for i in range(steps)]
    extent = max(-(-(b["offset"] + b["bytes"]) // ALIGN) * ALIGN for b in buffers)
    listed = [
        {
            "index": i,
            "op": op,
            "name": f"n{i}",
            "ir": f"%n{i}: f32[1,{i + 1}] = {op} %n{i - 1}",
            "macs": random.randrange(10**6) if op in ("conv2d", "dense") else 0,
            "weights_bytes": random.randrange(10**5) if op in ("conv2d", "dense") else 0,
            "read_bytes": random.randrange(10**5),
            "written_bytes": random.randrange(10**5),
            "kernel": f"edgec_{op}_f32",
            "function": f"model{seed}_step{i}_{op}" if i % 3 else f"model{seed}_shared0",
            "source": f"/layer{i}/{op}",
            "arithmetic": "f32",
            "sqnr_db": None,
        }
        for i, op in enumerate(ops)
    ]
    return {
        "name": f"model{seed}",
        "edgec": "0.1.0",
        "target": "cortex-m4",
        "options": {"target": "cortex-m4", "shape": [], "caller_io": False},
        "model_sha256": HASH,
        "files": {f"model{seed}.c": HASH[::-1]},
        "inputs": [{"name": "x", "c_name": "x", "dtype": "f32", "shape": [1, 1, 49, 40]}],
        "outputs": [{"name": "y", "c_name": "y", "dtype": "f32", "shape": [1, 10]}],
        "arena_bytes": extent + spare,
        "ram_bytes": extent + spare,
        "weights_bytes": sum(s["weights_bytes"] for s in listed),
        "macs": sum(s["macs"] for s in listed),
        "flash_bytes": None,
        "stack_bytes": None,
        "steps": listed,
        "buffers": buffers,
        "peak_step": live.index(max(live)),
        "live_bytes": live,
        "lower_bound": extent,
    }


def measured(manifest: dict[str, Any]) -> dict[str, Any]:
    """The same manifest with figures of a run."""
    counts = [9 * step["macs"] + 1001 for step in manifest["steps"]]
    figures = {
        "toolchain": "gcc 12.2",
        "emulator": "qemu 7.2",
        "samples": 480,
        "instructions": sum(counts) + 777,
        "step_instructions": counts,
        "stack_bytes": 512,
        "flash_bytes": 70000,
        "step_code_bytes": [0 if i and not i % 3 else 101 * i + 7000 for i, _ in enumerate(counts)],
        "other_code_bytes": {"edgec_rows_i8": 120, "__aeabi_idiv": 16},
        "max_abs_error": 1.25e-6,
        "accuracy": 0.975,
        "reference_accuracy": 0.975,
        "passed": True,
    }
    return {**manifest, "measured": figures}


def within_budget(manifest: dict[str, Any]) -> dict[str, Any]:
    """The same manifest as of a build within a RAM budget: its fourth step computes the first one's value again."""
    after = manifest["live_bytes"]
    before = [9000 + 100 * i for i in range(len(after) - 1)]
    again = {"step": 3, "name": "n0.again", "of": "n0", "op": "conv2d", "cost": 1500, "source": "/first"}
    fit = {
        "budget": max(after) + 64,
        "default_bytes": max(after) + 4000,
        "arena_bytes": manifest["arena_bytes"],
        "minimum": 10_000,
        "unit": "cycles",
        "default_cost": 100_000,
        "cost": 101_500,
        "slowdown_percent": 1.5,
        "recomputed": [again],
        "live_before": before,
        "critical_before": len(before) - 1,
        "live_after": after,
        "critical_after": after.index(max(after)),
    }
    return {**manifest, "ram_budget": fit}
