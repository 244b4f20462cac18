"""The version of edgec, as the installed package states it."""

from importlib.metadata import version

VERSION = version("edgec")
