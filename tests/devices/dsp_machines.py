"""The cores with the DSP extension, each with its emulator."""

import pytest

from edgec.target import Target

MACHINES = [
    (name, toolchain.kind, Target.load(name).emulators[0].kind)
    for name in ("cortex-m4", "cortex-m7", "cortex-m33")
    for toolchain in Target.load(name).toolchains
    if name == "cortex-m4" or toolchain.kind == "gcc"
]

machines = pytest.mark.parametrize(("target", "toolchain", "emulator"), MACHINES)
