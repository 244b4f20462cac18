"""The output directory: which files it holds, and how it comes to be whole or not at all."""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from edgec.errors import EdgecError

MEMORY = "src/edgec_memory.c"
"""memcpy and the like for bare metal: the only runtime source that is not a header."""

_INCLUDE = re.compile(r'^#include "edgec/([\w.]+)"', re.MULTILINE)


def runtime_files(headers: tuple[str, ...]) -> dict[str, str]:
    """Path in the output -> text of the runtime headers that the model needs, and of those that they include."""
    root: Traversable = files("edgec.runtime_c")
    found = {MEMORY: root.joinpath(*MEMORY.split("/")).read_text()}
    waiting = [*headers, *_INCLUDE.findall(found[MEMORY])]
    while waiting:
        header = waiting.pop()
        path = f"include/edgec/{header}"
        if path not in found:
            found[path] = root.joinpath("include", "edgec", header).read_text()
            waiting += _INCLUDE.findall(found[path])
    return dict(sorted(found.items()))


def makefile(name: str, compiler: str, flags: str, assembled: Sequence[str]) -> str:
    """A Makefile that builds ``lib<name>.a``; CC, AR and CFLAGS can be given from outside.

    ``assembled``: the assembler's files beside ``<name>.c``; that of the weights includes a binary one.
    """
    objects = "".join(f"{Path(file).stem}.o " for file in assembled)
    weights = f"{name}_weights.S"
    rule = f"{name}_weights.o: {name}_weights.bin\n\n" if weights in assembled else ""
    rule += "%.o: %.S\n\t$(CC) $(CFLAGS) -I. -c $< -o $@\n\n" if assembled else ""
    return f"""\
# Builds lib{name}.a. To build with another compiler: make CC=... AR=... CFLAGS=...
CC = {compiler}
AR = {"ar" if compiler in ("cc", "gcc") else compiler.removesuffix("gcc") + "ar"}
CFLAGS = {flags}
OBJECTS = {name}.o {objects}src/edgec_memory.o

lib{name}.a: $(OBJECTS)
\t$(AR) rcs $@ $(OBJECTS)

{name}.o: {name}.c {name}.h

{rule}%.o: %.c
\t$(CC) $(CFLAGS) -I. -Iinclude -c $< -o $@

clean:
\trm -f lib{name}.a $(OBJECTS)

.PHONY: clean
"""


def cmakelists(name: str, flags: str, assembled: Sequence[str]) -> str:
    """A CMakeLists.txt that gives the static library target ``<name>``."""
    languages = "C ASM" if assembled else "C"
    sources = "".join(f"{file} " for file in assembled)
    return f"""\
cmake_minimum_required(VERSION 3.16)
project({name} {languages})

add_library({name} STATIC {name}.c {sources}{MEMORY})
target_include_directories({name} PUBLIC ${{CMAKE_CURRENT_SOURCE_DIR}} ${{CMAKE_CURRENT_SOURCE_DIR}}/include)
set_target_properties({name} PROPERTIES C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
# The flags of the target that the model was compiled for; clear them when the toolchain file brings its own.
set(EDGEC_FLAGS "{flags}" CACHE STRING "Compiler flags of the target")
separate_arguments(EDGEC_FLAG_LIST UNIX_COMMAND "${{EDGEC_FLAGS}}")
target_compile_options({name} PRIVATE ${{EDGEC_FLAG_LIST}})
"""


def write_directory(directory: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write all files, whole or not at all: beside the place first, then renamed into it.

    An earlier output of edgec (a directory with a manifest.json) is replaced; anything else that is there and not
    empty is an EdgecError.
    """
    directory = directory.absolute()
    try:
        # lexists: a link to nowhere occupies its name, too.
        occupied = os.path.lexists(directory) and (not directory.is_dir() or any(directory.iterdir()))
        ours = occupied and (directory / "manifest.json").is_file()
    except OSError as error:
        raise EdgecError(str(directory), f"cannot be read: {error.strerror}", "name another directory") from error
    if occupied and not ours:
        raise EdgecError(str(directory), "exists and is not an output of edgec", "name another directory, or empty it")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    except OSError as error:
        raise EdgecError(str(directory), f"cannot be written: {error.strerror}", "name another directory") from error
    try:
        work.chmod(0o777 & ~_umask())
        for name, content in contents.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        if directory.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
            try:
                directory.rename(old / "old")
                work.rename(directory)
            except BaseException:
                if not directory.exists():
                    (old / "old").rename(directory)
                raise
            finally:
                shutil.rmtree(old, ignore_errors=True)
        else:
            work.rename(directory)
    except OSError as error:
        raise EdgecError(
            str(directory), f"cannot be written: {error.strerror}", "free space or check rights"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
