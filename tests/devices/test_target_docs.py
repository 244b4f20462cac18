"""docs/targets.md says what the target files say, and its example is one."""

import re
from pathlib import Path

import target_tables

from edgec.target import Region, Target


def test_the_tables_are_those_of_the_files() -> None:
    page = target_tables.PAGE.read_text()
    assert target_tables.boards() in page
    assert page == target_tables.updated(page), "write them anew: python tests/devices/target_tables.py"


def test_the_example_is_a_target(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", target_tables.PAGE.read_text(), re.DOTALL)
    assert example is not None
    (tmp_path / "mine.toml").write_text(example[1])
    target = Target.load(tmp_path / "mine.toml")
    assert target.ram == Region(0x20000000, 160 << 10)
    assert target.toolchains == Target.load("cortex-m4").toolchains
