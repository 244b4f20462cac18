"""QEMU: a whole board, whose clock advances with each instruction, so that its timers count them."""

from edgec.devices.execution import Job, Outcome, run_process

_OPTIONS = ("-nographic", "-monitor", "none", "-serial", "none", "-semihosting-config", "enable=on,target=native")


def run(job: Job) -> Outcome:
    """Run a batch."""
    emulator = job.binary.emulator
    return run_process(job, [emulator.command, *emulator.arguments, *_OPTIONS, "-kernel", str(job.binary.path)])
