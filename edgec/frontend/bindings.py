"""``--shape`` on the command line, and the static shapes of the model's inputs that follow from it."""

from collections.abc import Iterable, Mapping

import numpy as np
from onnx import TypeProto, ValueInfoProto

from edgec.errors import EdgecError
from edgec.frontend.inference import static_type
from edgec.frontend.tensors import element_type
from edgec.ir import Array, TensorType

Shape = tuple[int, ...]

FORM = "give it as --shape INPUT=1x3x96x96 or --shape DIMENSION=1"


def parse_shape_bindings(texts: Iterable[str]) -> tuple[dict[str, Shape], dict[str, int]]:
    """``["x=1x3x96x96", "N=1"] -> ({"x": (1, 3, 96, 96)}, {"N": 1})``; raises EdgecError for another form.

    ``x=640`` lands in the second: whether ``x`` is a dimension or an input of rank 1 only the model can tell.
    """
    shapes: dict[str, Shape] = {}
    dims: dict[str, int] = {}
    for text in texts:
        name, separator, right = text.rpartition("=")
        extents = right.split("x")
        if not (separator and name and all(e.isascii() and e.isdigit() and 0 < int(e) < 1 << 31 for e in extents)):
            raise EdgecError(f"--shape {text}", "is not NAME= and positive extents", FORM)
        if name in shapes or name in dims:
            raise EdgecError(f"--shape {text}", f"{name} is bound twice", "give it once")
        if len(extents) == 1:
            dims[name] = int(right)
        else:
            shapes[name] = tuple(map(int, extents))
    return shapes, dims


def parse_constants(texts: Iterable[str]) -> dict[str, Array]:
    """``["shape=2,3", "k=@k.npy"] -> {"shape": array, "k": array}``: comma-separated numbers, or an npy file.

    Raises EdgecError for another form.
    """
    constants: dict[str, Array] = {}
    for text in texts:
        name, separator, right = text.partition("=")
        try:
            if not separator or not name:
                raise ValueError("it has no NAME=")
            constants[name] = (
                np.load(right[1:], allow_pickle=False)
                if right.startswith("@")
                else np.array(
                    [float(number) if set(number) & set(".enE") else int(number) for number in right.split(",")]
                )
            )
        except (OSError, ValueError, EOFError) as error:
            hint = "give --bind INPUT=2,3,4 or --bind INPUT=@file.npy"
            raise EdgecError(f"--bind {text}", f"is not readable: {error}", hint) from error
    return constants


def bound_constants(inputs: list[ValueInfoProto], where: str, constants: Mapping[str, Array]) -> dict[str, Array]:
    """The constants that take the place of inputs, in the inputs' element types and, for scalars, ranks.

    An input without elements is such a constant of its own: there is nothing to be given.
    Raises EdgecError for a name that is no input, and for elements or extents that do not fit.
    """
    infos = {i.name: i for i in inputs}
    if unknown := sorted(constants.keys() - infos.keys()):
        names = ", ".join(infos) or "none"
        raise EdgecError(where, f"--bind names {', '.join(unknown)}, no inputs of the model", f"its inputs are {names}")
    types = {name: static_type(info.type) for name, info in infos.items()}
    empty = {n: np.empty(t.shape, t.dtype.numpy) for n, t in types.items() if t is not None and not t.elements}
    return empty | {name: _bound(infos[name], f"{where}: input {name!r}", array) for name, array in constants.items()}


def _bound(info: ValueInfoProto, where: str, array: Array) -> Array:
    tensor = info.type.tensor_type
    dtype = element_type(tensor.elem_type, where).numpy
    if array.dtype.kind not in "biuf":
        raise EdgecError(where, f"is of {dtype}, --bind gives {array.dtype}", "give numbers, as float32 say")
    stored = array.astype(dtype)
    if not np.array_equal(stored.astype(array.dtype), array):
        raise EdgecError(where, f"is of {dtype}, --bind gives {array.dtype}", "give numbers of that type")
    if tensor.HasField("shape"):
        dims = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
        if not dims and stored.shape == (1,):
            stored = stored.reshape(())
        if len(dims) != stored.ndim or any(d not in (None, e) for d, e in zip(dims, stored.shape, strict=True)):
            shape = [d if d is not None else "?" for d in dims]
            raise EdgecError(where, f"is {shape} in the model, --bind gives {list(stored.shape)}", "give that many")
    return stored


def input_types(
    inputs: list[ValueInfoProto], where: str, shapes: Mapping[str, Shape], dims: Mapping[str, int]
) -> dict[str, TensorType | EdgecError]:
    """Input name -> static type, or what is wrong with the input, as a dimension left open.

    Raises EdgecError for a binding that fits nothing.
    """
    symbols = {d.dim_param for i in inputs for d in i.type.tensor_type.shape.dim if d.dim_param}
    names = {i.name for i in inputs}
    # A single extent for the name of an input (and of no dimension) is the shape of an input of rank 1.
    shapes = {**shapes, **{n: (e,) for n, e in dims.items() if n in names and n not in symbols}}
    dims = {n: e for n, e in dims.items() if n in symbols or n not in names}
    if unknown := sorted({*shapes} - names | {*dims} - symbols):
        raise EdgecError(
            where,
            f"--shape binds {', '.join(unknown)}, which the model does not have",
            f"its inputs are {', '.join(sorted(names)) or 'none'}; its open dimensions "
            f"{', '.join(sorted(symbols)) or 'none'}",
        )
    types: dict[str, TensorType | EdgecError] = {}
    for info in inputs:
        try:
            types[info.name] = _input_type(info, f"{where}: input {info.name!r}", shapes.get(info.name), dims)
        except EdgecError as error:
            types[info.name] = error
    return types


def _input_type(info: ValueInfoProto, where: str, shape: Shape | None, dims: Mapping[str, int]) -> TensorType:
    kind = info.type.WhichOneof("value")
    if kind != "tensor_type":
        raise EdgecError(where, f"is a {kind or 'value without a type'}", "only dense tensors can be inputs")
    tensor: TypeProto.Tensor = info.type.tensor_type
    dtype = element_type(tensor.elem_type, where)
    if not tensor.HasField("shape"):
        if shape is None:
            raise EdgecError(where, "has no shape in the model", FORM.replace("INPUT", info.name))
        return TensorType(dtype, shape)
    declared: list[int | str] = []
    for dim in tensor.shape.dim:
        # Some exporters write -1 for an extent that they leave open.
        known = dim.HasField("dim_value") and dim.dim_value >= 0
        declared.append(dim.dim_value if known else dims.get(dim.dim_param, dim.dim_param))
    text = "[" + ",".join(str(d) if d != "" else "?" for d in declared) + "]"
    if shape is not None:
        fits = len(shape) == len(declared)
        if not fits or any(isinstance(d, int) and d != s for d, s in zip(declared, shape, strict=True)):
            raise EdgecError(
                where,
                f"is {text} in the model, --shape says {list(shape)}",
                "bind only the dimensions that the model leaves open",
            )
        declared = list(shape)
    for axis, dim_or_name in enumerate(declared):
        if isinstance(dim_or_name, str):
            example = "x".join(str(d) if isinstance(d, int) else "1" for d in declared)
            named = f" or --shape {dim_or_name}=1" if dim_or_name else ""
            raise EdgecError(
                where,
                f"{text} leaves dimension {axis}{f' ({dim_or_name})' if dim_or_name else ''} open",
                f"shapes are static in C: give --shape {info.name}={example}{named}, with the extents that you want",
            )
        if dim_or_name <= 0:
            raise EdgecError(where, f"{text} has an empty or negative extent", "export the model with positive extents")
    return TensorType(dtype, tuple(d for d in declared if isinstance(d, int)))
