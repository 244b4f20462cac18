"""Runs passes one after the other, with the verifier after each, and reads pipelines from text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from edgec.errors import EdgecError
from edgec.ir import Graph, IRError, print_graph, verify
from edgec.rewriting.base import Pass, RewritePass
from edgec.rewriting.registry import location, make, spell

if TYPE_CHECKING:
    from edgec.target import Target

Dump = Callable[[int, str, Graph], None]
"""Called after each pass with its index, its name and the graph."""

_PART = re.compile(r"\s*(?P<name>[A-Za-z0-9_.-]+)\s*(?:\{(?P<options>[^{}]*)\})?\s*(?:,|$)")


@dataclass(frozen=True)
class PassRecord:
    """What one pass did: wall-clock ``seconds``, whether the graph changed, operators before and after."""

    index: int
    name: str
    seconds: float
    changed: bool
    ops_before: int
    ops_after: int


class Pipeline:
    """Passes in the order in which they run; ``str()`` gives the text that ``parse_pipeline`` reads."""

    def __init__(self, passes: Iterable[Pass], verify: bool = True) -> None:
        self.passes = tuple(passes)
        self.verify = verify

    def __str__(self) -> str:
        return ",".join(spell(one) for one in self.passes)

    def run(
        self,
        graph: Graph,
        target: Target | None = None,
        dump: Dump | None = None,
        observer: Callable[[PassRecord], None] | None = None,
    ) -> list[PassRecord]:
        """Run every pass on the graph, in place; returns a record of each.

        Raises EdgecError where a pass raises, naming its file and line, and IRError where it leaves a graph that
        breaks a rule, naming the pass.
        """
        records = []
        for index, one in enumerate(self.passes):
            before, start = len(graph.ops), perf_counter()
            changed = _guarded(one, graph, target)
            if self.verify:
                try:
                    verify(graph)
                except IRError as error:
                    raise IRError(f"after pass {one.name}: {error}") from error
            records.append(PassRecord(index, one.name, perf_counter() - start, changed, before, len(graph.ops)))
            if observer is not None:
                observer(records[-1])
            if dump is not None:
                dump(index, one.name, graph)
        return records


def _guarded(one: Pass, graph: Graph, target: Target | None) -> bool:
    try:
        return one.run(graph, target)
    except EdgecError:
        raise
    except Exception as error:
        code = one.function if isinstance(one, RewritePass) else type(one)
        where = location(error, inspect.getfile(code))
        raise EdgecError(
            f"pass {one.name}, {where}", f"{type(error).__name__}: {error}", "correct the pass, or leave it out"
        ) from error


def parse_pipeline(text: str) -> list[Pass]:
    """Read ``a,b{n=2,flag},c``. Raises EdgecError for bad syntax, an unknown pass or option, or a bad value."""
    passes: list[Pass] = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            hint = "write passes as a,b{option=value,flag},c"
            raise EdgecError("pipeline", f"cannot read {text[position:]!r}", hint)
        options = {}
        for part in filter(str.strip, (match["options"] or "").split(",")):
            option, _, value = part.partition("=")
            options[option.strip()] = value.strip()
        passes.append(make(match["name"], options))
        position = match.end()
    return passes


def dump_to(directory: Path, after: Collection[str] | None = None) -> Dump:
    """A dump that writes ``NN-pass.eir`` and, where arrays are long, ``NN-pass.npz``, after the named passes or all.

    It raises EdgecError where it cannot.
    """

    def dump(index: int, name: str, graph: Graph) -> None:
        if after is not None and name not in after:
            return
        text, arrays = print_graph(graph)
        path = directory / f"{index:02}-{name}.eir"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if arrays:
                np.savez(path.with_suffix(".npz"), allow_pickle=False, **arrays)
        except OSError as error:
            raise EdgecError(
                str(path), f"cannot be written: {error.strerror}", "name another directory (--dump-ir)"
            ) from error

    return dump
