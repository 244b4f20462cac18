"""ONNX's own node tests, for the operators that the importer knows."""

import warnings
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, numpy_helper
from onnx_models import Array, imported

from edgec.errors import EdgecError
from edgec.frontend.registry import CONVERTERS
from edgec.ir.interp import run

ALL_VARIABLE = {"Add", "Sub", "Mul", "Div", "MatMul", "Concat"}
"""Operators tested with every operand as an input; elsewhere only the first is one, the rest are constants."""

REFUSALS = (
    "has element type",  # bfloat16, float8, 4-bit and so on
    "reads a",  # the same, of constants
    "computes in",  # arithmetic of other types than float32
    "is a sequence_type",
    "is a optional_type",
    "which edgec does not compute",  # masks and indices
    "is in training mode",
    "works on [1, ",  # 3-D windows
    "empty",
)
"""Reasons for which a case may be refused."""


@cache
def _cases() -> list[Any]:
    modules = {"BatchNormalization": "batch_normalization", "Constant": "constant"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for operator in CONVERTERS:
            # Importing a module of the suite makes its cases.
            import_module(f"onnx.backend.test.case.node.{modules.get(operator, operator.lower())}")
    from onnx.backend.test.case.node import _NodeTestCases

    return [c for c in _NodeTestCases if {n.op_type for n in c.model.graph.node} <= set(CONVERTERS)]


def _array(data: Any) -> Array:
    return numpy_helper.to_array(data) if isinstance(data, TensorProto) else np.asarray(data)


@pytest.mark.parametrize("operator", sorted(CONVERTERS))
def test_cases_of(operator: str, tmp_path: Path) -> None:
    """Each case agrees at the suite's tolerance, or is refused for a reason that is known."""
    agreed = 0
    for case in _cases():
        nodes = case.model.graph.node
        if nodes[-1].op_type == operator:
            agreed += _agrees(case, len(nodes) == 1 and operator in ALL_VARIABLE, tmp_path)
    assert agreed > 0


def _agrees(case: Any, all_variable: bool, folder: Path) -> bool:
    proto = ModelProto()
    proto.CopyFrom(case.model)
    arrays, expected = case.data_sets[0]
    inputs = {}
    for position, (info, data) in enumerate(zip(proto.graph.input, arrays, strict=True)):
        if position == 0 or all_variable:
            inputs[info.name] = _array(data)
        elif isinstance(data, TensorProto):
            proto.graph.initializer.add().CopyFrom(data)
            proto.graph.initializer[-1].name = info.name
        else:
            proto.graph.initializer.append(numpy_helper.from_array(_array(data), info.name))
    try:
        graph = imported(proto, folder)
    except EdgecError as error:
        assert any(reason in error.what for reason in REFUSALS), f"{case.name}: {error}"
        return False
    results = run(graph, inputs)
    for name, data in zip(graph.output_names, expected, strict=True):
        reference = _array(data)
        assert results[name].dtype == reference.dtype, case.name
        np.testing.assert_allclose(results[name], reference, case.rtol, case.atol, err_msg=case.name)
    return True
