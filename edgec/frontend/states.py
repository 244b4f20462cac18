"""``--state`` on the command line: which output is which input of the next run."""

from collections.abc import Sequence

from edgec.errors import EdgecError
from edgec.ir import Graph

FORM = "give --state OUTPUT=INPUT, an output and the input of the next run that it becomes"


def keep_states(graph: Graph, texts: Sequence[str]) -> None:
    """Let ``h_out=h_in`` make the input a state of the graph; EdgecError where names or types do not fit."""
    inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
    outputs = dict(zip(graph.output_names, graph.outputs, strict=True))
    for text in texts:
        output, _, name = text.partition("=")
        for side, known, kind in ((output, outputs, "output"), (name, inputs, "input")):
            if side not in known:
                raise EdgecError(f"--state {text}", f"{side!r} is no {kind}; there are {', '.join(known)}", FORM)
        value = inputs[name]
        if value in graph.states or output in graph.states.values():
            raise EdgecError(f"--state {text}", "names an input or output a second time", "give each once")
        if outputs[output].type != value.type:
            what = f"the output is {outputs[output].type.describe()}, the input {value.type.describe()}"
            raise EdgecError(f"--state {text}", what, "a state must not change its type")
        graph.states[value] = output
