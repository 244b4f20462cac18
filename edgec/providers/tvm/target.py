"""TVM's word for a target: LLVM's triple and CPU, and how wide its vectors are."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from edgec.errors import EdgecError
from edgec.target import Target

_FORMS = {
    "f32x16": ("x86_64-linux-gnu", "x86-64-v4", 16),
    "f32x8": ("x86_64-linux-gnu", "x86-64-v3", 8),
    "f32x4": ("aarch64-linux-gnu", "generic", 4),
}
"""A family of kernels of the target's -> triple, CPU, floats of a vector."""


def tvm_version() -> str:
    """Of the package that is installed. EdgecError where none is."""
    try:
        return version("apache-tvm")
    except PackageNotFoundError:
        hint = "install it: pip install 'edgec[tvm]', or leave out --kernels tvm"
        raise EdgecError("option kernels", "needs the package apache-tvm, which is not installed", hint) from None


def lanes(target: Target) -> int:
    """Floats of a vector of the target's. EdgecError for a target that TVM's kernels are not for."""
    return _form(target)[2]


def llvm(target: Target) -> Any:
    """The target as TVM knows it."""
    import tvm

    triple, cpu, _ = _form(target)
    # LLVM else takes half of AVX-512's vectors.
    wide = {"mattr": ["-prefer-256-bit"]} if cpu.endswith("v4") else {}
    return tvm.target.Target({"kind": "llvm", "mtriple": triple, "mcpu": cpu, "num-cores": 1, **wide})


def _form(target: Target) -> tuple[str, str, int]:
    found = next((_FORMS[family] for family in target.kernels if family in _FORMS), None)
    if found is None:
        hint = "leave out --kernels tvm, or use host, x86-64-v3, x86-64-v4, cortex-a53, ..."
        raise EdgecError(f"target {target.name}", "has no vectors that TVM is asked for", hint)
    return found
