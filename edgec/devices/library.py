"""A model as a shared library in this process: its C functions, called without allocation.

session = device.session(directory, work)
session.inputs["x"][...] = sample       # the memory that C reads
session()
session.outputs["y"]
"""

import ctypes
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from edgec.devices.build import Library, Port
from edgec.devices.execution import returned
from edgec.errors import EdgecError
from edgec.ir import Array, DType
from edgec.ir.storage import bits
from edgec.ir.types import SMALL_INTEGERS

ALIGN = 64
"""Of arenas and buffers, in bytes: a line of the cache."""

_BATCH_SECONDS = 50e-6
"""Runs are timed in batches that last at least as long: against that, reading the clock takes nothing."""

Places: TypeAlias = "ctypes.Array[ctypes.c_void_p]"
"""A struct of pointers, as C has it."""

RunOne: TypeAlias = Callable[..., dict[str, Array]]
"""``run(inputs, out=None)``."""


@dataclass(frozen=True)
class Timing:
    """Seconds of one run: the least and the median of ``repeats`` measurements of the C function, called from C.

    ``run_seconds`` is the least that ``run`` takes, called from Python.
    """

    minimum: float
    median: float
    repeats: int
    run_seconds: float


class Session:
    """A model with an arena of its own, for one thread at a time.

    ``inputs`` and ``outputs``, by name, are the memory that the C function reads and writes, as arrays: places in the
    arena, or buffers of their own where the model was compiled with ``caller_io``. A run may overwrite inputs in the
    arena.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        # The interpreter's lock is open while C runs. The file may be deleted once it is loaded.
        self._c = c = ctypes.CDLL(str(library.path))
        self._arena = _aligned(library.arena_bytes)
        self._check(c.library_bind(ctypes.c_void_p(self._arena.ctypes.data)))
        self._from = _places(c.library_inputs, len(library.inputs))
        self._to = _places(c.library_outputs, len(library.outputs))
        self.inputs = self._arrays(library.inputs, self._from)
        self.outputs = self._arrays(library.outputs, self._to)
        self.reset()
        self._lock = threading.Lock()

    def _arrays(self, ports: Sequence[Port], places: Places) -> dict[str, Array]:
        """The memory that the places point to, or from now on do."""
        found = {}
        for index, port in enumerate(ports):
            if self._library.io_in_arena:
                begin = (places[index] or 0) - self._arena.ctypes.data
                memory = self._arena[begin : begin + port.type.bytes]
            else:
                memory = _aligned(port.type.bytes)
                places[index] = memory.ctypes.data
            found[port.name] = memory.view(port.type.dtype.numpy).reshape(port.type.shape)
        return found

    def _check(self, status: int) -> None:
        if status:
            raise returned(self._library.where, self._library.name, status)

    def __call__(self) -> None:
        """One run. EdgecError where the C function returns an error."""
        self._check(self._c.library_run())

    def reset(self) -> None:
        """Set the states that are kept from run to run to zero."""
        self._check(self._c.library_reset())

    def shortest(self, otherwise: RunOne) -> RunOne:
        """``run`` with the least overhead, or ``otherwise`` where arrays don't fit exactly, or are not the only ones.

        Its names are all its own: to look up attributes takes a while.
        """
        if self._library.has_states or len(self.inputs) != 1 or len(self.outputs) != 1:
            return otherwise
        ((name, own),), ((out_name, result),) = self.inputs.items(), self.outputs.items()
        if not _alike(own, own):
            return otherwise
        dtype, shape, ndarray, copy = own.dtype, own.shape, np.ndarray, result.copy
        c_run, check = self._c.library_run, self._check
        acquire, release = self._lock.acquire, self._lock.release
        places, own_place, outside = self._from, self._from[0], not self._library.io_in_arena

        def run(inputs: Mapping[str, Array], out: Mapping[str, Array] | None = None) -> dict[str, Array]:
            given = inputs.get(name)
            if type(given) is not ndarray or given.dtype is not dtype or given.shape != shape or len(inputs) != 1:
                return otherwise(inputs, out)
            if out is not None:
                return otherwise(inputs, out)
            acquire()
            try:
                if outside and _is_plain(given):
                    _point(places, 0, given)
                else:
                    own[...] = given
                if status := c_run():
                    check(status)
                return {out_name: copy()}
            finally:
                if outside:
                    places[0] = own_place
                release()

        return run

    def run(self, inputs: Mapping[str, Array], out: Mapping[str, Array] | None = None) -> dict[str, Array] | None:
        """One run on arrays of exactly the inputs' dtypes and shapes, from states of zero; None if they are others.

        Results are new arrays, or those of ``out``, which have to be of the outputs' dtypes and shapes. What lies in
        the arena is copied there and from there; with ``caller_io`` C reads and writes ``inputs`` and ``out`` where
        they are, if they are contiguous and can be written.
        """
        if len(inputs) != len(self.inputs) or not all(_alike(inputs.get(n), own) for n, own in self.inputs.items()):
            return None
        results = None if out is None else self._checked(out)
        with self._lock:
            if self._library.has_states:
                self.reset()
            if not self._library.io_in_arena:
                return self._run_outside(inputs, results)
            for name, own in self.inputs.items():
                own[...] = inputs[name]
            self()
            return self._results(results)

    def _results(self, out: dict[str, Array] | None) -> dict[str, Array]:
        if out is None:
            return {name: own.copy() for name, own in self.outputs.items()}
        for name, own in self.outputs.items():
            out[name][...] = own
        return out

    def _run_outside(self, inputs: Mapping[str, Array], out: dict[str, Array] | None) -> dict[str, Array]:
        own = list(self._from), list(self._to)
        # What C can't use where it is goes by the session's own buffers.
        results = {} if out is None else {name: array for name, array in out.items() if _is_plain(array)}
        try:
            for index, (name, buffer) in enumerate(self.inputs.items()):
                if _is_plain(inputs[name]):
                    _point(self._from, index, inputs[name])
                else:
                    buffer[...] = inputs[name]
            for index, name in enumerate(self.outputs):
                if name in results:
                    _point(self._to, index, results[name])
            self()
        finally:
            self._from[:], self._to[:] = own
        if out is None or len(results) < len(out):
            return self._results(out)
        return out

    def _checked(self, out: Mapping[str, Array]) -> dict[str, Array]:
        """The caller's arrays, which have to be those of the outputs' dtypes and shapes."""
        for name, own in self.outputs.items():
            if not _alike(out.get(name), own):
                hint = f"give a NumPy array of {own.dtype}{list(own.shape)}"
                raise EdgecError(f"out: {name}", "is missing, or has another dtype or shape", hint)
        return {name: out[name] for name in self.outputs}

    def run_samples(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Runs on S samples ``[S, *shape]`` of the inputs' dtypes, the states of the first one zero; outputs alike."""
        count = len(next(iter(inputs.values()), ()))
        found = {name: np.empty((count, *array.shape), array.dtype) for name, array in self.outputs.items()}
        with self._lock:
            self.reset()
            for sample in range(count):
                for name, array in self.inputs.items():
                    stored = bits(inputs[name][sample])
                    array.view(stored.dtype)[...] = stored
                self()
                for name, array in self.outputs.items():
                    found[name][sample] = array
        return found

    def time(self, repeats: int, run: RunOne) -> Timing:
        """Measure runs on what ``inputs`` hold, which then is there again, and as many of ``run``, from Python."""
        kept = {name: array.copy() for name, array in self.inputs.items()}
        original = self._original(kept)
        once = self._batches(original, 3, 1)[0]
        calls = max(1, int(_BATCH_SECONDS / once))
        found = self._batches(original, repeats, calls)
        timing = Timing(
            minimum=found[0],
            median=statistics.median(found),
            repeats=repeats,
            run_seconds=_least(partial(run, kept), repeats, calls),
        )
        self._original(kept)
        return timing

    def time_steps(self, repeats: int = 20) -> list[int]:
        """The least nanoseconds of each step in as many runs; of a library that was built for profiling."""
        kept = {name: array.copy() for name, array in self.inputs.items()}
        found = (ctypes.c_uint64 * max(self._library.steps, 1))()
        self._check(self._c.library_time_steps(self._original(kept), repeats, found))
        return list(found)[: self._library.steps]

    def _original(self, kept: Mapping[str, Array]) -> bytes | None:
        """The inputs one behind the other, where a run overwrites them; sets them to what was ``kept``."""
        self()
        overwritten = any(array.tobytes() != kept[name].tobytes() for name, array in self.inputs.items())
        for name, array in self.inputs.items():
            array[...] = kept[name]
        return b"".join(array.tobytes() for array in kept.values()) if overwritten else None

    def _batches(self, original: bytes | None, batches: int, calls: int) -> list[float]:
        """Seconds of a run, by each of ``batches`` measurements of ``calls`` runs, the least first."""
        found = (ctypes.c_uint64 * batches)()
        self._check(self._c.library_time(original, batches, calls, found))
        return sorted(max(each, 1) / calls * 1e-9 for each in found)


def _least(call: Callable[[], object], batches: int, calls: int) -> float:
    """The least seconds of a call."""
    turns, found = range(calls), []
    for _ in range(batches):
        begin = time.perf_counter_ns()
        for _ in turns:
            call()
        found.append(time.perf_counter_ns() - begin)
    return min(found) / calls * 1e-9


def _aligned(size: int) -> Array:
    """Bytes of memory at a multiple of ALIGN."""
    memory = np.zeros(size + ALIGN, np.uint8)
    begin = -memory.ctypes.data % ALIGN
    return memory[begin : begin + size]


def _places(function: Any, count: int) -> Places:
    """What a function of C points to."""
    function.restype = ctypes.c_void_p
    return (ctypes.c_void_p * count).from_address(function())


def _is_plain(array: Array) -> bool:
    """Whether C can read and write it where it is."""
    flags = array.flags
    return bool(flags.c_contiguous and flags.writeable and flags.aligned and array.size)


def _point(places: Places, index: int, array: Array) -> None:
    """Have a pointer point to an array, by the fastest way to its address."""
    places[index] = ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]


def _alike(given: object, own: Array) -> bool:
    """Whether an array has the dtype and the shape of another one, and C's form of both is the same."""
    if type(given) is not np.ndarray or given.dtype != own.dtype or given.shape != own.shape:
        return False
    return DType.of(own.dtype) not in SMALL_INTEGERS
