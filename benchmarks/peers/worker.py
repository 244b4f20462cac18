"""A peer in its own process: ``python -m peers.worker PEER MODEL PRECISION CORE DIRECTORY INPUT``.

It makes the model ready and says so in a line of JSON: ``seconds`` that this took, and the ``output`` for the input, an
npy file; or ``error``. Then, for each line with a number of calls, it runs that many, and answers with the median and
the least time of one, in nanoseconds.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from peers.runners import RUNNERS, Work


def main() -> None:
    """Answer on the standard output that it was started with; what packages print goes to the standard error."""
    peer, model, precision, core, directory, x = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.sched_setaffinity(0, {int(core)})

    def answer(**found: object) -> None:
        print(json.dumps(found), file=answers, flush=True)

    began = time.perf_counter()
    try:
        ready = RUNNERS[peer](Work(Path(model), precision, np.load(x), Path(directory)))
        seconds = time.perf_counter() - began
        ready.run()
        output = np.asarray(ready.output(), np.float64).reshape(-1)
    except Exception as error:  # whatever a peer's package raises is the reason why it is not in the table
        answer(error=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        return
    answer(seconds=seconds, output=output.tolist())
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter_ns()
            ready.run()
            times.append(time.perf_counter_ns() - start)
        answer(median=statistics.median(times), least=min(times))


if __name__ == "__main__":
    main()
