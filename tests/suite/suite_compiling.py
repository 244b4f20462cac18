"""A case -> C, with the product's own ``compile``; inputs become constants only where it refuses the model without."""

import signal
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from onnx import NodeProto
from suite_cases import Case, nodes
from suite_outcome import NOT_CONSTANT, Outcome, Status, refusal

from edgec.codegen.model import c_identifier
from edgec.driver import CompiledModel, compile
from edgec.errors import EdgecError, UnsupportedModelError

SECONDS = 20
"""What compiling a case may take: it takes milliseconds."""


def compile_case(case: Case, folder: Path) -> tuple[CompiledModel | Outcome, tuple[str, ...]]:
    """The compiled case or the outcome that it has without; and the inputs that had to be bound."""
    bound: tuple[str, ...] = ()
    result = _attempt(case, bound, folder)
    while isinstance(result, EdgecError) and (more := _to_bind(case, result, bound)):
        bound = (*bound, *more)
        result = _attempt(case, bound, folder)
    if isinstance(result, CompiledModel):
        # What was bound together may not have to be: the largest first, which is data rather than a shape.
        for name in sorted(bound, key=lambda n: -case.inputs[n].size):
            fewer = tuple(b for b in bound if b != name)
            less = _attempt(case, fewer, folder)
            if isinstance(less, CompiledModel):
                result, bound = less, fewer
        return result, bound
    if isinstance(result, EdgecError):
        text = str(result).replace(f"{folder}/", "")
        return Outcome(case, Status.REFUSED, text, refusal(case, result.what), bound), bound
    return Outcome(case, Status.INTERNAL, result, bound=bound), bound


def _attempt(case: Case, bound: tuple[str, ...], folder: Path) -> CompiledModel | EdgecError | str:
    """The compiled case, the refusal, or the traceback of anything else that happens."""
    # A suffix, so that no case is called like the weights of another.
    name = f"{c_identifier(case.name)}_case"
    path = folder / f"{name}.onnx"
    path.write_bytes(case.model.SerializeToString())
    arrays = {n: folder / f"{name}_{position}.npy" for position, n in enumerate(bound)}
    for n, file in arrays.items():
        # What NumPy itself does not have (bfloat16, 4-bit integers, ...) it does not save, but float32 holds it.
        data = case.inputs[n]
        np.save(file, data if data.dtype.isbuiltin == 1 else data.astype(np.float32))
    try:
        with _time_limit(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(path, "x86-64", name=name, bind=[f"{n}=@{file}" for n, file in arrays.items()])
    except EdgecError as error:
        return error
    except Exception:
        return traceback.format_exc(limit=-4)
    finally:
        for file in (path, *arrays.values()):
            file.unlink()


def _to_bind(case: Case, error: EdgecError, bound: tuple[str, ...]) -> tuple[str, ...]:
    """Inputs that have to be constants, as a refusal says.

    Of each node that is refused for that these are the small ones that it depends on, else all but its first.
    """
    free = {n: a for n, a in case.inputs.items() if isinstance(a, np.ndarray) and n not in bound}
    small = [n for n, a in free.items() if a.ndim == 0 or (a.ndim == 1 and a.dtype.kind in "iub")]
    found: dict[str, None] = {}
    for node in _refused(case, error):
        feeding = _ancestors(case, list(node.input))
        operands = _ancestors(case, list(node.input)[1:])
        found |= dict.fromkeys([n for n in small if n in feeding] or [n for n in free if n in operands])
    return tuple(found)


def _refused(case: Case, error: EdgecError) -> list[NodeProto]:
    """The nodes with an operand that would have to be constant."""
    problems = error.problems if isinstance(error, UnsupportedModelError) else ()
    refused = {
        (p.operator.rpartition(".")[2], name)
        for p in problems
        for name in p.nodes
        if NOT_CONSTANT.search(f"{p.reason} {p.hint}")
    }
    return [n for n in nodes(case.model.graph) if any((n.op_type, name) in refused for name in (n.name, *n.output))]


def _ancestors(case: Case, names: list[str]) -> set[str]:
    """The tensors that some tensors are computed from, themselves included."""
    producers = {name: node for node in nodes(case.model.graph) for name in node.output}
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += producers[name].input if name in producers else []
    return found


@contextmanager
def _time_limit() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"compiling takes more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
