"""Measure quantization and write docs/quantized.md.

    python benchmarks/quantized.py [--quick]

``--quick`` runs at most 32 samples per model. Instruction counts are executed instructions on an emulated core, not
cycles.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from results import ROOT, TRAINED, Row, subset, table

import edgec
from edgec.driver import CompiledModel
from edgec.ir.interp import run_samples
from edgec.ir.ops import Dequantize
from edgec.samples import input_types, load_samples, random_samples
from edgec.verification import run_onnxruntime

CORE = "cortex-m4"
SETTINGS: dict[str, dict[str, Any]] = {
    "float32": {},
    "int8": {"quantize": "int8"},
    "int8, adaround": {"quantize": "int8", "rounding": "adaround"},
    "int16x8": {"quantize": "int16x8"},
}
METHODS = ("minmax", "percentile", "entropy", "mse")
QDQ = (
    "resnet8",
    "dscnn",
    "mobilenetv1_025_96",
    "autoencoder",
    "lstm_kws",
    "mobilenetv2_100_224",
    "transformer_encoder",
)


def compiled(name: str, target: str, **options: Any) -> CompiledModel:
    """One of the trained models, calibrated on its calibration samples."""
    folder = ROOT / "examples" / name
    if "quantize" in options:
        options["calibration"] = str(folder / f"{name}.npz")
    return edgec.compile(folder / f"{name}.onnx", target, **options)


def trained_rows(quick: bool) -> list[Row]:
    """One row per trained model and setting: whole test sets on the emulated core, and the same on the host."""
    rows = []
    with tempfile.TemporaryDirectory() as work:
        for name in TRAINED:
            folder = ROOT / "examples" / name
            inputs = subset(folder / f"{name}.npz", 32, Path(work)) if quick else folder / f"{name}.npz"
            for setting, options in SETTINGS.items():
                core, host = compiled(name, CORE, **options), compiled(name, "host", **options)
                m = edgec.verify(core, inputs)
                samples = load_samples(inputs, input_types(core.model.graph)).inputs
                same = all(
                    np.array_equal(a, b) for a, b in zip(*(outputs(c, samples) for c in (core, host)), strict=True)
                )
                worst = min(core.noise.values(), default=None)
                rows.append(
                    {
                        "model": name,
                        "computed in": setting,
                        "samples": f"{m['samples']:,}",
                        "accuracy": f"{m['accuracy']:.4f}",
                        "points lost": f"{100 * (m['reference_accuracy'] - m['accuracy']):.2f}",
                        "equal on the host": "yes" if same else "no",
                        "worst layer, dB": "-" if worst is None else f"{worst:.1f}",
                        "instructions": f"{m['instructions']:,}",
                        "per MAC": f"{m['instructions'] / m['macs']:.2f}",
                        "RAM": f"{m['ram_bytes']:,}",
                        "weights": f"{core.manifest['weights_bytes']:,}",
                        "flash": f"{m['flash_bytes']:,}",
                    }
                )
                print(rows[-1], flush=True)
    return rows


def outputs(model: CompiledModel, samples: dict[str, Any]) -> list[Any]:
    """What a model gives on its target."""
    run, _ = model.run_on(model.device(), samples)
    return [run.outputs[name] for name in sorted(run.outputs)]


def method_rows(quick: bool) -> list[Row]:
    """Accuracy of int8 by the way in which ranges are chosen, on the host."""
    rows = []
    with tempfile.TemporaryDirectory() as work:
        for name in TRAINED:
            folder = ROOT / "examples" / name
            inputs = subset(folder / f"{name}.npz", 32, Path(work)) if quick else folder / f"{name}.npz"
            row = {"model": name}
            for method in METHODS:
                m = edgec.verify(compiled(name, "host", quantize="int8", calibration_method=method), inputs)
                row["float32"] = f"{m['reference_accuracy']:.4f}"
                row[method] = f"{m['accuracy']:.4f}"
            rows.append(row)
    return rows


def qdq_rows(quick: bool) -> list[Row]:
    """Models that onnxruntime quantized: how close we are to its own integer run, and what stays float."""
    rows = []
    for name in QDQ:
        model = edgec.compile(ROOT / "tests" / "models" / f"{name}_qdq.onnx", "host")
        graph, manifest = model.model.graph, model.manifest
        samples = random_samples(input_types(graph), 8 if quick else 64).inputs
        run, binary = model.run_on(model.device(), samples)
        output = graph.output_names[0]
        ours = run.outputs[output]
        optimized, plain = (run_onnxruntime(model.path, samples, optimized=o)[output] for o in (True, False))
        last = graph.outputs[0].producer
        assert isinstance(last, Dequantize)
        assert last.scale.data is not None
        steps, itself = (np.rint(np.abs(other - optimized) / last.scale.data) for other in (ours, plain))
        winners = [run.reshape(len(run), -1).argmax(axis=1) for run in (ours, optimized)]
        left = Counter(s["op"] for s in manifest["steps"] if s["arithmetic"][0] in "fb")
        apart = np.abs(ours - run_samples(graph, samples)[output]).max() / last.scale.data
        rows.append(
            {
                "model": f"{name}_qdq",
                "samples": str(len(ours)),
                "equal": f"{np.mean(steps == 0):.4f}",
                "within 1 LSB": f"{np.mean(steps <= 1):.4f}",
                "largest, LSB": f"{steps.max():.0f}",
                "same winner": f"{np.mean(winners[0] == winners[1]):.4f}",
                "onnxruntime with itself, within 1 LSB": f"{np.mean(itself <= 1):.4f}",
                "device from interpreter, LSB": f"{apart:.0f}",
                "stays float": ", ".join(f"{n} {op}" for op, n in left.items()) or "nothing",
                "RAM": f"{manifest['arena_bytes']:,}",
                "flash": f"{binary.flash_bytes:,}",
            }
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Write docs/quantized.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="at most 32 samples per model")
    quick = parser.parse_args().quick
    text = f"""# Quantization, measured

Written by `python benchmarks/quantized.py`. Bytes everywhere. Instructions are executed instructions of one inference
on an emulated {CORE} (not cycles). How quantization works: [quantization.md](quantization.md).
Equal on the host: to the bit. In float32 hosts have kernels that fuse products and sums, so their last bits are others.

## Trained models: whole test sets on the emulated {CORE}, calibrated on their calibration samples

{table(trained_rows(quick))}

"Worst layer" is the lowest signal-to-quantization-noise ratio of a layer's output on the calibration samples.

## Accuracy of int8 by calibration method

{table(method_rows(quick))}

## Models quantized by onnxruntime (QDQ, per channel), on random inputs, against onnxruntime's own optimized run

{table(qdq_rows(quick))}

"Onnxruntime with itself" compares its optimized run with its plain one, node by node.
"""
    (ROOT / "docs" / "quantized.md").write_text(text)


if __name__ == "__main__":
    main()
