"""Plans run in the interpreter on poisoned memory: right ones give the graph's bytes, wrong ones are found."""

from dataclasses import replace

import numpy as np
import pytest

from edgec.ir import Array, Graph, IRError, f32
from edgec.ir.interp import run_samples
from edgec.ir.ops import Add, Relu, Reshape, Softmax
from edgec.schedule import MemoryPlan, Problem, Schedule, Step, build_problem, execute_plan, plan_memory, program_order

SCRATCH = {2: 100}


def chain(inplace: bool = True) -> Graph:
    """x -> softmax -> relu in place -> view -> softmax -> add of both."""
    graph = Graph("chain")
    x = graph.input("x", f32(1, 8, 8, 4))
    a = graph.insert(Softmax(x, 3), names=["a"]).result
    b = graph.insert(Relu(a, inplace=inplace), names=["b"]).result
    c = graph.insert(Reshape(b, (1, 256)), names=["c"]).result
    d = graph.insert(Softmax(c, 1), names=["d"]).result
    graph.returns({"y": graph.insert(Add(c, d), names=["e"]).result})
    return graph


def samples(count: int = 2) -> dict[str, Array]:
    return {"x": np.random.default_rng(1).standard_normal((count, 1, 8, 8, 4)).astype(np.float32)}


def planned(graph: Graph, io_in_arena: bool = True) -> tuple[Schedule, Problem, MemoryPlan]:
    schedule = program_order(graph)
    problem = build_problem(graph, schedule, SCRATCH, io_in_arena)
    return schedule, problem, plan_memory(problem)


@pytest.mark.parametrize("io_in_arena", [True, False])
def test_a_right_plan_gives_the_graphs_outputs(io_in_arena: bool) -> None:
    graph = chain()
    found = execute_plan(graph, *planned(graph, io_in_arena), samples())
    assert np.array_equal(found["y"], run_samples(graph, samples())["y"])


@pytest.mark.parametrize(("moved", "onto"), [("b", "d"), ("c", "scratch"), ("d", "scratch"), ("e", "d"), ("x", "a")])
def test_buffers_over_each_other_are_found(moved: str, onto: str) -> None:
    graph = chain(inplace=False)
    schedule, problem, plan = planned(graph)
    buffers = {value.name: index for value, index in problem.of_value.items()} | {"scratch": problem.of_scratch[2]}
    # Far apart all of them, but the two.
    offsets = [4096 * index for index in range(len(problem.buffers))]
    plan = replace(plan, arena_bytes=1 << 16, offsets=tuple(offsets))
    execute_plan(graph, schedule, problem, plan, samples())
    offsets[buffers[moved]] = offsets[buffers[onto]] + (64 if onto == "d" and moved == "e" else 0)
    with pytest.raises(IRError, match="output y"):
        execute_plan(graph, schedule, problem, replace(plan, offsets=tuple(offsets)), samples())


def test_a_result_may_run_over_its_operand_from_the_safe_distance_on() -> None:
    graph = Graph("relu")
    x = graph.input("x", f32(1, 64))
    graph.returns({"y": graph.insert(Relu(x), names=["y"]).result})
    schedule = program_order(graph)
    problem = build_problem(graph, schedule, {}, True)
    fed = {"x": np.random.default_rng(0).standard_normal((1, 1, 64)).astype(np.float32)}
    y = problem.of_value[graph.outputs[0]]
    near = replace(problem, distances={(y, 1 - y): 16})
    plan = plan_memory(near)
    assert plan.arena_bytes == 256 + 16
    execute_plan(graph, schedule, near, plan, fed)
    with pytest.raises(IRError, match="output y"):
        execute_plan(graph, schedule, problem, plan, fed)


def test_a_step_of_several_operators_and_one_run_again_keep_the_bytes() -> None:
    graph = chain(inplace=False)
    made = {result.name: op for op in graph.ops for result in op.results}
    once = Schedule((Step((made["a"], made["b"])), Step((made["d"], made["e"]))))
    again = Schedule(
        (Step((made["a"], made["b"])), Step((made["d"],)), Step((made["a"], made["b"])), Step((made["e"],)))
    )
    for schedule in (once, again):
        problem = build_problem(graph, schedule, {}, True)
        execute_plan(graph, schedule, problem, plan_memory(problem), samples())


def test_a_state_must_outlive_the_run() -> None:
    graph = Graph("sum")
    x, s = graph.input("x", f32(1, 8)), graph.input("s", f32(1, 8))
    y = graph.insert(Add(x, s), names=["y"]).result
    z = graph.insert(Softmax(y, 1), names=["z"]).result
    graph.returns({"z": z, "next": y})
    graph.states = {s: "next"}
    fed = {"x": np.random.default_rng(0).standard_normal((3, 1, 8)).astype(np.float32)}
    schedule = program_order(graph)
    problem = build_problem(graph, schedule, {}, True)
    plan = plan_memory(problem)
    found = execute_plan(graph, schedule, problem, plan, fed)
    assert np.array_equal(found["z"], run_samples(graph, fed)["z"])
    offsets = list(plan.offsets)
    offsets[problem.of_value[s]] = offsets[problem.of_value[z]]
    with pytest.raises(IRError, match="output"):
        execute_plan(graph, schedule, problem, replace(plan, offsets=tuple(offsets)), fed)
