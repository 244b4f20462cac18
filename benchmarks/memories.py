"""What placement in several memories brings: the accesses of a run, counted on an emulated Cortex-M4.

    python benchmarks/memories.py

Writes the table in docs/memories.md.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import edgec
from edgec.codegen.source import step_codes
from edgec.devices import elf, unicorn_core
from edgec.devices.execution import Job, Outcome
from edgec.driver import CompiledModel
from edgec.samples import input_types, random_samples

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "memories.md"
MODELS = ("dscnn_qdq", "resnet8_qdq", "mobilenetv1_025_96_qdq", "autoencoder_qdq")
TARGET, FAST = "cortex-m4", 16
MEMORY = f"sram=256K,tcm={FAST}K@fast"
GUARD_BYTES = 64
"""In front of each memory, in targets/driver.c."""

Place = tuple[int, int, Hashable]
"""Address, bytes, and the name that they are counted by."""


class Watched(unicorn_core._Core):
    """A core that counts the bytes that the model reads and writes in each place."""

    def __init__(self, job: Job, places: Sequence[Place]) -> None:
        super().__init__(job)
        self.places = sorted(places, key=lambda place: place[0])
        self.starts = [start for start, _, _ in self.places]
        self.bytes = Counter[Hashable]()

    def _load(self) -> int:
        entry = super()._load()
        kinds = unicorn_core.unicorn.UC_HOOK_MEM_READ | unicorn_core.unicorn.UC_HOOK_MEM_WRITE
        for start, size, _ in self.places:
            self.core.hook_add(kinds, self._on_access, begin=start, end=start + size - 1)
        return entry

    def _on_access(self, core: Any, kind: int, address: int, size: int, value: int, data: Any) -> None:
        if self.counting:
            self.bytes[self.places[bisect_right(self.starts, address) - 1][2]] += size


def counted(compiled: CompiledModel, places: Callable[[Path], Sequence[Place]]) -> Counter[Hashable]:
    """Bytes accessed in a run of one random sample, by the names of a program's places."""
    found: list[Watched] = []

    def run(job: Job) -> Outcome:
        found.append(Watched(job, places(job.binary.path)))
        return found[0].run()

    plain = unicorn_core.run
    unicorn_core.run = run
    try:
        compiled.run_on(compiled.device("gcc", "unicorn"), random_samples(input_types(compiled.model.graph), 1).inputs)
    finally:
        unicorn_core.run = plain
    return found[0].bytes


def constants(compiled: CompiledModel, path: Path, names: Sequence[Hashable]) -> Iterator[Place]:
    """The constants of each step under a name of its own; those that no program reads are not linked."""
    linked = elf.objects(path)
    for name, code in zip(names, step_codes(compiled.model), strict=True):
        for array in code.weights:
            if array.name in linked:
                yield linked[array.name], array.data.nbytes, name


def row(name: str) -> str:
    """One model's line of the table."""
    compiled = edgec.compile(ROOT / f"tests/models/{name}.onnx", TARGET, memory=MEMORY)
    manifest = compiled.manifest
    names = [f"weights in {memory or 'flash'}" for memory in manifest["placement"]["weights"]]
    memories = {m["name"]: m["bytes"] for m in manifest["memories"] if m["bytes"]}

    def places(path: Path) -> list[Place]:
        own = [(elf.address_of(path, f"memory_{m}") + GUARD_BYTES, size, m) for m, size in memories.items()]
        return [*own, *constants(compiled, path, names)]

    bytes = counted(compiled, places)
    every, fast = sum(bytes.values()), bytes["tcm"] + bytes["weights in tcm"]
    (tcm,) = (m for m in manifest["memories"] if m["name"] == "tcm")
    has = tcm["bytes"] + tcm["weights_bytes"]
    all_bytes = manifest["arena_bytes"] + manifest["weights_bytes"]
    sizes = [f"{n:,}" for n in (manifest["arena_bytes"], manifest["weights_bytes"], tcm["bytes"], tcm["weights_bytes"])]
    shares = [f"{100 * has / all_bytes:.1f} %", f"{100 * fast / every:.1f} %"]
    return "| " + " | ".join([name, *sizes, f"{every:,}", *shares]) + " |"


def main() -> None:
    """Write the table."""
    sizes = ("buffers", "weights", "buffers in tcm", "weights in tcm")
    columns = ("model", *sizes, "bytes accessed", "tcm: of all bytes", "of accesses")
    head = f"| {' | '.join(columns)} |"
    lines = [head, "|" + " --- |" * len(columns), *map(row, MODELS)]
    before, rest = PAGE.read_text().split("<!-- benchmarks/memories.py -->\n")
    _, after = rest.split("<!-- end -->\n")
    table = "\n".join(lines)
    PAGE.write_text(f"{before}<!-- benchmarks/memories.py -->\n{table}\n<!-- end -->\n{after}")


if __name__ == "__main__":
    main()
