"""Options and fixtures that all tests share."""

import os

import pytest

from edgec.devices.toolchain import install_command, present
from edgec.target import Target


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-eir", action="store_true", help="write the part after // ---- of .eir tests anew")


@pytest.fixture
def update_eir(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-eir"))


@pytest.fixture
def need_tools(request: pytest.FixtureRequest) -> None:
    """Skip a test whose parameters ``target``, ``toolchain`` and ``emulator`` (a+b: both) name what this machine lacks.

    With EDGEC_REQUIRE_TOOLS, as in CI, that is a failure.
    """
    parameters = request.node.callspec.params
    target = Target.load(parameters["target"])
    for kind, tools in (("toolchain", target.toolchains), ("emulator", target.emulators)):
        for tool in tools:
            if tool.kind in parameters[kind].split("+") and not present(tool):
                missing = f"{tool.command or tool.kind} is not installed: {install_command(tool)}"
                if os.environ.get("EDGEC_REQUIRE_TOOLS"):
                    pytest.fail(missing)
                pytest.skip(missing)
