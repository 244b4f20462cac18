"""Order and addresses: a graph becomes a packing problem, a memory plan, and a proof that the plan holds."""

from edgec.schedule.checker import check_plan, check_schedule
from edgec.schedule.executor import execute_plan
from edgec.schedule.memories import Constants, Memory, accesses, parse_memories
from edgec.schedule.placement import place, placeable, smallest
from edgec.schedule.plan import MemoryPlan, Placement, plan_memory
from edgec.schedule.problem import ALIGN, Buffer, Problem, Schedule, Step, aligned, build_problem, program_order
from edgec.schedule.remat import RematAnswer, RematProblem, solve

__all__ = [
    "ALIGN",
    "Buffer",
    "Constants",
    "Memory",
    "MemoryPlan",
    "Placement",
    "Problem",
    "RematAnswer",
    "RematProblem",
    "Schedule",
    "Step",
    "accesses",
    "aligned",
    "build_problem",
    "check_plan",
    "check_schedule",
    "execute_plan",
    "parse_memories",
    "place",
    "placeable",
    "plan_memory",
    "program_order",
    "smallest",
    "solve",
]
