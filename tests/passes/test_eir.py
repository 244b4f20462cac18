"""Every ``.eir`` file of this folder: text before, pass, text after, and the same meaning."""

from pathlib import Path

import pytest

from edgec.rewriting.testing import check_eir

FILES = sorted(Path(__file__).parent.glob("*.eir"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_pass_gives_the_text_after_and_keeps_the_meaning(path: Path, update_eir: bool) -> None:
    check_eir(path, update_eir)
