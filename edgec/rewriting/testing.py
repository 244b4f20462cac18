"""The test of a pass is an ``.eir`` file: a graph before, ``// ----``, the graph after.

A comment ``// pass: fold-pads`` in the part before names the pipeline; without one, the file's name does:
``fold_pads.eir`` and ``fold_pads_avg.eir`` test ``fold-pads``. Arrays that the text names with ``@`` come from a
sidecar ``.npz`` beside the file, or are made from their name and type, so most tests need no sidecar.
"""

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from edgec.ir import Array, DType, Graph, TensorType, parse_graph, print_graph
from edgec.ir.interp import run_samples
from edgec.rewriting.base import Pass
from edgec.rewriting.pipeline import Pipeline, parse_pipeline
from edgec.rewriting.registry import names

SEPARATOR = "// ----"
SAMPLES = 3
TOLERANCE = 1e-5


def check_eir(
    path: Path, update: bool = False, passes: Sequence[Pass] | None = None, tolerance: float = TOLERANCE
) -> None:
    """Run the test in one file: compare the text, then what both graphs compute on random input.

    ``passes`` are those to run where text cannot say so. With ``update`` the part after the separator is written anew
    first. Raises AssertionError where something differs: floats by more than ``tolerance`` of the output's range,
    anything else at all.
    """
    text = path.read_text()
    before, _, after = text.partition(SEPARATOR)
    sidecar = path.with_suffix(".npz")
    table = dict(np.load(sidecar)) if sidecar.exists() else {}

    def arrays(name: str, type: TensorType) -> Array:
        return table[name] if name in table else made_up(name, type)

    old, new = parse_graph(before, arrays), parse_graph(before, arrays)
    Pipeline(_pipeline(before, path) if passes is None else passes).run(new)
    printed, _ = print_graph(new)
    if update:
        path.write_text(f"{before.rstrip()}\n{SEPARATOR}\n{printed}")
        after = printed
    assert _code(after) == printed, f"{path.name}: the pass gives\n{printed}"
    assert_same_meaning(old, new, tolerance)


def assert_same_meaning(old: Graph, new: Graph, tolerance: float = TOLERANCE, seed: int = 0) -> None:
    """Compare what two graphs compute on random input; floats may differ by ``tolerance`` of the output's range."""
    inputs = {v.name: made_up(f"{v.name}{seed}", v.type, SAMPLES) for v in old.inputs}
    expected, found = run_samples(old, inputs), run_samples(new, inputs)
    assert list(expected) == list(found), "the outputs' names differ"
    for name, wanted in expected.items():
        if wanted.dtype.kind != "f":
            assert np.array_equal(wanted, found[name]), f"output {name} differs"
            continue
        span = float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0))
        close = np.isclose(wanted, found[name], rtol=0, atol=tolerance * span, equal_nan=True)
        assert close.all(), f"output {name} differs by {np.abs(wanted - found[name]).max()} of {span}"


def made_up(name: str, type: TensorType, samples: int | None = None) -> Array:
    """Random elements that depend on the name and the type only: normal floats, small integers.

    With ``samples`` there is a leading axis of that extent.
    """
    random = np.random.default_rng(crc32(name.encode()))
    shape = type.shape if samples is None else (samples, *type.shape)
    if type.dtype.is_float:
        return random.standard_normal(shape).astype(type.dtype.numpy)
    if type.dtype is DType.BOOL:
        return random.integers(0, 2, shape).astype(bool)
    low = 0 if type.dtype.numpy.kind == "u" else -10
    return random.integers(low, 11, shape).astype(type.dtype.numpy)


def _pipeline(before: str, path: Path) -> list[Pass]:
    for line in before.splitlines():
        if line.startswith("// pass:"):
            return parse_pipeline(line.removeprefix("// pass:"))
    stem = path.stem.replace("_", "-")
    candidates = [n for n in names() if stem == n or stem.startswith(f"{n}-")]
    assert candidates, f"{path.name} begins with no pass's name and has no line '// pass: ...'"
    return parse_pipeline(max(candidates, key=len))


def _code(text: str) -> str:
    """The text without comments and empty lines."""
    lines = (line.split("//")[0].rstrip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line)
