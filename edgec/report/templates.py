"""The pages' templates, and what they write names and numbers with."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from edgec.report import figures


@cache
def template(name: str) -> Template:
    """A template of this package; all that it writes is escaped, and what it does not know is an error."""
    environment = Environment(
        loader=PackageLoader("edgec.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(grouped=figures.grouped, px=figures.coordinate, breakable=_breakable)
    environment.filters.update(decibels=figures.decibels, percent=figures.percent, points=figures.points)
    environment.globals.update(per=figures.per, off=figures.off)
    return environment.get_template(name)


def _breakable(name: str) -> Markup:
    """A name that may go on in the next line after ``_``, ``/`` and ``.`` (escapes have none of them)."""
    return Markup(re.sub(r"([_/.])", r"\1<wbr>", str(escape(name))))
