"""Which of a target's toolchains and emulators this machine has."""

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from typing import Any, TypeVar

from edgec.errors import EdgecError
from edgec.target import Emulator, Target, Toolchain

PIP = {"zig": ("ziglang", "ziglang"), "unicorn": ("unicorn", "unicorn==2.1.4")}
"""Kinds that come from PyPI: the module, and what to ask pip for."""

Tool = TypeVar("Tool", Toolchain, Emulator)


def pick(target: Target, what: str, tools: Sequence[Tool], kind: str | None) -> Tool:
    """The first of ``tools`` that is installed, or the one of that ``kind``. ``what`` names them in errors.

    EdgecError if there is none, with the command that installs it.
    """
    wanted = [tool for tool in tools if kind in (None, tool.kind)]
    if not wanted:
        kinds = ", ".join(tool.kind for tool in tools)
        raise EdgecError(f"target {target.name}", f"has no {what} {kind!r}", f"use one of {kinds}")
    for tool in wanted:
        if present(tool):
            return tool
    names = " or ".join(tool.command or tool.kind for tool in wanted)
    hint = ", or ".join(install_command(tool) for tool in wanted)
    raise EdgecError(f"target {target.name}", f"needs the {what} {names}, which is not installed", hint)


def present(tool: Toolchain | Emulator) -> bool:
    """Whether a toolchain or an emulator is installed."""
    if tool.kind in PIP:
        return importlib.util.find_spec(PIP[tool.kind][0]) is not None
    return not tool.command or shutil.which(tool.command) is not None


def install_command(tool: Toolchain | Emulator) -> str:
    """The command that installs it."""
    if tool.kind in PIP:
        return f"pip install {PIP[tool.kind][1]}"
    return f"apt-get install {tool.package}" if tool.package else f"install {tool.command} into PATH"


def examine(target: Target) -> dict[str, Any]:
    """What a target needs and what of it is installed, as JSON.

    ``ready``: there is a toolchain and an emulator. Each of ``tools`` has its role, kind, command, whether it is
    present, and the command that installs it.
    """
    found: dict[str, list[bool]] = {}
    tools = []
    roles: list[tuple[str, Sequence[Toolchain | Emulator]]] = [
        ("toolchain", target.toolchains),
        ("emulator", target.emulators),
    ]
    for role, candidates in roles:
        for tool in candidates:
            found.setdefault(role, []).append(present(tool))
            install = install_command(tool) if tool.command or tool.kind in PIP else ""
            entry = {"role": role, "kind": tool.kind, "command": tool.command, "present": present(tool)}
            tools.append({**entry, "install": install})
    return {"name": target.name, "ready": all(map(any, found.values())), "tools": tools}


def compiler_command(toolchain: Toolchain) -> list[str]:
    """The words that call the compiler."""
    return [sys.executable, "-m", "ziglang", "cc"] if toolchain.kind == "zig" else [toolchain.command]
