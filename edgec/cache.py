"""Where edgec keeps what it measured and compiled for itself."""

import os
from pathlib import Path


def cache_directory() -> Path:
    """$XDG_CACHE_HOME/edgec, or ~/.cache/edgec."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgec"
