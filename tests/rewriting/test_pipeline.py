"""Pipelines verify, record and dump; rewrite passes run to a fixpoint and no further."""

from pathlib import Path

import numpy as np
import pytest

from edgec.errors import EdgecError
from edgec.ir import Graph, IRError, Op, parse_graph
from edgec.rewriting import Clip, PassRecord, Pipeline, Relu, RewritePass, dump_to, parse_pipeline, rewrite

TEXT = """graph @g(%x: f32[4]) {
  %k: f32[9] = const @k
  %a: f32[4] = relu %x
  %b: f32[4] = relu %a
  %c: f32[4] = relu %b
  return c=%c, k=%k
}
"""


def graph() -> Graph:
    return parse_graph(TEXT, {"k": np.arange(9, dtype=np.float32)})


@rewrite("merge-relus")
def merge_relus(op: Op, graph: Graph) -> None:
    """One relu after the other is one."""
    match op:
        case Relu(x=x) if isinstance(x.producer, Relu):
            graph.replace(op, x)


def test_a_rewrite_runs_until_nothing_changes_and_says_whether_it_changed() -> None:
    g = graph()
    assert merge_relus.run(g, None)
    assert [op.opname for op in g] == ["const", "relu", "return"]
    assert not merge_relus.run(g, None)


def test_a_rewrite_skips_what_was_erased_meanwhile() -> None:
    seen: list[str] = []

    def record(op: Op, graph: Graph) -> None:
        seen.append(op.opname)
        if isinstance(op, Relu) and len(seen) == 2:
            graph.replace(graph.outputs[0].producer or op, op.x)

    RewritePass("record", record).run(graph(), None)
    assert seen[:3] == ["const", "relu", "return"]


def test_a_rewrite_may_take_the_target() -> None:
    targets: list[object] = []

    def ask(op: Op, graph: Graph, target: object) -> None:
        targets.append(target)

    RewritePass("ask", ask).run(graph(), None)
    assert targets == [None] * 5


def test_a_rewrite_that_never_settles_is_an_error() -> None:
    def flip(op: Op, graph: Graph) -> None:
        match op:
            case Relu(x=x):
                graph.replace(op, Clip(x, low=0.0))
            case Clip(x=x):
                graph.replace(op, Relu(x))

    with pytest.raises(EdgecError, match="undo each other"):
        Pipeline([RewritePass("flip", flip)]).run(graph())


def test_a_broken_graph_is_blamed_on_its_pass() -> None:
    def break_it(op: Op, graph: Graph) -> None:
        if op.operands:
            op.operands[0].uses.clear()

    with pytest.raises(IRError, match="after pass break: %x counts 0 uses, has 1"):
        Pipeline([merge_relus, RewritePass("break", break_it)]).run(graph())
    Pipeline([RewritePass("break", break_it)], verify=False).run(graph())


def test_records_hold_operators_before_and_after() -> None:
    seen: list[PassRecord] = []
    records = Pipeline([merge_relus, *parse_pipeline("drop-dead-code")]).run(graph(), observer=seen.append)
    assert records == seen
    assert [(r.index, r.name, r.changed, r.ops_before, r.ops_after) for r in records] == [
        (0, "merge-relus", True, 5, 3),
        (1, "drop-dead-code", False, 3, 3),
    ]
    assert all(r.seconds >= 0 for r in records)


def test_dumps_are_graphs_that_read_back(tmp_path: Path) -> None:
    passes = [merge_relus, *parse_pipeline("simplify,in-place")]
    Pipeline(passes).run(graph(), dump=dump_to(tmp_path / "dump"))
    files = sorted(p.name for p in (tmp_path / "dump").glob("*.eir"))
    assert files == ["00-merge-relus.eir", "01-simplify.eir", "02-in-place.eir"]
    with np.load(tmp_path / "dump" / "00-merge-relus.npz") as arrays:
        read = parse_graph((tmp_path / "dump" / files[0]).read_text(), dict(arrays))
    assert [op.opname for op in read] == ["const", "relu", "return"]


def test_dumps_can_be_chosen_by_name(tmp_path: Path) -> None:
    passes = [merge_relus, *parse_pipeline("simplify,in-place")]
    Pipeline(passes).run(graph(), dump=dump_to(tmp_path, after=["simplify"]))
    assert [p.name for p in tmp_path.glob("*.eir")] == ["01-simplify.eir"]


def test_the_default_pipeline_is_made_of_existing_passes() -> None:
    from edgec import passes

    assert str(Pipeline(parse_pipeline(passes.DEFAULT))) == passes.DEFAULT
