"""unicorn: a core and its memory, without a board. Semihosting and counting happen here, in hooks.

Instructions are counted by hooking basic blocks, which slows the core down about tenfold; so the program says when
counting starts and stops (targets/counter.h), and between the two the core runs with the hook, elsewhere without.
Adding or removing the hook needs the core to stop and its translated code to be dropped.
"""

import struct
from collections import Counter
from enum import IntEnum
from typing import Any

import unicorn as _unicorn
from unicorn import arm_const, riscv_const

from edgec.devices import elf
from edgec.devices.execution import FAULT, STACK, Job, Outcome
from edgec.target import Region

unicorn: Any = _unicorn
"""The package, whose functions have no types."""
_NEVER = 0xFFFFFFFE
_PAGE = 4096
_ARM_BREAKPOINT = 0xBEAB
_RISCV_ENVIRONMENT_CALLS = (8, 9, 11)
_ARM_SYSTEM_CONTROL = Region(0xE000E000, _PAGE)

_INPUT, _OUTPUT = 1, 2
"""Handles of the two files."""


class _Operation(IntEnum):
    """Semihosting as in targets/semihosting.h."""

    OPEN = 0x01
    WRITE0 = 0x04
    WRITE = 0x05
    READ = 0x06
    EXIT = 0x20
    COUNTER_START = 0x100
    COUNTER_READ = 0x101
    COUNTER_STOP = 0x102


def run(job: Job) -> Outcome:
    """Run a batch."""
    return _Core(job).run()


class _Core:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.arm = job.binary.target.arch == "arm"
        self.input, self.position, self.output, self.words = job.input, 0, bytearray(), ""
        self.exit_code: int | None = None
        self.counting = self.hooked = False
        self.hook: Any = None
        self.blocks: Counter[tuple[int, int]] = Counter()
        self.lengths: dict[tuple[int, int], int] = {}
        self.taken, self.following = 0, -1  # branches, and the address behind the last block
        self.word = elf.word_bytes(job.binary.path)
        self.core = self._make_core()

    def _make_core(self) -> Any:
        cpu = self.job.binary.emulator.cpu
        if self.arm:
            core = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
            core.ctl_set_cpu_model(getattr(arm_const, f"UC_CPU_ARM_{cpu}"))
            self.pc, self.sp = arm_const.UC_ARM_REG_PC, arm_const.UC_ARM_REG_SP
            self.result, self.argument = arm_const.UC_ARM_REG_R0, arm_const.UC_ARM_REG_R1
        else:
            mode = unicorn.UC_MODE_RISCV64 if self.word == 8 else unicorn.UC_MODE_RISCV32
            core = unicorn.Uc(unicorn.UC_ARCH_RISCV, mode)
            core.ctl_set_cpu_model(getattr(riscv_const, f"UC_CPU_{cpu}"))
            self.pc, self.sp = riscv_const.UC_RISCV_REG_PC, riscv_const.UC_RISCV_REG_SP
            self.result, self.argument = riscv_const.UC_RISCV_REG_A0, riscv_const.UC_RISCV_REG_A1
        return core

    def _load(self) -> int:
        """Map memory and load the program; returns the address to start at."""
        memory = self.job.binary.target.memory_in(self.job.binary.emulator)
        assert memory is not None  # a rule of target files
        read_only, everything = unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC, unicorn.UC_PROT_ALL
        path = self.job.binary.path
        used = [region for _, region in memory.more if elf.bytes_in(path, region.origin, region.end)]
        regions = [(memory.flash, read_only), *((region, everything) for region in (memory.ram, *used))]
        for region, rights in [*regions, (_ARM_SYSTEM_CONTROL, everything)] if self.arm else regions:
            first, end = region.origin // _PAGE * _PAGE, -(-region.end // _PAGE) * _PAGE
            self.core.mem_map(first, end - first, rights)
        entry, pieces = elf.segments(self.job.binary.path)
        for address, data in pieces:
            self.core.mem_write(address, data)
        if self.arm:
            stack, entry = struct.unpack("<II", self.core.mem_read(memory.flash.origin, 8))
            self.core.reg_write(self.sp, stack)
        return entry | 1 if self.arm else entry

    def run(self) -> Outcome:
        """Start, and start again after each stop, until the program ends."""
        pc = self._load()
        self.core.hook_add(unicorn.UC_HOOK_INTR, self._on_exception)
        done = 0
        while self.exit_code is None:
            try:
                self.core.emu_start(pc, _NEVER, timeout=int(self.job.time_limit * 1e6))
            except unicorn.UcError:
                self._fault(self.core.reg_read(self.pc))
            if self.exit_code is None:
                if self.counting == self.hooked:  # nobody asked it to stop
                    if self.job.done(len(self.output)) == done:
                        raise self.job.hangs(done)
                    done = self.job.done(len(self.output))
                self._change_hook()
            pc = self.core.reg_read(self.pc) | (1 if self.arm else 0)
        return Outcome(self.exit_code, self.words, bytes(self.output))

    def _change_hook(self) -> None:
        if self.counting and not self.hooked:
            self.hook = self.core.hook_add(unicorn.UC_HOOK_BLOCK, self._on_block)
        elif self.hooked and not self.counting:
            self.core.hook_del(self.hook)
        self.hooked = self.counting
        self.core.ctl_flush_tb()

    def _on_block(self, core: Any, address: int, size: int, data: Any) -> None:
        self.blocks[address, size] += 1
        self.taken += address != self.following
        self.following = address + size

    def _on_exception(self, core: Any, number: int, data: Any) -> None:
        pc = core.reg_read(self.pc)
        if self.arm and struct.unpack("<H", core.mem_read(pc & ~1, 2))[0] != _ARM_BREAKPOINT:
            return self._fault(pc)
        if not self.arm and number not in _RISCV_ENVIRONMENT_CALLS:
            return self._fault(pc - 4)  # unicorn has gone on
        if self.arm:
            core.reg_write(self.pc, (pc + 2) | 1)
        core.reg_write(self.result, self._semihosting(core.reg_read(self.result), core.reg_read(self.argument)))

    def _fault(self, pc: int) -> None:
        limit, top = (elf.address_of(self.job.binary.path, f"__stack_{end}") for end in ("limit", "top"))
        overflow = self.core.reg_read(self.sp) < limit
        self.exit_code, detail = (STACK, top - limit) if overflow else (FAULT, pc & ~1)
        self.words = f"edgec-failure {self.exit_code:08x} ffffffff {detail:08x}"
        self.core.emu_stop()

    # --- semihosting --------------------------------------------------------------------------------------------------

    def _semihosting(self, operation: int, argument: int) -> int:
        match operation:
            case _Operation.OPEN:
                name, _, length = self._words(argument, 3)
                return _INPUT if self.core.mem_read(name, length) == b"input.bin" else _OUTPUT
            case _Operation.WRITE0:
                while (character := self.core.mem_read(argument, 1)) != b"\0":
                    self.words += character.decode("latin-1")
                    argument += 1
            case _Operation.WRITE:
                _, source, length = self._words(argument, 3)
                before = self.job.done(len(self.output))
                self.output += self.core.mem_read(source, length)
                if (done := self.job.done(len(self.output))) > before:
                    self.job.progress(done, self.job.samples)
            case _Operation.READ:
                _, place, length = self._words(argument, 3)
                piece = self.input[self.position : self.position + length]
                self.position += len(piece)
                self.core.mem_write(place, piece)
                return length - len(piece)
            case _Operation.EXIT:
                self.exit_code = self._words(argument, 2)[1]
                self.core.emu_stop()
            case _Operation.COUNTER_START:
                self.counting = True
                self.core.emu_stop()
            case _Operation.COUNTER_READ:
                self.core.mem_write(argument, struct.pack("<Q", self._count()))
            case _Operation.COUNTER_STOP:
                self.counting = False
                self.core.emu_stop()
        return 0

    def _words(self, address: int, count: int) -> tuple[int, ...]:
        return struct.unpack(
            f"<{count}{'Q' if self.word == 8 else 'I'}", self.core.mem_read(address, self.word * count)
        )

    def _count(self) -> int:
        """Instructions executed under the hook, or the cycles that they are estimated to take."""
        if (timing := self.job.timing) is not None:
            spent = sum(n * timing.cost(block, bytes(self.core.mem_read(*block))) for block, n in self.blocks.items())
            return spent + self.taken * timing.table.taken
        return sum(times * self._length(block) for block, times in self.blocks.items())

    def _length(self, block: tuple[int, int]) -> int:
        """Number of instructions in a block: its address and bytes."""
        if block not in self.lengths:
            code = struct.unpack(f"<{block[1] // 2}H", self.core.mem_read(*block))
            position = count = 0
            while position < len(code):
                half = code[position]
                position += 2 if (half >> 11 in (0x1D, 0x1E, 0x1F) if self.arm else half & 3 == 3) else 1
                count += 1
            self.lengths[block] = count
        return self.lengths[block]
