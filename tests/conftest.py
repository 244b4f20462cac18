"""Options and fixtures that all tests share."""

import os
import shutil
from typing import NoReturn

import pytest

from edgec import cpu
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

    With EDGEC_REQUIRE_TOOLS, as in CI, that is a failure; a CPU without the target's features never is.
    """
    parameters = request.node.callspec.params
    target = Target.load(parameters["target"])
    if target.arch == "host" and not cpu.fits(target.machine, target.features):
        pytest.skip(f"this CPU does not run {target.name}")
    for kind, tools in (("toolchain", target.toolchains), ("emulator", target.emulators)):
        for tool in tools:
            if tool.kind in parameters[kind].split("+") and not present(tool):
                _lacking(f"{tool.command or tool.kind} is not installed: {install_command(tool)}")


@pytest.fixture
def need_compiler(request: pytest.FixtureRequest) -> None:
    """The same for a test whose parameter ``cc`` is a compiler's command."""
    command = request.node.callspec.params["cc"]
    if shutil.which(command) is None:
        _lacking(f"{command} is not installed")


def _lacking(what: str) -> NoReturn:
    if os.environ.get("EDGEC_REQUIRE_TOOLS"):
        pytest.fail(what)
    pytest.skip(what)
