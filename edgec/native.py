"""Searches in C, compiled on first use by the host's compiler and kept in the cache."""

import ctypes
import hashlib
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

from edgec.cache import cache_directory

# No fused multiply-adds: the same bits on every machine.
FLAGS = ("-std=c11", "-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")


@cache
def native_library(package: str, name: str) -> ctypes.CDLL | None:
    """``name``.c of a package as a library; None without a C compiler (cc, gcc or clang) that makes one."""
    source = files(package).joinpath(f"{name}.c").read_bytes()
    digest = hashlib.sha256(source + " ".join(FLAGS).encode()).hexdigest()[:16]
    file = cache_directory() / "search" / f"{name}-{digest}.so"
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    try:
        if not file.is_file():
            if compiler is None:
                return None
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=file.parent) as folder:
                code, made = Path(folder, f"{name}.c"), Path(folder, f"{name}.so")
                code.write_bytes(source)
                subprocess.run([compiler, *FLAGS, "-o", made, code, "-lm"], check=True, capture_output=True)
                made.replace(file)  # at once: others may look for it
        return ctypes.CDLL(str(file))
    except (OSError, subprocess.CalledProcessError):
        return None
