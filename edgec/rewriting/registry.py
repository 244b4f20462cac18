"""Pass names and options -> passes: the built-in ones, those of other packages, and those of files.

A pass ``fuse-relu`` is built in if ``passes/fuse_relu.py`` has it; other packages offer theirs under the entry-point
group ``edgec.passes`` (name = pass name, value = ``package.module:object``); ``load_file`` reads a file.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
import traceback
from dataclasses import MISSING, fields, is_dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, get_args, get_type_hints

from edgec.errors import EdgecError
from edgec.rewriting.base import PYTHON_ONLY, Pass, RewritePass

BUILT_IN = "edgec.passes"
GROUP = "edgec.passes"

Definition = RewritePass | type[Pass]
"""What a module offers: a finished per-operator pass, or a class whose fields are options."""

_loaded: dict[str, Definition] = {}


def names() -> list[str]:
    """Names of all passes that can be made, sorted."""
    package = importlib.import_module(BUILT_IN)
    built_in = [m.name.replace("_", "-") for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")]
    return sorted({*built_in, *_loaded, *entry_points(group=GROUP).names})


def find(name: str) -> Definition:
    """The definition of a pass; one from a file comes before a built-in one, that before another package's.

    Raises EdgecError listing what exists.
    """
    if name in _loaded:
        return _loaded[name]
    module_name = name.replace("-", "_")
    package = importlib.import_module(BUILT_IN)
    if module_name in {m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")}:
        return definitions(importlib.import_module(f"{BUILT_IN}.{module_name}"))[name]
    for entry in entry_points(group=GROUP, name=name):
        found = entry.load()
        if isinstance(found, RewritePass) or (isinstance(found, type) and issubclass(found, Pass)):
            return found
        raise EdgecError(f"pass {name}", f"{entry.value} is no pass", "let the entry point name a Pass")
    raise EdgecError(f"pass {name}", "there is no such pass", f"choose from {', '.join(names())}")


def definitions(module: ModuleType) -> dict[str, Definition]:
    """Pass name -> definition of every pass that a module defines itself."""
    found: dict[str, Definition] = {}
    for thing in vars(module).values():
        if isinstance(thing, RewritePass):
            origin = thing.function.__module__
        elif isinstance(thing, type) and issubclass(thing, Pass):
            origin = thing.__module__
        else:
            continue
        if origin == module.__name__:
            found[thing.name] = thing
    return found


def load_file(path: str | Path) -> list[str]:
    """Run a Python file and register every pass in it; returns their names. Raises EdgecError."""
    path = Path(path)
    module_name = f"edgec_loaded_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise EdgecError(str(path), "is not a Python file", "give the path of a .py file that defines passes")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses look their module up while they are made
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        where = location(error, str(path))
        raise EdgecError(where, f"{type(error).__name__}: {error}", "correct the file that --load names") from error
    found = definitions(module)
    if not found:
        raise EdgecError(str(path), "defines no pass", "decorate a function with @rewrite or subclass Pass")
    _loaded.update(found)
    return list(found)


def location(error: BaseException, path: str) -> str:
    """``path:line`` of the innermost frame of an error in that file."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if Path(f.filename) == Path(path) or f.filename == path]
    if isinstance(error, SyntaxError):
        lines.append(error.lineno)
    return f"{path}:{lines[-1]}" if lines else path


def make(name: str, options: dict[str, str] | None = None) -> Pass:
    """A pass with its options read from text. Raises EdgecError for an unknown pass or option or a bad value."""
    definition, options = find(name), options or {}
    if isinstance(definition, RewritePass):
        if options:
            raise EdgecError(f"pass {name}", f"has no option {next(iter(options))!r}", "it takes no options")
        return definition
    hints = get_type_hints(definition)
    known = option_fields(definition)
    values: dict[str, Any] = {}
    for option, text in options.items():
        if option not in known:
            choice = f"it takes {', '.join(known)}" if known else "it takes no options"
            raise EdgecError(f"pass {name}", f"has no option {option!r}", choice)
        values[option] = _read(name, option, text, hints[option])
    missing = [o for o, default in known.items() if default is MISSING and o not in values]
    if missing:
        raise EdgecError(f"pass {name}", f"needs a value for {missing[0]!r}", f"write {name}{{{missing[0]}=...}}")
    return definition(**values)


def option_fields(definition: Definition) -> dict[str, Any]:
    """Option name -> default (MISSING where there is none) of a pass, without those of Python code alone."""
    made_by_dataclass: Any = definition
    found = fields(made_by_dataclass) if is_dataclass(made_by_dataclass) else ()
    return {f.name: f.default for f in found if f.init and f.metadata != PYTHON_ONLY}


def describe() -> list[dict[str, str]]:
    """Of every pass its ``name``, its ``options`` with their defaults, and a one-line ``description``."""
    rows = []
    for name in names():
        definition = find(name)
        options = option_fields(definition)
        shown = ", ".join(o if d is MISSING else f"{o}={_show(d)}" for o, d in options.items())
        description = (definition.__doc__ or "").strip().partition("\n")[0]
        rows.append({"name": name, "options": shown, "description": description})
    return rows


def spell(one: Pass) -> str:
    """A pass as pipeline text, with the options that differ from their defaults."""
    changed = [
        f"{option}={_show(getattr(one, option))}"
        for option, default in option_fields(one if isinstance(one, RewritePass) else type(one)).items()
        if default is MISSING or getattr(one, option) != default
    ]
    return one.name + ("{" + ",".join(changed) + "}" if changed else "")


def _show(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(name: str, option: str, text: str, hint: Any) -> Any:
    """Text -> a value of the annotated type: bool, int, float, str, one of these or None, or what may be a str."""
    if isinstance(hint, UnionType):
        if text == "None":
            return None
        hint = str if str in get_args(hint) else next(h for h in get_args(hint) if h is not type(None))
    try:
        if hint is bool:
            return {"": True, "true": True, "false": False}[text.lower()]
        return hint(text)
    except (ValueError, KeyError):
        wanted = "true or false" if hint is bool else {int: "an integer", float: "a number"}.get(hint, str(hint))
        raise EdgecError(f"pass {name}", f"option {option}={text!r} is not {wanted}", f"give {wanted}") from None
