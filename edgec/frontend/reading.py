"""File -> ModelProto, with the checks that concern the file as a whole."""

from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import DecodeError, Message  # type: ignore[import-untyped]
from onnx import ModelProto
from onnx.defs import onnx_opset_version

from edgec.errors import EdgecError
from edgec.frontend.older_opsets import OLDEST_OPSET, convert


def read_model(path: Path) -> ModelProto:
    """Parse an ONNX file; raises EdgecError if it is missing, not ONNX, truncated or of an opset out of range."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise EdgecError(str(path), "is no regular file", "give the path of an ONNX file")
        content = path.read_bytes()
    except OSError as error:
        raise EdgecError(str(path), f"cannot be read: {error.strerror}", "give the path of an ONNX file") from error
    model = ModelProto()
    try:
        model.ParseFromString(content)
    except (DecodeError, ValueError) as error:
        raise EdgecError(str(path), "is not an ONNX file, or is truncated", "export the model again") from error
    if not model.HasField("graph") or not model.opset_import:
        raise EdgecError(str(path), "holds no ONNX graph", "export the model again")
    if not all(isinstance(text, str) for text in _texts(model)):
        raise EdgecError(str(path), "holds a name that is not UTF-8", "the file is damaged: export it again")
    for entry in [*model.opset_import, *model.graph.node]:
        # Two spellings of the domain of ONNX's own operators.
        if entry.domain == "ai.onnx":
            entry.domain = ""
    opset = default_opset(model)
    if opset is not None and not 1 <= opset <= onnx_opset_version():
        raise EdgecError(
            str(path),
            f"is of opset {opset}, edgec reads 1 to {onnx_opset_version()}",
            "export with another opset_version, convert with onnx.version_converter, or install a newer onnx package",
        )
    return model if opset is None or opset >= OLDEST_OPSET else convert(model, opset, path)


def _texts(message: Message) -> Iterator[str | bytes]:
    """All strings in a message; protobuf gives those that are not UTF-8 as bytes."""
    for field, value in message.ListFields():
        if field.type not in (field.TYPE_STRING, field.TYPE_MESSAGE):
            continue
        for element in [value] if isinstance(value, str | bytes | Message) else value:
            if isinstance(element, Message):
                yield from _texts(element)
            else:
                yield element


def default_opset(model: ModelProto) -> int | None:
    """Version of the default operator domain, None if the model does not import it."""
    versions = [o.version for o in model.opset_import if not o.domain]
    return versions[0] if versions else None
