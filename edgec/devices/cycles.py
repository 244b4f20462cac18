"""Executed instructions weighed with a core's published timing: an estimate of cycles, by basic block.

Zero wait states; what depends on operands (early ends of divisions, alignment, bus conflicts) is not seen. The table
is the target's (``[cycles]`` in targets/*.toml, with its source).
"""

import re
from functools import cached_property
from typing import Any

from edgec.target import Cycles

Block = tuple[int, int]
"""Address and bytes."""

_REGISTERS = re.compile(r"\{(.*)\}")
_CONDITIONS = ("eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le")


class Timing:
    """Costs of the basic blocks of a program for an M-profile core."""

    def __init__(self, table: Cycles) -> None:
        self.table = table
        self._costs: dict[Block, int] = {}

    @cached_property
    def _disassembler(self) -> Any:
        import capstone  # only here: the package is optional

        return capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)

    def cost(self, block: Block, code: bytes) -> int:
        """Cycles of a block that is left by going on at its end."""
        if block not in self._costs:
            total = 0
            before = False
            for _, _, mnemonic, operands in self._disassembler.disasm_lite(code, block[0]):
                cycles, moves = self._instruction(mnemonic, operands)
                total += 1 if moves and before and cycles == 2 else cycles
                before = moves and self.table.pipelined > 0
            self._costs[block] = total
        return self._costs[block]

    def _instruction(self, mnemonic: str, operands: str) -> tuple[int, bool]:
        """Cycles of one instruction, and whether it is a single load or store, which follow each other faster."""
        name = mnemonic.removesuffix(".w").removesuffix(".n")
        multiple = any(name.startswith(p) for p in ("ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop"))
        if multiple or name.startswith(("ldrd", "strd")):
            listed = _REGISTERS.search(operands)
            return 1 + (_count(listed.group(1)) if listed else 2), False
        table = dict(zip(self.table.names, self.table.counts, strict=True))
        plain = name[:-2] if name[-2:] in _CONDITIONS and name not in table else name
        prefixes = [p for p in table if plain.startswith(p)]
        cycles = table[max(prefixes, key=len)] if prefixes else 1
        return cycles, name.startswith(("ldr", "str"))


def _count(registers: str) -> int:
    """How many registers ``r4, r5-r7, lr`` are."""
    total = 0
    for part in registers.split(","):
        first, _, last = part.strip().partition("-")
        total += int(re.sub(r"\D", "", last)) - int(re.sub(r"\D", "", first)) + 1 if last else 1
    return total
