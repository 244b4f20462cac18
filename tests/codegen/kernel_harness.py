"""Runs single-operator graphs as compiled C: every buffer at its exact size under the address sanitizer."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgec.codegen.ctree import CModule, Declare, Evaluate, Function, Include, Name, ReturnValue, TopLevel
from edgec.codegen.emitter import C_TYPES, Emitter, Kernel
from edgec.codegen.kernels import select
from edgec.codegen.text import render
from edgec.ir import Array, Graph, IRError, Op, print_op
from edgec.ir.interp import run
from edgec.ir.storage import bits

ROOT = Path(__file__).parents[2]
INCLUDE = ROOT / "runtime_c" / "include"
WARNINGS = [
    "-std=c99",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Wcast-qual",
    "-Wdouble-promotion",
    "-Werror",
    "-ffreestanding",
    "-ffp-contract=off",
]

BUILDS = {
    "sanitized": ("gcc", "-O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -DEDGEC_OPTIMIZE_SIZE"),
    "gcc": ("gcc", "-O2"),
    "clang": ("clang", "-O2"),
}
"""The sanitizers see every access, in the shared form of the kernels, and tell lines, not variables: both build faster.
The others are shipped."""

TOLERANCE = {4: (1e-5, 1e-37), 8: (1e-13, 1e-307)}
"""Bytes of a float -> share of the largest result by which kernel and interpreter may differ, and the least difference
that counts: sums go in another order."""

DRIVER = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *load(size_t bytes)
{
  void *const buffer = malloc(bytes);
  if (buffer == NULL || fread(buffer, 1, bytes, stdin) != bytes) {
    exit(2);
  }
  return buffer;
}

static void run(int32_t (*step)(void *const *, void *const *, void *), int inputs, const size_t *in_bytes, int outputs,
                const size_t *out_bytes, int alias, int above, size_t distance, size_t scratch_bytes, int32_t status)
{
  void *in[7] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL};
  void *out[3] = {NULL, NULL, NULL};
  for (int i = 0; i < inputs; ++i) {
    in[i] = load(in_bytes[i]);
  }
  for (int i = 0; i < outputs; ++i) {
    out[i] = alias >= 0 ? in[alias] : malloc(out_bytes[i]);
  }
  void *const alone = above >= 0 ? in[above] : NULL;
  if (above >= 0) { /* that operand lies over the first result, so far behind its begin */
    const size_t end = distance + in_bytes[above];
    free(out[0]);
    out[0] = malloc(end > out_bytes[0] ? end : out_bytes[0]);
    in[above] = (unsigned char *)out[0] + distance;
    memcpy(in[above], alone, in_bytes[above]);
  }
  void *const scratch = malloc(scratch_bytes);
  if (step(in, out, scratch) != status) {
    exit(3);
  }
  for (int i = 0; status == 0 && i < outputs; ++i) {
    if (fwrite(out[i], 1, out_bytes[i], stdout) != out_bytes[i]) {
      exit(2);
    }
  }
  free(scratch);
  for (int i = 0; i < inputs; ++i) {
    free(i == above ? alone : in[i]);
  }
  for (int i = 0; alias < 0 && i < outputs; ++i) {
    free(out[i]);
  }
}
"""


@dataclass(frozen=True)
class Case:
    """A graph of one operator, all of whose results are outputs, and its inputs; ``alias``: the input whose memory the
    output takes.

    ``fails``: an index leaves its axis, so that both the kernel and the interpreter must say so.
    """

    graph: Graph
    inputs: dict[str, Array]
    exact: bool = False
    alias: int | None = None
    fails: bool = False

    @property
    def op(self) -> Op:
        """The operator under test."""
        op = self.graph.outputs[0].producer
        assert op is not None
        return op


def compiler(name: str) -> str:
    """A compiler's path; the machine must have it."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed")
    return path


def check(
    cases: list[Case],
    directory: Path,
    cc: str,
    flags: list[str],
    choose: Callable[[Op], Kernel] = select,
    runner: Sequence[str] = (),
    nearer: int | None = None,
) -> None:
    """Compile all cases into one program, run it, compare each output with the interpreter's.

    ``choose`` gives the kernel of an operator; ``runner`` are the words before a program of another machine.
    ``nearer``: an operand that may lie over the result does, so many bytes nearer than its distance.
    """
    source = directory / "cases.c"
    source.write_text(_program(cases, choose, nearer))
    program = directory / "cases"
    command = [compiler(cc), *WARNINGS, *flags, f"-I{INCLUDE}", str(source), "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    stream = b"".join(bits(c.inputs[v.name]).tobytes() for c in cases for v in c.graph.inputs)
    done = subprocess.run([*runner, str(program)], input=stream, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    position = 0
    for case in cases:
        if case.fails:
            with pytest.raises(IRError, match="index leaves"):
                run(case.graph, case.inputs)
            continue
        results = []
        for kind in (v.type for v in case.graph.outputs):
            raw = done.stdout[position : position + kind.bytes]
            position += kind.bytes
            # As C stores them: of an integer of 4 bits the whole byte.
            stored = bits(np.empty(0, kind.dtype.numpy)).dtype
            results.append(np.frombuffer(raw, stored).reshape(kind.shape))
        _compare(case, results)
    assert position == len(done.stdout)


def _compare(case: Case, results: list[Array]) -> None:
    text = print_op(case.op, case.graph)
    for got, expected in zip(results, map(bits, run(case.graph, case.inputs).values()), strict=True):
        if case.exact or got.dtype.kind != "f":
            np.testing.assert_array_equal(got, expected, err_msg=text)
        else:
            finite = expected[np.isfinite(expected)]
            scale = float(np.abs(finite).max()) if finite.size else 0.0
            share, least = TOLERANCE[got.dtype.itemsize]
            np.testing.assert_allclose(got, expected, rtol=share, atol=share * scale + least, err_msg=text)


def _program(cases: list[Case], choose: Callable[[Op], Kernel], nearer: int | None) -> str:
    items: list[TopLevel] = []
    headers: dict[str, None] = {}
    main = []
    for number, case in enumerate(cases):
        kernel = choose(case.op)
        headers[kernel.header] = None
        outputs = case.graph.outputs
        pointers = {v: f"v{i}" for i, v in enumerate((*case.graph.inputs, *outputs))}
        emitter = Emitter(f"case{number}", pointers, "scratch")
        statements = list(kernel.emit(emitter))
        declared = [
            Declare(f"const {C_TYPES[v.type.dtype]} *const ", pointers[v], Name(f"in[{i}]"))
            for i, v in enumerate(case.graph.inputs)
        ]
        targets = [
            Declare(f"{C_TYPES[v.type.dtype]} *const ", pointers[v], Name(f"out[{i}]")) for i, v in enumerate(outputs)
        ]
        # Not all pointers are read: where an operand is also a constant, or the result takes its place.
        names = ("in", "scratch", *(pointers[v] for v in case.graph.inputs))
        unused = [Evaluate(Name(f"(void){name}")) for name in names]
        items += [*emitter.arrays, *emitter.structs]
        parameters = [("void *const *", "in"), ("void *const *", "out"), ("void *", "scratch")]
        body = [*declared, *unused, *targets, *statements, ReturnValue(Name("EDGEC_OK"))]
        items.append(Function("static int32_t", f"step{number}", parameters, body))
        in_bytes = ", ".join(str(v.type.bytes) for v in case.graph.inputs) or "0"
        out_bytes = ", ".join(str(v.type.bytes) for v in outputs)
        alias = -1 if case.alias is None else case.alias
        above, distance = -1, 0
        over = next((v for v in case.graph.inputs if v in kernel.distances), None)
        if nearer is not None and over is not None and alias < 0:
            above, distance = case.graph.inputs.index(over), kernel.distances[over] - nearer
            distance += -distance % over.type.dtype.bytes
        main.append(
            f"  {{ static const size_t in[] = {{{in_bytes}}}; static const size_t out[] = {{{out_bytes}}}; "
            f"run(step{number}, {len(case.graph.inputs)}, in, {len(outputs)}, out, {alias}, {above}, {distance}, "
            f"{kernel.scratch}, "
            f"{'EDGEC_ERROR_INDEX' if case.fails else 'EDGEC_OK'}); }}"
        )
    module = render(CModule([*(Include(f"edgec/{h}") for h in headers), *items]))
    return module + DRIVER + "\nint main(void)\n{\n" + "\n".join(main) + "\n  return 0;\n}\n"
