"""ONNX file -> Graph: the only place that imports onnx.

``registry.py`` has the decorator by which each operator family (one small file) registers its converters;
``importer.py`` walks the nodes and folds what is constant.
"""

from collections.abc import Mapping
from pathlib import Path

from edgec.errors import EdgecError
from edgec.frontend.bindings import bound_constants, parse_constants, parse_shape_bindings
from edgec.frontend.importer import import_graph
from edgec.frontend.reading import read_model
from edgec.frontend.states import keep_states
from edgec.ir import Array, Graph, IRError, verify


def load(
    path: Path,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    dims: Mapping[str, int] | None = None,
    constants: Mapping[str, Array] | None = None,
) -> Graph:
    """Read an ONNX file into a verified graph with static shapes.

    ``shapes`` gives whole shapes by input name, ``dims`` extents by the name of a symbolic dimension; both may only
    settle what the model leaves open. ``constants`` fixes inputs: what decides a shape must be known.
    The other inputs keep their ONNX names, outputs are named in ``Graph.output_names``.
    Spatial operators come out NHWC between Transposes. Raises EdgecError for anything wrong with the model.
    """
    try:
        graph = import_graph(read_model(path), path, shapes or {}, dims or {}, constants or {})
        verify(graph)
    except UnicodeDecodeError as error:  # protobuf decodes names when they are read
        raise EdgecError(str(path), "holds a name that is not UTF-8", "the file is damaged: export it again") from error
    except IRError as error:
        raise EdgecError(str(path), str(error), "check the model with onnx.checker.check_model") from error
    return graph


def load_constants(path: Path, constants: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays that ``load`` puts in the place of inputs, in the inputs' element types and shapes."""
    return bound_constants(list(read_model(path).graph.input), str(path), constants)


__all__ = ["keep_states", "load", "load_constants", "parse_constants", "parse_shape_bindings"]
