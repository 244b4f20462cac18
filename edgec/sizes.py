"""Numbers of bytes as people write them."""

import re

_PREFIXES = {"K": 10, "M": 20, "G": 30}
_UNITS = {"": 0, "B": 0, **{f"{k}{end}": shift for k, shift in _PREFIXES.items() for end in ("", "B", "IB")}}
"""Unit -> its power of two."""


def parse_bytes(text: str) -> int | None:
    """``32768``, ``32K``, ``32KB`` and ``32KiB`` -> 32768, ``1.5M`` -> 1572864; None where it is no whole number.

    K, KB and KiB are all 1024 bytes, as memories come in powers of two.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", text.strip(), flags=re.ASCII)
    if found is None or found[2].upper() not in _UNITS:
        return None
    whole, _, part = found[1].partition(".")
    scaled = int(whole + part) << _UNITS[found[2].upper()]
    bytes, left = divmod(scaled, 10 ** len(part))
    return None if left else bytes
