"""Scheduling of random layered graphs: ``python benchmarks/schedule.py [--sizes 100 250] [--seeds 2] [--joint]``.

Prints a table: what is added at budgets of 90, 80 and 70 % of the peak, the bound, the time, and Chen's baseline.
"""

import argparse
from dataclasses import replace
from random import Random
from time import monotonic

from edgec.errors import EdgecError
from edgec.schedule.remat import RematProblem, best_square_root, replay, solve

EDGES = {100: 236, 250: 944, 500: 2461, 1000: 5875}


def layered(n: int, edges: int, seed: int) -> RematProblem:
    """A random layered graph: layers of about sqrt(n)/2 nodes; each node uses one of the layer before it, and further
    edges run to nearer layers oftener (geometric). Durations and sizes are uniform in 1..100.
    """
    random = Random(seed)
    width = max(int(n**0.5 / 2), 1)
    layer = [i // width for i in range(n)]
    found = set()
    for v in range(width, n):
        found.add((random.randrange((layer[v] - 1) * width, layer[v] * width), v))
    while len(found) < edges:
        v = random.randrange(width, n)
        back = 1
        while back < layer[v] and random.random() < 0.5:
            back += 1
        start = (layer[v] - back) * width
        found.add((random.randrange(start, start + width), v))
    names = tuple(f"n{i}" for i in range(n))
    figures = [tuple(random.randint(1, 100) for _ in range(n)) for _ in range(2)]
    return RematProblem(names, figures[0], figures[1], tuple(sorted(found)), tuple(range(n)), 0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(EDGES), choices=list(EDGES))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--joint", action="store_true")
    parser.add_argument("--time-limit", type=float, default=60)
    given = parser.parse_args()
    print("| n | seed | budget % | status | added % | bound % | seconds | Chen: added %, peak % |")
    print("|---|---|---|---|---|---|---|---|")
    for n in given.sizes:
        for seed in range(given.seeds):
            plain = layered(n, EDGES[n], seed)
            _, peak = replay(plain, plain.order)
            for share in (90, 80, 70):
                problem = replace(plain, budget=peak * share // 100, joint=given.joint)
                chen, chen_peak = best_square_root(problem)
                base = problem.base
                baseline = f"{100 * (chen - base) / base:.1f}, {100 * chen_peak / peak:.0f}"
                began = monotonic()
                try:
                    a = solve(problem, given.time_limit)
                    told = f"{a.status} | {a.added_percent:.3f} | {100 * (a.bound - base) / base:.3f}"
                except EdgecError:
                    told = "none found | - | -"
                print(f"| {n} | {seed} | {share} | {told} | {monotonic() - began:.1f} | {baseline} |", flush=True)


if __name__ == "__main__":
    main()
