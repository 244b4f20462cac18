"""What a program has to fit into, and what is said where none does."""

from collections.abc import Sequence
from dataclasses import dataclass

from edgec.budget.bound import Holder, held
from edgec.budget.program import steps_of
from edgec.codegen.model import Model
from edgec.errors import BudgetError
from edgec.memories import TARGET, fits
from edgec.schedule import Memory, smallest


@dataclass(frozen=True)
class Room:
    """So many ``bytes`` of arena, and where there are several ``memories``, these; ``where`` is what says so."""

    bytes: int
    where: str
    memories: tuple[Memory, ...] = ()

    def holds(self, model: Model) -> bool:
        """Whether a program fits."""
        return model.plan.arena_bytes <= self.bytes and (len(self.memories) < 2 or fits(model, self.memories))

    def refuse(self, programs: Sequence[Model], holder: Holder) -> BudgetError:
        """What is said where none of the programs that were found fits; ``holder``: what no order can change."""
        if len(self.memories) > 1 and self.bytes >= sum(memory.bytes for memory in self.memories):
            return too_small(programs, self.memories, self.where)
        least = min(programs, key=lambda model: model.plan.arena_bytes)
        needed = least.plan.arena_bytes
        return BudgetError(
            self.where,
            f"no program fits into {self.bytes} bytes of RAM: the smallest that was found needs {needed} "
            f"(fullest step: {_fullest(least)}); in whatever order, such steps need {holder.bytes} ({holder})",
            f"give at least {needed} bytes, or use a smaller model or input (--shape)",
            needed,
        )


def too_small(programs: Sequence[Model], memories: tuple[Memory, ...], where: str) -> BudgetError:
    """What is said where programs do not fit into memories: how large the largest one would have to be."""
    hint = "use a smaller model or input (--shape), or a target with more RAM"
    if memories[0].name != TARGET:
        hint = "give a larger memory, or one more, or use a smaller model or input (--shape)"
    if len(memories) == 1:
        (memory,) = memories
        least = min(programs, key=lambda model: model.plan.arena_bytes)
        needed = least.plan.arena_bytes
        what = f"the arena needs {needed} bytes, {memory.name} has {memory.bytes} bytes of RAM"
    else:
        found = [(smallest(model.problem, memories), model) for model in programs]
        (grown, needed), least = min(found, key=lambda one: one[0][1])
        given = ", ".join(f"{m.name} of {m.bytes} bytes" for m in memories)
        what = f"the buffers do not fit into {given}: {memories[grown].name} needs {needed} bytes"
    return BudgetError(where, f"{what} (fullest step: {_fullest(least)})", hint, needed)


def _fullest(model: Model) -> Holder:
    return held(steps_of(model), model.problem.peak[1])
