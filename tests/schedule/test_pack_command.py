"""``edgec pack``: a table in, offsets out, and what it says of what cannot be packed."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from edgec import cli

TABLE = "id,lower,upper,size\na,0,2,6\nb,1,3,4\nc,2,4,7\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "buffers.csv"
    file.write_text(TABLE)
    return file


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["edgec", "pack", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_the_answer_as_json(table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(monkeypatch, capsys, table, "--capacity", "11", "--json")
    told: dict[str, Any] = json.loads(out)
    assert code == 0
    assert (told["status"], told["height"], told["bound"]) == ("optimal", 11, 11)
    assert [b["id"] for b in told["buffers"]] == ["a", "b", "c"]
    a, b, c = (buffer["offset"] for buffer in told["buffers"])
    assert (a, b, c) in ((0, 7, 0), (4, 0, 4), (5, 0, 4))


def test_the_answer_as_a_table_can_be_packed_again(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, table, "--alignment", "4")
    assert code == 0
    assert out.startswith("id,lower,upper,size,offset\na,0,2,6,")
    assert all(int(line.split(",")[4]) % 4 == 0 for line in out.splitlines()[1:])
    file = tmp_path / "again.csv"
    file.write_text(out)
    code, told, _ = run(monkeypatch, capsys, file, "--alignment", "4", "-o", file)
    assert code == 0
    assert file.read_text() == out
    assert "optimal" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no single column id"),
        ("id,lower,upper\n", "no single column size"),
        ("id,lower,upper,size\na,0,1\n", "row 2: has 3 cells"),
        ("id,lower,upper,size\n\na,0,1,x\n", "row 3: size is 'x'"),
        ("id,lower,upper,size\na,0,1.5,1\n", "row 2: upper is '1.5'"),
        ("id,lower,upper,size\na,0,1,1\na,0,1,1\n", "row 3: the id 'a' is taken"),
        ("id,lower,upper,size\n,0,1,1\n", "row 2: the id '' is empty"),
        ("id,lower,upper,size\na,0,1,-1\n", "item a: has a size of -1"),
        ("id,lower,upper,size\na,1,1,4\n", "item a: lives from 1 to 1"),
        (f"id,lower,upper,size\na,0,1,{1 << 53}\n", "item a: has a number beyond 2^53"),
        (f"id,lower,upper,size\na,0,1,{1 << 52}\nb,0,1,{1 << 52}\n", "more than 2^53 bytes together"),
        ('id,lower,upper,size\n"a,0,1,1\n', "cannot be read as CSV"),
    ],
)
def test_what_is_no_table_of_buffers_is_refused(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.csv"
    file.write_text(text)
    code, out, err = run(monkeypatch, capsys, file)
    assert (code, out) == (2, "")
    assert told in err


def test_a_capacity_below_what_is_alive_names_the_smallest_and_who_needs_it(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(monkeypatch, capsys, table, "--capacity", "10", "--json")
    assert code == 2
    error = json.loads(out)["error"]
    assert "cannot hold the buffers: the smallest is 11" in error["what"]
    assert "from 2 to 3 c (7), b (4) are alive with 11 bytes together" in error["what"]
    assert "give 11" in err


def test_a_capacity_that_only_the_search_excludes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.csv"
    rows = ("a,6,9,5", "b,8,11,5", "c,5,7,4", "d,4,8,3", "e,4,6,4", "f,2,4,2", "g,1,5,5", "h,1,4,5")
    file.write_text("\n".join(("id,lower,upper,size", *rows)))
    code, out, _ = run(monkeypatch, capsys, file, "--capacity", "12", "--json")
    assert code == 2
    what = json.loads(out)["error"]["what"]
    assert "cannot hold the buffers: the smallest is 13" in what
    assert "from 2 to 4 g (5), h (5), f (2) are alive with 12 bytes together" in what


def test_bad_words_are_refused(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, told in (
        ((table, "--capacity", "many"), "give bytes"),
        ((tmp_path / "none.csv",), "cannot be read"),
        ((table, "-o", tmp_path / "none" / "b.csv"), "cannot be written"),
    ):
        code, _, err = run(monkeypatch, capsys, *words)
        assert code == 2
        assert told in err
