"""The HTML pages, each complete in itself, made from nothing but figures: of a model, its sensitivity, its curves."""

import json
import math
from collections.abc import Mapping
from typing import Any

from edgec.report import figures
from edgec.report.exploration import render_exploration, tabulate_exploration
from edgec.report.live_bytes import draw_live_bytes
from edgec.report.memory_map import draw_memory_map
from edgec.report.sensitivity import render_sensitivity, tabulate_sensitivity
from edgec.report.summary import describe_fit, summarize
from edgec.report.templates import template

__all__ = [
    "describe_fit",
    "render_exploration",
    "render_report",
    "render_sensitivity",
    "summarize",
    "tabulate_exploration",
    "tabulate_sensitivity",
]


def render_report(manifest: Mapping[str, Any], command: str) -> str:
    """The manifest (``manifest.json``, with ``measured`` if the model was run) as a self-contained HTML page.

    ``command`` is the command line that made the output. The page loads nothing, runs no script, and is the same for
    the same manifest; every name in it is escaped.
    """
    steps, measured = manifest["steps"], manifest.get("measured")
    counted = (measured or {}).get("step_instructions")
    counts: list[int | None] = [None] * len(steps) if counted is None else list(counted)
    times = (measured or {}).get("step_nanoseconds")
    code = (measured or {}).get("step_code_bytes")
    bars = {
        "macs": figures.shares(s["macs"] for s in steps),
        "weights": figures.shares(s["weights_bytes"] for s in steps),
        "instructions": figures.shares(counts),
        "times": figures.shares(times or ()),
        "code": figures.shares(code or ()),
    }
    fit = manifest.get("ram_budget")
    quantized = any(s["arithmetic"] == "conversion" or s["sqnr_db"] is not None for s in steps)
    return template("report.html.j2").render(
        manifest=manifest,
        measured=measured,
        command=command,
        verify_command=_verify_command(command),
        summary=summarize(manifest),
        reference=_reference(manifest["options"]) if quantized else "onnxruntime",
        map=draw_memory_map(manifest),
        live=draw_live_bytes(manifest),
        fit=fit,
        fit_words=None if fit is None else describe_fit(fit),
        again=[] if fit is None else [one["step"] for one in fit["recomputed"]],
        counts=counts,
        counted=counted is not None,
        times=times,
        code=code,
        sharers={s["function"]: s["index"] for s in reversed(steps)},
        bars=bars,
        quantized=quantized,
        predicted="costs" in manifest,
        ports=[(way, port, math.prod(port["shape"])) for way in ("input", "output") for port in manifest[f"{way}s"]],
        options={key: json.dumps(value, ensure_ascii=False) for key, value in manifest["options"].items()},
    )


def _reference(options: Mapping[str, Any]) -> str:
    """What verification compares integers with: onnxruntime does not compute those that edgec chose."""
    if options.get("quantize") is None:
        return "onnxruntime"
    kept = "" if options.get("accuracy_drop") is None else ", within the loss of accuracy that was allowed"
    return f"the interpreter's integers{kept}"


def _verify_command(command: str) -> str:
    """The command that measures what the given one compiled: verify takes the options of compile."""
    verify = command.replace("edgec compile ", "edgec verify ", 1)
    return verify if " -o " in verify else f"{verify} -o DIR"
