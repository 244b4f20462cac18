"""QEMU: a whole board, whose clock advances with each instruction so that its timers count them; or, for a target of
Linux, a process, whose instructions a plugin counts.
"""

from edgec.devices.execution import Job, Outcome, run_process

_BOARD = ("-nographic", "-monitor", "none", "-serial", "none", "-semihosting-config", "enable=on,target=native")


def run(job: Job) -> Outcome:
    """Run a batch."""
    binary = job.binary
    command = [binary.emulator.command, *binary.emulator.arguments]
    if binary.target.arch != "linux":
        return run_process(job, [*command, *_BOARD, "-kernel", str(binary.path)])
    counter = ["-plugin", str(binary.counter)] if binary.counter else []
    return run_process(job, [*command, *counter, str(binary.path)])
