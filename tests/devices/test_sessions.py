"""A model loaded into this process: the numbers of the program, without copies that C does not need."""

import threading
from pathlib import Path

import numpy as np
import pytest

import edgec
from edgec.errors import EdgecError
from edgec.ir import Array
from edgec.samples import input_types, random_samples

ROOT = Path(__file__).parent.parent.parent
DIGITS = ROOT / "examples/digits/digits.onnx"


@pytest.fixture(scope="module", params=[False, True], ids=["arena", "caller"])
def compiled(request: pytest.FixtureRequest) -> edgec.CompiledModel:
    return edgec.compile(DIGITS, caller_io=request.param)


def samples(compiled: edgec.CompiledModel, count: int = 3) -> dict[str, Array]:
    return random_samples(input_types(compiled.model.graph), count).inputs


def test_one_sample_and_several_give_what_the_program_gives(compiled: edgec.CompiledModel) -> None:
    inputs = samples(compiled)
    expected = compiled.run_on(compiled.device(), inputs)[0].outputs["y"]
    several = compiled.run(inputs)["y"]
    np.testing.assert_array_equal(several, expected)
    for i in range(3):
        one = compiled.run({"x": inputs["x"][i]})["y"]
        np.testing.assert_array_equal(one, expected[i])
    np.testing.assert_array_equal(compiled.run({"x": inputs["x"][:0]})["y"], expected[:0])


def test_results_stay_and_inputs_are_not_written(compiled: edgec.CompiledModel) -> None:
    x = samples(compiled)["x"]
    kept = x.copy()
    first = compiled.run({"x": x[0]})["y"]
    value = first.copy()
    compiled.run({"x": x[1]})
    np.testing.assert_array_equal(first, value)
    np.testing.assert_array_equal(x, kept)


def test_arrays_of_other_memory(compiled: edgec.CompiledModel) -> None:
    x = samples(compiled)["x"][0]
    expected = compiled.run({"x": x})["y"]
    locked = x.copy()
    locked.flags.writeable = False
    backwards = x[..., ::-1].copy()[..., ::-1]
    assert not backwards.flags.c_contiguous
    for given in (locked, backwards, x.astype(np.float64)):
        np.testing.assert_array_equal(compiled.run({"x": given})["y"], expected)


def test_results_in_arrays_of_the_callers(compiled: edgec.CompiledModel) -> None:
    x = samples(compiled)["x"][0]
    expected = compiled.run({"x": x})["y"]
    plain, spread = np.zeros_like(expected), np.zeros((*expected.shape, 2), np.float32)[..., 0]
    for out in (plain, spread):
        assert compiled.run({"x": x}, {"y": out})["y"] is out
        np.testing.assert_array_equal(out, expected)
    for wrong in (np.zeros(3, np.float32), np.zeros(expected.shape), None):
        with pytest.raises(EdgecError, match="out: y"):
            compiled.run({"x": x}, {"y": wrong})
    with pytest.raises(EdgecError, match="does not fit these inputs"):
        compiled.run({"x": samples(compiled)["x"]}, {"y": plain})


def test_a_sessions_own_memory(compiled: edgec.CompiledModel) -> None:
    inputs = samples(compiled)
    session = compiled.session()
    for i in range(3):
        session.inputs["x"][...] = inputs["x"][i]
        session()
        np.testing.assert_array_equal(session.outputs["y"], compiled.run({"x": inputs["x"][i]})["y"])


def test_threads_take_turns(compiled: edgec.CompiledModel) -> None:
    x = samples(compiled, 4)["x"]
    expected = compiled.run({"x": x})["y"]
    wrong: list[int] = []

    def work(i: int) -> None:
        for _ in range(300):
            if not np.array_equal(compiled.run({"x": x[i]})["y"], expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_inputs_that_do_not_fit_are_named(compiled: edgec.CompiledModel) -> None:
    for given in ({}, {"z": np.zeros(3)}, {"x": np.zeros((1, 3), np.float32)}, {"x": np.zeros(3, complex)}):
        with pytest.raises(EdgecError):
            compiled.run(given)


def test_times_are_of_the_c_function(compiled: edgec.CompiledModel) -> None:
    timing = compiled.benchmark(repeats=20)
    assert 0 < timing.minimum <= timing.median < 1
    assert timing.repeats == 20
    assert timing.minimum <= timing.run_seconds * 1.5
    x = samples(compiled)["x"][0]
    compiled.benchmark({"x": x}, repeats=3)


def test_steps_are_timed(compiled: edgec.CompiledModel) -> None:
    session = compiled.session(profile=True)
    steps = session.time_steps()
    assert len(steps) == len(compiled.manifest["steps"])
    assert 0 < sum(steps) < 1_000_000_000


def test_a_session_is_of_this_machine() -> None:
    with pytest.raises(EdgecError, match="no machine that this process runs on"):
        edgec.compile(DIGITS, "cortex-a53").session()


def test_a_cpu_without_the_features_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the output of another machine is loaded."""
    compiled = edgec.compile(DIGITS, "x86-64-v3")
    text = compiled.sources["digits.c"]
    assert isinstance(text, str)
    compiled.sources["digits.c"] = "#define EDGEC_CPU_HAS EDGEC_CPU_KNOWN\n" + text
    with pytest.raises(EdgecError, match="EDGEC_ERROR_CPU: this CPU lacks features"):
        compiled.session()
