"""How the report writes numbers."""

from collections.abc import Iterable
from fractions import Fraction

KIB = 1024

DASH = "\N{EN DASH}"
"""Stands where there is no figure."""


def grouped(value: float | None) -> str:
    """An integer with thousands separators; other numbers with four significant digits; a dash for None."""
    if value is None:
        return DASH
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def per(total: int | None, count: int) -> str:
    """A ratio with two decimals; a dash where there is nothing to divide, or nothing to divide by."""
    return DASH if total is None or not count else f"{total / count:,.2f}"


def off(predicted: int, counted: int) -> str:
    """By how much a prediction is off, as a percentage with its sign; a dash where nothing was counted."""
    return f"{100 * (predicted / counted - 1):+.1f} %" if counted else DASH


def percent(share: float) -> str:
    """A share of 1 as a percentage with two decimals."""
    return f"{100 * share:.2f} %"


def decibels(value: float | None) -> str:
    """A ratio in dB with one decimal; an infinite one is None."""
    return "\N{INFINITY}" if value is None else f"{value:.1f}"


def points(share: float) -> str:
    """A difference of shares of 1 in percentage points, with its sign."""
    return f"{100 * share:+.2f}"


def in_bytes(value: int) -> str:
    """``12,345 B``."""
    return f"{value:,} B"


def in_kib(value: int) -> str:
    """``12.06 KiB``."""
    return f"{value / KIB:,.2f} KiB"


def address(value: int, step: int) -> str:
    """A tick of an address axis with ticks ``step`` bytes apart: in KiB or MiB as soon as those are short to write."""
    if value == 0:
        return "0"
    if step >= KIB * KIB:
        return f"{value // (KIB * KIB):,} MiB"
    if step >= KIB // 4:
        return f"{float(Fraction(value, KIB)):,g} KiB"
    return in_bytes(value)


def shares(values: Iterable[int | None]) -> list[float | None]:
    """Each value as a percentage of the largest, for the length of a bar; None stays None."""
    listed = list(values)
    largest = max((v for v in listed if v is not None), default=0)
    return [None if v is None else round(100 * v / largest, 2) if largest else 0.0 for v in listed]


def coordinate(value: float) -> str:
    """A length in the picture, to a thousandth."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
