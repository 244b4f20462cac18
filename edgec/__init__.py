"""edgec: from a trained ONNX model to C that runs without heap, interpreter or operating system.

compiled = edgec.compile("kws.onnx", target="cortex-m4")
compiled.manifest["arena_bytes"]
compiled.save("build/kws")
compiled.run({"x": sample})
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgec.driver import CompiledModel, compile
    from edgec.errors import EdgecError
    from edgec.options import Options
    from edgec.verification import verify

__all__ = ["CompiledModel", "EdgecError", "Options", "compile", "verify"]

_HOMES = {"Options": "edgec.options", "EdgecError": "edgec.errors", "verify": "edgec.verification"}


def __getattr__(name: str) -> Any:
    # Lazily, so that `import edgec.ir` does not load the ONNX importer.
    if name not in __all__:
        raise AttributeError(f"module 'edgec' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "edgec.driver")), name)
