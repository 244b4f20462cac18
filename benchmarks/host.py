"""Time edgec and its peers on this machine, one thread, batch 1, and write docs/benchmarks-host.md with a plot.

    python benchmarks/host.py [--quick] [MODEL ...]

``make bench-host`` makes the environments that the peers need first. Each peer is a process of its own on the same
core, and calls the model by the cheapest way of its Python API; rounds go over all of them in turn. A figure is the
least of the rounds' medians. Times hold for the machine that is named, and as ratios within the run.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
import numpy as np
import onnx
from matplotlib.figure import Figure
from peers.quantized import dequantized, quantized
from results import ROOT, TRAINED, Row, table

import edgec
from edgec.target import Target

TOPOLOGIES = (
    *("resnet8", "dscnn", "mobilenetv1_025_96", "autoencoder"),
    *("lstm_kws", "mobilenetv2_100_224", "transformer_encoder"),
)
MODELS = (*TOPOLOGIES, *TRAINED)
PRECISIONS = ("float32", "int8")
PEERS = ("onnxruntime", "onnxruntime u8s8", "LiteRT", "OpenVINO", "ncnn", "IREE", "TVM", "emx-onnx-cgen")
BUILD = ROOT / "build" / "bench-host"
CORE = 1
"""The core that all run on; the script itself stays on the first one."""
ROUNDS, QUICK_ROUNDS = 15, 3
ROUND_SECONDS = 0.05
SLOWEST = 20.0
"""A peer that takes this many times as long as onnxruntime is timed by a single call a round."""
TOLERANCE = {"float32": 1e-3, "int8": 0.15}
"""Root mean square of a peer's differences from onnxruntime's output, as a share of that one's range."""
MARKS = {
    "resnet8": (1.05, 1.2),
    "dscnn": (1.15, 1.5),
    "mobilenetv1_025_96": (1.2, 1.5),
    "autoencoder": (1.3, 1.3),
    "lstm_kws": (1.2, 1.2),
    "mobilenetv2_100_224": (1.05, 1.2),
    "transformer_encoder": (1.0, 1.2),
}
"""What edgec is to reach, best peer / edgec: in float32, in int8."""
SHARES = {"resnet8": (85, 65), "mobilenetv2_100_224": (70, None)}
"""What edgec is to reach in percent of the core's peak."""


@dataclass
class Result:
    """A peer on a model: microseconds, and seconds until the first call; or why there are none."""

    microseconds: float | None = None
    seconds: float = 0.0
    error: str = ""
    medians: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Race:
    """All on one model in one precision."""

    model: str
    precision: str
    macs: int
    results: Mapping[str, Result]

    @property
    def ours(self) -> float:
        """Microseconds of edgec."""
        found = self.results["edgec"].microseconds
        assert found is not None, self.results["edgec"].error
        return found

    @property
    def best(self) -> tuple[str, float] | None:
        """The fastest peer, and its microseconds."""
        timed = [(r.microseconds, n) for n, r in self.results.items() if n != "edgec" and r.microseconds is not None]
        return None if not timed else (min(timed)[1], min(timed)[0])


class Peer:
    """A worker process that has a model ready."""

    def __init__(self, name: str, python: Path, arguments: list[str], log: IO[str]) -> None:
        command = [str(python), "-m", "peers.worker", name, *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT / "benchmarks"
        )
        self.result = Result()
        self.output: list[float] = []
        said = self.answer()
        if "error" in said:
            self.result.error = said["error"]
        else:
            self.result.seconds, self.output = said["seconds"], said["output"]

    def answer(self) -> dict[str, Any]:
        """The next line that it says; an error if it says no more."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found: dict[str, Any] = json.loads(line) if line else {"error": f"ended with {self.process.wait()}"}
        return found

    def median(self, calls: int) -> float:
        """Microseconds of the median of so many calls."""
        assert self.process.stdin is not None
        print(calls, file=self.process.stdin, flush=True)
        return float(self.answer()["median"]) / 1000

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@cache
def float_model(name: str) -> Path:
    """The file of a float32 model; of large ones the repository has the quantized twin alone."""
    folder = ROOT / ("examples/" + name if name in TRAINED else "tests/models")
    stored = folder / f"{name}.onnx"
    return stored if stored.is_file() else dequantized(folder / f"{name}_qdq.onnx", BUILD / f"{name}.onnx")


@cache
def samples(name: str) -> list[np.ndarray[Any, Any]]:
    """To calibrate with: of trained models their own data, else seeded random ones."""
    shape = [d.dim_value or 1 for d in onnx.load(str(float_model(name))).graph.input[0].type.tensor_type.shape.dim]
    if name in TRAINED:
        with np.load(float_model(name).with_suffix(".npz")) as data:
            return [x.astype(np.float32).reshape(shape) for x in data["calibration"][:64]]
    rng = np.random.default_rng(1)
    return [rng.standard_normal(shape).astype(np.float32) for _ in range(4)]


@cache
def given_input(name: str) -> Path:
    """What all run: an npy file of a seeded input."""
    file = BUILD / f"{name}.npy"
    np.save(file, np.random.default_rng(0).standard_normal(samples(name)[0].shape).astype(np.float32))
    return file


def model_file(name: str, precision: str, peer: str) -> Path:
    """The file that a peer runs, made where the repository does not have it. RuntimeError where it can't be made."""
    if peer == "LiteRT":
        return twin(name, precision)
    if precision == "float32":
        return float_model(name)
    stored = ROOT / "tests" / "models" / f"{name}_qdq.onnx"
    unsigned = peer == "onnxruntime u8s8"
    if stored.is_file() and not unsigned:
        return stored
    made = BUILD / f"{name}_{'u8s8' if unsigned else 's8s8'}.onnx"
    return made if made.is_file() else quantized(float_model(name), samples(name), unsigned, made)


def twin(name: str, precision: str) -> Path:
    """The TFLite twin."""
    file = BUILD / f"{name}_{precision}.tflite"
    if not file.is_file():
        python = ROOT / "build" / "twins" / "bin" / "python"
        arguments = [str(float_model(name)), precision, str(given_input(name)), str(file)]
        command = [str(python), "-m", "peers.twins", *arguments]
        done = subprocess.run(command, cwd=ROOT / "benchmarks", capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"no TFLite twin: {done.stderr.strip().splitlines()[-1][:200]}")
    return file


def race(name: str, precision: str, rounds: int) -> Race:
    """All in turn, on one core."""
    compiled = edgec.compile(model_file(name, precision, "edgec"), target="host", optimize="speed")
    with tempfile.TemporaryDirectory() as work, ExitStack() as stack:
        log = stack.enter_context(Path(BUILD, "log.txt").open("a"))
        peers: dict[str, Peer] = {}
        results: dict[str, Result] = {}
        for peer in ("edgec", *PEERS):
            if peer == "onnxruntime u8s8" and precision == "float32":
                continue
            print(f"{name} {precision} {peer} ...", file=sys.stderr, flush=True)
            own = Path(sys.executable) if peer == "edgec" else ROOT / "build" / "peers" / "bin" / "python"
            place = Path(work, peer.replace(" ", "-"))
            place.mkdir()
            try:
                file = model_file(name, precision, peer)
            except Exception as error:  # whatever a converter raises is the reason why the peer is not in the table
                results[peer] = Result(error=str(error))
                continue
            arguments = [str(file), precision, str(CORE), str(place), str(given_input(name))]
            made = Peer(peer.split()[0], own, arguments, log)
            stack.callback(made.close)
            results[peer] = made.result
            if not made.result.error:
                peers[peer] = made
        reference = np.array(peers["onnxruntime"].output)
        for peer, made in list(peers.items()):
            off = (
                np.sqrt(np.mean(np.square(np.array(made.output) - reference)))
                if len(made.output) == len(reference)
                else np.inf
            )
            if not off <= TOLERANCE[precision] * np.ptp(reference):
                made.result.error = (
                    f"its output is another one: differences of {off:.2g} at a range of {np.ptp(reference):.2g}"
                )
                del peers[peer]
        limit = SLOWEST * peers["onnxruntime"].median(3)
        calls = {}
        for peer, made in peers.items():
            once = min(made.median(1) for _ in range(3))
            calls[peer] = 1 if once > limit else max(3, round(ROUND_SECONDS * 1e6 / once))
        for _ in range(rounds):
            for peer, made in peers.items():
                made.result.medians.append(made.median(calls[peer]))
        for made in peers.values():
            made.result.microseconds = min(made.result.medians)
    return Race(name, precision, compiled.model.graph.macs(), results)


def peaks() -> tuple[float, float, float]:
    """Billions of multiply-accumulates a second of this core: float32, int8; of bytes that it reads from a megabyte."""
    binary = BUILD / "peak"
    flags = [flag for flag in Target.load("host").flags() if flag.startswith("-m")]
    subprocess.run(["gcc", "-O2", *flags, ROOT / "benchmarks" / "peers" / "peak.c", "-o", binary], check=True)
    said = subprocess.run(["taskset", "-c", str(CORE), binary], check=True, capture_output=True, text=True).stdout
    floats, bytes, read = map(float, said.split()[:3])
    return floats, bytes, read


def overhead() -> Row:
    """What a call from Python takes on top of the C function: on the core that all run on, the least of some goes."""
    model, cores = edgec.compile(float_model("autoencoder"), target="host", optimize="speed"), os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORE})
    timing = min((model.benchmark() for _ in range(5)), key=lambda t: t.run_seconds)
    os.sched_setaffinity(0, cores)
    return {
        "C function": f"{timing.minimum * 1e6:.2f}",
        "its median": f"{timing.median * 1e6:.2f}",
        "`CompiledModel.run` adds": f"{(timing.run_seconds - timing.minimum) * 1e6:.2f}",
    }


def rows(races: list[Race], precision: str, peak: float) -> list[Row]:
    """The table of a precision: microseconds, and the best peer's over edgec's."""
    found = []
    for r in races:
        if r.precision != precision:
            continue
        best = r.best
        mark = MARKS.get(r.model, (None, None))[PRECISIONS.index(precision)]
        row = {"model": r.model}
        for peer in ("edgec", *PEERS):
            if peer in r.results:
                us = r.results[peer].microseconds
                row[peer] = "-" if us is None else f"{us:.4g}"
        row["best peer / edgec"] = "-" if best is None else f"{best[1] / r.ours:.2f} ({best[0]})"
        row["mark"] = "-" if mark is None else f"{mark:.2f}"
        share = SHARES.get(r.model, (None, None))[PRECISIONS.index(precision)]
        reached = "-" if not peak else f"{r.macs / r.ours / peak / 10:.0f} %"
        row["share of peak"] = reached + ("" if share is None else f" (mark {share} %)")
        found.append(row)
    return found


def missed(races: list[Race], precision: str, peak: float) -> list[str]:
    """Models that miss a mark in a precision."""
    number = PRECISIONS.index(precision)
    found = []
    for r in races:
        ratio, share = MARKS.get(r.model, (None, None))[number], SHARES.get(r.model, (None, None))[number]
        behind = ratio is not None and r.best is not None and r.best[1] / r.ours < ratio
        slow = share is not None and bool(peak) and r.macs / r.ours / peak / 10 < share
        if r.precision == precision and (behind or slow):
            found.append(r.model)
    return found


def layers(name: str, precision: str, peak: float) -> list[Row]:
    """Where a model's time goes: the steps that take at least 2 % of it."""
    compiled = edgec.compile(model_file(name, precision, "edgec"), target="host", optimize="speed")
    times = edgec.verify(compiled)["step_nanoseconds"]
    found = []
    for step, info, ns in zip(compiled.model.schedule.steps, compiled.emitted.steps, times, strict=True):
        if ns * 50 >= sum(times):
            shape = "x".join(map(str, step.results[0].type.shape[1:]))
            found.append(
                {
                    "step": f"{step.opname} to {shape}",
                    "kernel": f"`{info.kernel}`",
                    "microseconds": f"{ns / 1000:.2f}",
                    "share of peak": f"{step.macs / ns / peak * 100:.0f} %",
                    "weights, GB/s": f"{info.weights_bytes / ns:.1f}",
                }
            )
    return found


def build_rows(races: list[Race], precision: str) -> list[Row]:
    """Seconds until the first call: reading or converting, compiling, building."""
    return [
        {"model": r.model, **{n: "-" if x.microseconds is None else f"{x.seconds:.2f}" for n, x in r.results.items()}}
        for r in races
        if r.precision == precision
    ]


def reasons(races: list[Race]) -> list[Row]:
    """Who could not run what, and why."""
    return [
        {"model": r.model, "precision": r.precision, "peer": name, "why": result.error.replace("|", "/")}
        for r in races
        for name, result in r.results.items()
        if result.error
    ]


def plot(races: list[Race], path: Path) -> None:
    """Bars: how many times as long each peer takes as edgec."""
    mpl.rcParams["svg.hashsalt"] = "edgec"
    figure = Figure(figsize=(10, 7), layout="constrained")
    for axes, precision in zip(figure.subplots(2), PRECISIONS, strict=True):
        of = [r for r in races if r.precision == precision and r.model in TOPOLOGIES]
        names = [n for n in PEERS if any(r.results.get(n, Result()).microseconds for r in of)]
        for number, name in enumerate(names):
            heights = [(r.results[name].microseconds or 0) / r.ours if name in r.results else 0 for r in of]
            axes.bar(
                np.arange(len(of)) + number * 0.8 / len(names), heights, 0.8 / len(names), label=name, align="edge"
            )
        axes.axhline(1, color="black", linewidth=0.8)
        axes.set_xticks(np.arange(len(of)) + 0.4, [r.model for r in of])
        axes.set_yscale("log")
        axes.set_ylabel(f"time / edgec's, {precision}")
        axes.legend(ncols=4, fontsize=8)
    figure.savefig(path, metadata={"Date": None})


def machine() -> str:
    """The processor's name, and what the target makes of it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return f"{named}; kernels {', '.join(Target.load('host').kernels) or 'portable'}"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds; writes nothing")
    parser.add_argument("models", nargs="*", choices=[[], *MODELS], help="these only; writes nothing")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    races = [race(name, precision, rounds) for name in options.models or MODELS for precision in PRECISIONS]
    floats, bytes, read = peaks()
    parts = [
        "# This machine, measured against its peers\n",
        "Written by `make bench-host`. Microseconds of one inference, one thread, batch 1, all on the same core, "
        "called from Python by the cheapest way that each has; the least of the rounds' medians, rounds taking turns. "
        "They hold as ratios within this run. Shares of the peak count all products of windows, also those with "
        "padding, which need not be computed; int8 shares are of VNNI's peak, which AMX exceeds. Random weights, but "
        f"for {', '.join(TRAINED)}, which are trained.\n",
        f"Machine: {machine()}. Its peak in registers, measured in the same run: {floats:.0f} GMAC/s in float32, "
        f"{bytes:.0f} in int8; it reads {read:.0f} GB/s from a megabyte in its caches.\n",
        "![Times against edgec's](benchmarks-host.svg)\n",
    ]
    for precision, peak in zip(PRECISIONS, (floats, bytes), strict=True):
        parts += [f"## {precision}\n", table(rows(races, precision, peak)), ""]
    for precision, peak in zip(PRECISIONS, (floats, bytes), strict=True):
        for name in missed(races, precision, peak):
            told = f"## Where {name} misses its mark in {precision}\n"
            parts += [told, "The steps that take at least 2 % of its time.\n", table(layers(name, precision, peak)), ""]
    parts += ["## A call from Python\n", "The float32 autoencoder, microseconds:\n", table([overhead()]), ""]
    parts += ["## Seconds until the first call\n", "Reading, converting, compiling and building.\n"]
    for precision in PRECISIONS:
        parts += [f"{precision}:\n", table(build_rows(races, precision)), ""]
    parts += ["## What could not run\n", table(reasons(races))]
    text = "\n".join(parts) + "\n"
    if options.quick or options.models:
        print(text)
        return
    docs = ROOT / "docs"
    plot(races, docs / "benchmarks-host.svg")
    (docs / "benchmarks-host.md").write_text(text)


if __name__ == "__main__":
    main()
