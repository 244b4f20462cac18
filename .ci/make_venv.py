"""Make a virtual environment with pip, also where Debian's python3-venv package (ensurepip) is missing.

usage: python3 make_venv.py DIRECTORY   (standard library only)
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from pathlib import Path


def pip_wheel(directory: Path) -> Path:
    """Download pip's newest wheel from the package index, checked against the index's hash."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    with urllib.request.urlopen(index) as page:
        links = re.findall(r'href="([^"]*?/(pip-[\d.]+-py3-none-any\.whl)(?:#sha256=(\w+))?)"', page.read().decode())
    link, name, digest = max(links, key=lambda found: [int(n) for n in re.findall(r"\d+", found[1].split("-")[1])])
    with urllib.request.urlopen(urllib.parse.urljoin(index, link)) as wheel:
        content = wheel.read()
    if digest and hashlib.sha256(content).hexdigest() != digest:
        raise SystemExit(f"{name}: the download does not have the hash that the index states")
    path = directory / name
    path.write_bytes(content)
    return path


def main(target: str) -> None:
    """Make the environment."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one may run this
        raise SystemExit(f"edgec needs Python 3.11 or newer, this is {sys.version.split()[0]}: make PYTHON=python3.12")
    python = Path(target, "bin", "python")
    try:
        import ensurepip  # noqa: F401 - only to see whether it is there

        venv.create(target, with_pip=True)
    except (ImportError, subprocess.CalledProcessError):
        venv.create(target, with_pip=False, clear=True)
        with tempfile.TemporaryDirectory() as work:
            wheel = pip_wheel(Path(work))
            subprocess.run([python, wheel / "pip", "install", "--quiet", "pip"], check=True)


main(*sys.argv[1:])
