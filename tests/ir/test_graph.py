"""Mutations keep names, uses and the version right."""

import numpy as np
import pytest

from edgec.ir import Graph, IRError, f32, verify
from edgec.ir.ops import Add, Clamp, Conv2d, Dense, Relu, Sigmoid, Tanh


def chain() -> Graph:
    graph = Graph("g")
    x = graph.input("x", f32(1, 4))
    w, b = graph.const(np.ones((3, 4), np.float32), "w"), graph.const(np.ones(3, np.float32), "b")
    y = graph.insert(Dense(x, w, b), names=["y"], source="/fc").result
    graph.returns({"out": graph.insert(Relu(y), names=["r"], source="/relu").result})
    return graph


def test_replace_takes_over_name_and_erases_the_dead() -> None:
    graph = chain()
    dense, relu = graph.ops[2:4]
    assert isinstance(dense, Dense)
    new = Dense(dense.x, dense.w, dense.bias, Clamp(low=0.0), source=dense.source)
    value = graph.replace(relu, new)
    assert value.name == "r" and graph.outputs == (value,)
    assert dense not in graph and relu not in graph and new in graph
    assert new.source == "/fc"
    verify(graph)


def test_replace_by_an_operator_without_source_keeps_the_old_one() -> None:
    graph = chain()
    (x,) = graph.ops[3].operands
    graph.replace(graph.ops[3], Tanh(x))
    assert graph.ops[3].source == "/relu"


def test_replace_by_a_value_redirects_its_readers() -> None:
    graph = chain()
    y = graph.ops[2].result
    graph.replace(graph.ops[3], y)
    assert graph.outputs == (y,) and y.uses == [graph.end]
    verify(graph)


def test_a_name_is_free_again_after_its_value_is_gone() -> None:
    graph = chain()
    y = graph.ops[2].result
    graph.replace(graph.ops[3], y)
    graph.rename(y, "r")
    assert y.name == "r" and graph.fresh("y") == "y" and graph.fresh("r") == "r.1"


def test_erasing_what_is_read_is_an_error() -> None:
    graph = chain()
    with pytest.raises(IRError, match="dense %y is still read"):
        graph.erase(graph.ops[2])


def test_uses_count_operand_positions() -> None:
    graph = Graph("g")
    x = graph.input("x", f32(2))
    s = graph.insert(Add(x, x))
    graph.returns({"y": s.result})
    assert x.uses == [s, s]
    y = graph.insert(Tanh(x), before=s).result
    graph.redirect(x, y)
    assert x.uses == [] and y.uses.count(s) == 2


def test_every_mutation_raises_the_version() -> None:
    graph = chain()
    versions = [graph.version]
    op = graph.insert(Sigmoid(graph.inputs[0]), before=graph.ops[3])
    versions.append(graph.version)
    graph.move(op, before=graph.ops[2])
    versions.append(graph.version)
    graph.erase(op)
    versions.append(graph.version)
    graph.redirect(graph.outputs[0], graph.ops[2].result)
    versions.append(graph.version)
    assert versions == sorted(set(versions))


def test_macs_of_a_convolution_count_each_weight_per_output() -> None:
    graph = Graph("g")
    x = graph.input("x", f32(1, 5, 5, 4))
    w, b = graph.const(np.zeros((6, 3, 3, 2), np.float32)), graph.const(np.zeros(6, np.float32))
    graph.returns({"y": graph.insert(Conv2d(x, w, b, groups=2)).result})
    assert graph.macs() == 3 * 3 * 6 * 3 * 3 * 2
