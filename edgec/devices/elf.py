"""What ELF files say: sizes, what is loaded where, which function an address belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Symbol, SymbolTableSection


@dataclass(frozen=True)
class Sizes:
    """Bytes of a program or object as ``size`` counts them: ``text`` is code and constants."""

    text: int
    data: int
    bss: int

    @property
    def flash(self) -> int:
        """What lies in flash: code, constants and the first values of variables."""
        return self.text + self.data

    @property
    def ram(self) -> int:
        """What lies in RAM: variables."""
        return self.data + self.bss


def sizes(*paths: Path) -> Sizes:
    """Sizes of a program or object, or the sum of several."""
    text = data = bss = 0
    for path in paths:
        with path.open("rb") as file:
            for section in ELFFile(file).iter_sections():
                flags, size = section["sh_flags"], section["sh_size"]
                if not flags & SH_FLAGS.SHF_ALLOC:
                    continue
                # What is copied to RAM at the start may be constants alone.
                written = flags & SH_FLAGS.SHF_WRITE or section.name == ".data"
                if flags & SH_FLAGS.SHF_EXECINSTR or not written:
                    text += size
                elif section["sh_type"] == "SHT_NOBITS":
                    bss += size
                else:
                    data += size
    return Sizes(text, data, bss)


def bytes_in(path: Path, first: int, end: int) -> int:
    """Bytes of a program between two addresses, as it runs."""
    with path.open("rb") as file:
        sections = [s.header for s in ELFFile(file).iter_sections() if s["sh_flags"] & SH_FLAGS.SHF_ALLOC]
        return sum(s["sh_size"] for s in sections if first <= s["sh_addr"] < end)


def segments(path: Path) -> tuple[int, list[tuple[int, bytes]]]:
    """Entry address, and for each piece to load its address in memory before start-up and its bytes."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        loaded = [(s["p_paddr"], s.data()) for s in elf.iter_segments("PT_LOAD") if s["p_filesz"]]
        return elf.header["e_entry"], loaded


def word_bytes(path: Path) -> int:
    """Bytes of an address."""
    with path.open("rb") as file:
        return 8 if ELFFile(file).elfclass == 64 else 4


def function_at(path: Path, address: int) -> str | None:
    """Name of the function that holds an address."""
    for symbol in _symbols(path):
        # The lowest bit of a Thumb function's address is no part of it.
        start, size = symbol["st_value"] & ~1, symbol["st_size"]
        if symbol["st_info"]["type"] == "STT_FUNC" and start <= address < start + size:
            return str(symbol.name)
    return None


def functions(*paths: Path) -> dict[str, int]:
    """Name of each function of a program or of objects -> its bytes, with what a compiler split off or copied from it.

    Compilers name such parts ``name.part.0``. A function that has two names counts by the first of them.
    """
    found: dict[str, int] = {}
    for path in paths:
        places = set()
        for symbol in _symbols(path):
            place = symbol["st_shndx"], symbol["st_value"]
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_size"] and place not in places:
                places.add(place)
                name = symbol.name.partition(".")[0]
                found[name] = found.get(name, 0) + symbol["st_size"]
    return found


def address_of(path: Path, name: str) -> int:
    """Value of a symbol, which the program has."""
    return next(int(symbol["st_value"]) for symbol in _symbols(path) if symbol.name == name)


def objects(path: Path) -> dict[str, int]:
    """Name of each variable and constant -> its address."""
    return {s.name: int(s["st_value"]) for s in _symbols(path) if s["st_info"]["type"] == "STT_OBJECT"}


def _symbols(path: Path) -> Iterator[Symbol]:
    with path.open("rb") as file:
        for section in ELFFile(file).iter_sections():
            if isinstance(section, SymbolTableSection):
                yield from section.iter_symbols()
