"""The example of a pass in a file of its own loads, and its ``.eir`` test holds."""

from pathlib import Path

from edgec.rewriting import load_file
from edgec.rewriting.testing import check_eir

EXAMPLE = Path(__file__).parents[2] / "examples" / "custom_pass"


def test_the_example_loads_from_its_file_and_passes_its_own_test(update_eir: bool) -> None:
    assert load_file(EXAMPLE / "div_to_mul.py") == ["div-to-mul"]
    check_eir(EXAMPLE / "div_to_mul.eir", update_eir)
