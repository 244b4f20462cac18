"""That two programs of one model are the same function: both run in the interpreter, on their plans' addresses."""

import numpy as np

from edgec.codegen.model import Model
from edgec.ir import Array, Graph, IRError
from edgec.ir.interp import run_samples
from edgec.samples import input_types, random_samples
from edgec.schedule import execute_plan


def prove(default: Model, found: Model) -> None:
    """Run both on poisoned memory, on seeded random inputs. IRError where a plan does not hold, or a bit differs."""
    inputs = _inputs(default.graph)
    runs = [execute_plan(m.graph, m.schedule, m.problem, m.plan, inputs) for m in (default, found)]
    for name, expected in runs[0].items():
        if runs[1][name].tobytes() != expected.tobytes():
            raise IRError(f"output {name}: the program within the given memory gives other bytes than the default one")


def _inputs(graph: Graph) -> dict[str, Array]:
    """Random numbers, or zeros where these lead an index astray: the graph itself can't be run on them."""
    # What a state is in a second run the first one has left behind.
    drawn = random_samples(input_types(graph), 2 if graph.states else 1).inputs
    try:
        run_samples(graph, drawn)
    except IRError:
        return {name: np.zeros_like(array) for name, array in drawn.items()}
    return drawn
