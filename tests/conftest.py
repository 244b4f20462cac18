"""Options that all tests share."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-eir", action="store_true", help="write the part after // ---- of .eir tests anew")


@pytest.fixture
def update_eir(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-eir"))
