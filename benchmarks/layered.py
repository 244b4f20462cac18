"""Random layered graphs by the published recipe: docs/scheduling.md describes it."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor, sqrt
from random import Random

from edgec.schedule.remat import RematProblem, replay

VARIATION, DENSITY, SKIPS, DRIFT, LARGEST_STEP = 0.75, 0.2, 0.14, 0.2, 0.6
# Sizes: Gaussians (how often, mean, deviation), in thousands.
MIXTURE = ((0.3, 0.5, 0.5), (0.3, 1.0, 1.0), (0.3, 3.0, 1.0), (0.1, 5.0, 1.0))


@dataclass(frozen=True)
class Shape:
    """Edges and width factor that the published graph of a size has."""

    edges: int
    width: float


SHAPES = {100: Shape(236, 0.27), 250: Shape(944, 0.43), 500: Shape(2461, 0.36), 1000: Shape(5875, 0.31)}


def layered(n: int, seed: int) -> RematProblem:
    """A graph of ``n`` nodes with as many edges as the published one of its size; its budget is its order's peak.

    Graphs one of whose steps needs more than ``LARGEST_STEP`` of that by itself are drawn again: budgets are below it.
    """
    random = Random(seed)
    while True:
        problem = _drawn(random, n, SHAPES[n])
        if max(map(problem.working_set, range(n))) <= LARGEST_STEP * problem.budget:
            return problem


def _drawn(random: Random, n: int, shape: Shape) -> RematProblem:
    while True:  # until the recipe gives as many edges between neighbours as the published graph has
        layers = _layers(random, n, shape.width)
        edges = {edge for a, b in pairwise(layers) for edge in _between(random, a, b)}
        if abs(len(edges) - (1 - SKIPS) * shape.edges) <= 0.01 * shape.edges:
            break
    while len(edges) < shape.edges:
        edges.add(_skip(random, layers))
    durations = [random.randint(1, 1000) for _ in range(n)]
    durations[0] = durations[-1] = 0  # where data comes from and goes to
    sizes = tuple(_size(random) for _ in range(n))
    names = tuple(f"n{i}" for i in range(n))
    order = _random_order(random, n, edges)
    problem = RematProblem(names, tuple(durations), sizes, tuple(sorted(edges)), order, 0)
    return replace(problem, budget=replay(problem, order)[1])


def _layers(random: Random, n: int, width: float) -> list[range]:
    """One node, layers whose widths vary uniformly around their mean, one node."""
    mean = n / ceil(sqrt(n * (1 / width - 1)))
    low, high = ceil(mean * (1 - VARIATION)), floor(mean * (1 + VARIATION))
    layers = [range(1)]
    while layers[-1].stop < n - 1:
        start = layers[-1].stop
        layers.append(range(start, min(start + random.randint(low, high), n - 1)))
    return [*layers, range(n - 1, n)]


def _between(random: Random, above: range, below: range) -> set[tuple[int, int]]:
    """Edges between neighbours: each node of the wider layer has some to nodes beside each other, opposite to it."""
    wide, narrow = (above, below) if len(above) >= len(below) else (below, above)
    total = ceil(DENSITY * len(wide) * len(narrow) + (1 - DENSITY) * len(wide))
    each, rest = divmod(total, len(wide))
    more = set(random.sample(range(len(wide)), rest))
    found = set()
    for i, node in enumerate(wide):
        count = min(each + (i in more), len(narrow))
        centre = ceil(i * (len(narrow) - 1) / max(len(wide) - 1, 1))
        first = min(max(centre - (count - 1) // 2, 0), len(narrow) - count)
        for other in narrow[first : first + count]:
            found.add((node, other) if wide is above else (other, node))
    return found


def _skip(random: Random, layers: list[range]) -> tuple[int, int]:
    """An edge that skips layers, to about the same relative place in its layer."""
    inner = layers[1:-1]
    start = random.randrange(len(inner) - 2)
    source, target = inner[start], inner[random.randrange(start + 2, len(inner))]
    place = random.random()
    aim = min(place + DRIFT * random.random(), 0.999)
    return source[int(place * len(source))], target[int(aim * len(target))]


def _size(random: Random) -> int:
    weights = [weight for weight, _, _ in MIXTURE]
    while True:  # what is not positive is drawn again
        _, mean, deviation = random.choices(MIXTURE, weights)[0]
        size = round(100 * random.gauss(mean, deviation)) * 10
        if size > 0:
            return size


def _random_order(random: Random, n: int, edges: set[tuple[int, int]]) -> tuple[int, ...]:
    """A topological order, each next node drawn from those that are ready."""
    users: list[list[int]] = [[] for _ in range(n)]
    missing = [0] * n
    for u, v in sorted(edges):
        users[u].append(v)
        missing[v] += 1
    ready, order = [v for v in range(n) if not missing[v]], []
    while ready:
        v = ready.pop(random.randrange(len(ready)))
        order.append(v)
        for w in users[v]:
            missing[w] -= 1
            if not missing[w]:
                ready.append(w)
    return tuple(order)
