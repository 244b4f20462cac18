"""The host: the program is a process."""

from edgec.devices.execution import Job, Outcome, run_process


def run(job: Job) -> Outcome:
    """Run a batch."""
    return run_process(job, [str(job.binary.path)])
