"""Calibration: from sample data to the scale and zero point of every value."""

from edgec.calibration.methods import METHODS, PERCENTILE, Range
from edgec.calibration.observation import Spread, observe
from edgec.calibration.parameters import (
    activation_quant,
    expect_finite,
    quantized_bias,
    quantized_weights,
    weight_scales,
)
from edgec.calibration.ranges import Calibration, calibrate
from edgec.calibration.sources import Batch, Data, Source, open_source

__all__ = [
    "METHODS",
    "PERCENTILE",
    "Batch",
    "Calibration",
    "Data",
    "Range",
    "Source",
    "Spread",
    "activation_quant",
    "calibrate",
    "expect_finite",
    "observe",
    "open_source",
    "quantized_bias",
    "quantized_weights",
    "weight_scales",
]
