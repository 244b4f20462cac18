"""Passes by name, their options from text, and passes from files."""

from pathlib import Path

import pytest

from edgec.errors import EdgecError
from edgec.ir import parse_graph
from edgec.passes.in_place import InPlace
from edgec.rewriting import Pipeline, describe, load_file, parse_pipeline
from edgec.rewriting.registry import names

OPTIONS_PASS = '''
from dataclasses import dataclass

from edgec.rewriting import Graph, Pass


@dataclass(frozen=True)
class Trial(Pass):
    """Try options."""

    name = "trial"
    n: int
    share: float = 0.5
    label: str = "a"
    limit: int | None = None
    loud: bool = False

    def run(self, graph: Graph, target: object) -> bool:
        return False
'''


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    path = tmp_path / "trial.py"
    path.write_text(OPTIONS_PASS)
    assert load_file(path) == ["trial"]
    return path


def failure(text: str) -> str:
    with pytest.raises(EdgecError) as caught:
        parse_pipeline(text)
    return str(caught.value)


def test_every_built_in_pass_describes_itself() -> None:
    rows = {row["name"]: row for row in describe()}
    assert {"nhwc", "fold-constants", "in-place", "drop-dead-code"} <= set(rows) == set(names())
    assert rows["in-place"]["options"] == "inputs=false"
    assert all(row["description"].endswith(".") for row in rows.values())


def test_flag_and_value_forms_of_a_bool() -> None:
    for text in ("in-place{inputs}", "in-place{inputs=true}", " in-place { inputs = True } "):
        assert parse_pipeline(text) == [InPlace(inputs=True)]
    assert parse_pipeline("in-place{inputs=false}") == [InPlace()]


def test_options_have_the_types_of_their_annotations(trial: Path) -> None:
    (one,) = parse_pipeline("trial{n=3,share=1e-3,label=x,limit=7,loud}")
    assert vars(one) == {"n": 3, "share": 0.001, "label": "x", "limit": 7, "loud": True}
    (other,) = parse_pipeline("trial{n=3,limit=None}")
    assert vars(other)["limit"] is None


def test_a_pipeline_prints_as_the_text_that_reads_back(trial: Path) -> None:
    text = "fold-constants,trial{n=3,loud=true},in-place"
    assert str(Pipeline(parse_pipeline(text))) == text


def test_an_unknown_pass_lists_what_exists() -> None:
    message = failure("nhwc,fuse-everything")
    assert "pass fuse-everything: there is no such pass" in message and "fold-pads" in message


def test_an_unknown_option_lists_the_options(trial: Path) -> None:
    assert "no option 'm'" in failure("trial{m=1}") and "n, share, label" in failure("trial{m=1}")
    assert "it takes no options" in failure("nhwc{deep}")
    assert "it takes no options" in failure("fold-pads{deep}")


def test_a_bad_value_says_what_is_wanted(trial: Path) -> None:
    assert "n='two' is not an integer" in failure("trial{n=two}")
    assert "share='much' is not a number" in failure("trial{n=1,share=much}")
    assert "inputs='maybe' is not true or false" in failure("in-place{inputs=maybe}")


def test_a_missing_option_without_default_is_asked_for(trial: Path) -> None:
    assert "needs a value for 'n'" in failure("trial")


@pytest.mark.parametrize("text", ["nhwc{", "nhwc}", "a b", ",nhwc", "nhwc{{x}}"])
def test_bad_syntax_is_an_error(text: str) -> None:
    assert "cannot read" in failure(text)


def test_another_package_offers_a_pass_as_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other_passes.py").write_text(
        "from edgec.rewriting import rewrite\n@rewrite('other')\ndef other(op, graph):\n    'Do nothing.'\nwrong = 1\n"
    )
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[edgec.passes]\nother = other_passes:other\nwrong = other_passes:wrong\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "other" in names()
    (one,) = parse_pipeline("other")
    assert one.__doc__ == "Do nothing."
    assert "other_passes:wrong is no pass" in failure("wrong")


def test_a_file_without_passes_and_a_missing_file_are_errors(tmp_path: Path) -> None:
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1\n")
    with pytest.raises(EdgecError, match="defines no pass"):
        load_file(empty)
    with pytest.raises(EdgecError, match="is not a Python file"):
        load_file(tmp_path / "none.py")


@pytest.mark.parametrize("body", ["x = 1\ny = 1 / 0\n", "x = 1\ndef broken(:\n"])
def test_an_error_in_a_loaded_file_names_its_line(tmp_path: Path, body: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(body)
    with pytest.raises(EdgecError) as caught:
        load_file(path)
    assert caught.value.where == f"{path}:2"


def test_an_exception_in_a_pass_names_the_pass_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "angry.py"
    path.write_text("from edgec.rewriting import rewrite\n\n\n@rewrite('angry')\ndef angry(op, graph):\n    [].pop()\n")
    load_file(path)
    graph = parse_graph("graph @g(%x: f32[1]) {\n  %y: f32[1] = relu %x\n  return y=%y\n}\n")
    with pytest.raises(EdgecError) as caught:
        Pipeline(parse_pipeline("angry")).run(graph)
    assert caught.value.where == f"pass angry, {path}:6"
    assert caught.value.what == "IndexError: pop from empty list"
