"""Write the tables of docs/targets.md anew: python tests/devices/target_tables.py."""

from collections.abc import Sequence
from pathlib import Path

from edgec.target import Target, available

PAGE = Path(__file__).parent.parent.parent / "docs/targets.md"


def cores() -> str:
    """A row per core: what it is, and what builds and runs it."""
    rows = [
        (f"`{t.name}`", t.description, ", ".join(c.kind for c in t.toolchains), ", ".join(e.kind for e in t.emulators))
        for t in available()
        if not t.source
    ]
    return _table(("target", "core", "toolchains", "emulators"), rows)


def boards() -> str:
    """A row per board: its core, sizes, clock and where they are stated."""
    rows = [
        (
            f"`{t.name}`",
            t.description,
            f"`{t.inherits}`",
            _kib(t, "flash_bytes"),
            _kib(t, "ram_bytes"),
            f"{(t.clock_hz or 0) / 1e6:g}",
            t.source,
        )
        for t in available()
        if t.source
    ]
    return _table(("target", "board", "core", "flash, KiB", "RAM, KiB", "MHz", "source"), rows)


def updated(page: str) -> str:
    """The page with both tables as they should be."""
    for name, table in (("cores", cores()), ("boards", boards())):
        before, rest = page.split(f"<!-- {name} -->\n")
        page = f"{before}<!-- {name} -->\n{table}{rest[rest.index('<!-- end -->') :]}"
    return page


def _kib(target: Target, key: str) -> str:
    return f"{target.summary()[key] >> 10:,}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text()))
