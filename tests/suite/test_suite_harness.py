"""The harness itself: it must see what is wrong, and one case must not touch the others of its batch."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import suite_compiling
import suite_running
from numpy.typing import NDArray
from onnx import TensorProto, helper
from suite_cases import Case
from suite_comparing import difference
from suite_outcome import Outcome, Status
from suite_running import Runner

from edgec.driver import CompiledModel

NAN = np.nan
X = np.array([-1, 0, 2, 3], np.float32)


def case(name: str, expected: Any, kind: str = "Relu", **inputs: Any) -> Case:
    """A model of one node."""
    ports = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in inputs.items()
    ]
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node(kind, list(inputs), ["y"])], name, ports, [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return Case(name, "node", model, inputs, [np.asarray(expected, np.float32)], 1e-3, 1e-7, kind, None)


def array(dtype: str, values: Any) -> NDArray[Any]:
    return np.array(values, dtype)


@pytest.mark.parametrize(
    ("got", "expected", "agree"),
    [
        (array("float32", [1, NAN, np.inf]), array("float32", [1.0005, NAN, np.inf]), True),
        (array("float32", [1, 2]), array("float32", [1, 2.01]), False),
        (array("float32", [1]), array("float32", [NAN]), False),
        (array("float32", [np.inf]), array("float32", [-np.inf]), False),
        (array("float32", [1]), array("float64", [1]), False),
        (array("float32", [1]), array("float32", [[1]]), False),
        (array("int64", [1000, 2]), array("int64", [1000, 2]), True),
        (array("int64", [1000]), array("int64", [1001]), False),
        (array("bool", [True]), array("bool", [False]), False),
        (array("float32", []), array("float32", []), True),
        (array("float32", [1]), [1.0], False),
    ],
)
def test_difference(got: Any, expected: Any, agree: bool) -> None:
    assert (difference(got, expected, 1e-3, 1e-7) is None) == agree


def test_a_batch_survives_its_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each C is spoilt in its own way; what is expected of the last two is not spoilt, and not right."""
    spoilt = {
        "trap": ("__builtin_trap();", Status.CRASHED, "signal 4"),
        "behind": ("((unsigned char *)arena)[arena_bytes] = 0;", Status.CRASHED, "outside of its arena"),
        "before": ("((unsigned char *)arena)[-1] = 0;", Status.CRASHED, "outside of its arena"),
        "hang": ("for (;;) {}", Status.CRASHED, "signal 14"),
        "error": ("return EDGEC_ERROR_POINTER;", Status.CRASHED, "returned -3"),
        "stale": ("static float calls; outputs->y[0] = calls++;", Status.WRONG, "before"),
        "link": ("extern void nowhere(void); nowhere();", Status.INTERNAL, "undefined reference"),
        "syntax": ("syntax error", Status.INTERNAL, "does not compile"),
    }
    expected = {
        **{name: (status, words) for name, (_, status, words) in spoilt.items()},
        "right": (Status.PASSED, ""),
        "wrong": (Status.WRONG, "differs in 1 of 4 elements: [2]: 2.0, expected 9.0"),
    }

    def compile_case(case: Case, folder: Path) -> tuple[CompiledModel | Outcome, tuple[str, ...]]:
        compiled, bound = suite_compiling.compile_case(case, folder)
        assert isinstance(compiled, CompiledModel)
        if case.name in spoilt:
            files = spoil(compiled.emitted.files, f"{compiled.model.name}.c", spoilt[case.name][0])
            compiled = replace(compiled, emitted=replace(compiled.emitted, files=files))
        return compiled, bound

    monkeypatch.setattr(suite_running, "compile_case", compile_case)
    monkeypatch.setattr(suite_running, "SECONDS", 1)
    cases = [case(name, [0, 0, 9 if name == "wrong" else 2, 3], x=X) for name in expected]
    for outcome in Runner(tmp_path).run(cases):
        status, words = expected[outcome.case.name]
        assert outcome.status is status, outcome
        assert words in outcome.detail


def spoil(files: Mapping[str, str | bytes], name: str, statement: str) -> dict[str, str | bytes]:
    """The files with a statement before the end of the run."""
    text = files[name]
    assert isinstance(text, str)
    head, end, tail = text.rpartition("return EDGEC_OK;")
    return {**files, name: f"{head}{statement} {end}{tail}"}


def test_inputs_are_bound_where_they_must(tmp_path: Path) -> None:
    shape = np.array([2, 2], np.int64)
    cases = [case("reshape", X.reshape(2, 2), "Reshape", x=X, shape=shape), case("add", X + X, "Add", a=X, b=X)]
    reshape, add = Runner(tmp_path).run(cases)
    assert (reshape.status, reshape.bound) == (Status.PASSED, ("shape",))
    assert (add.status, add.bound) == (Status.PASSED, ())


def test_refusals_and_internal_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (refused,) = Runner(tmp_path).run([case("unknown", X, "NonMaxSuppression", x=X)])
    assert (refused.status, refused.reason) == (Status.REFUSED, "operator not supported")

    def broken(*_: object, **__: object) -> None:
        raise IndexError("of a list")

    monkeypatch.setattr(suite_compiling, "compile", broken)
    (internal,) = Runner(tmp_path).run([case("broken", X, x=X)])
    assert internal.status is Status.INTERNAL
    assert "IndexError: of a list" in internal.detail
