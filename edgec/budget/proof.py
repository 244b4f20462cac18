"""That two programs of one model are the same function: both run in the interpreter, on their plans' addresses."""

from edgec.codegen.model import Model
from edgec.ir import IRError
from edgec.samples import input_types, random_samples
from edgec.schedule import execute_plan


def prove(default: Model, found: Model) -> None:
    """Run both on poisoned memory, on seeded random inputs. IRError where a plan does not hold, or a bit differs."""
    # What a state is in a second run the first one has left behind.
    inputs = random_samples(input_types(default.graph), 2 if default.graph.states else 1).inputs
    runs = [execute_plan(m.graph, m.schedule, m.problem, m.plan, inputs) for m in (default, found)]
    for name, expected in runs[0].items():
        if runs[1][name].tobytes() != expected.tobytes():
            raise IRError(f"output {name}: the program within the given memory gives other bytes than the default one")
