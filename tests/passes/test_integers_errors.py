"""Scales with which no integer can compute are refused, with the layer's name."""

import pytest

from edgec.errors import EdgecError
from edgec.ir import parse_graph
from edgec.rewriting import Pipeline, parse_pipeline

LAYER = """
graph @g(%x: f32[1,2]) {{
  %s: f32[] = const [{x}]
  %xq: i8[1,2] = quantize %x, %s, _ {{dtype=i8}}
  %xd: f32[1,2] = dequantize %xq, %s, _
  %w: i8[1,2] = const [127,-127]
  %ws: f32[1] = const [{w}]
  %wd: f32[1,2] = dequantize %w, %ws, _ {{axis=0}}
  %b: f32[1] = const [{bias}]
  %d: f32[1,1] = dense %xd, %wd, %b
  %ds: f32[] = const [{y}]
  %dq: i8[1,1] = quantize %d, %ds, _ {{dtype=i8}}
  %y: f32[1,1] = dequantize %dq, %ds, _
  return y=%y
}}
"""


def run(x: float = 0.1, w: float = 0.1, y: float = 0.1, bias: float = 0.0) -> None:
    Pipeline(parse_pipeline("integers")).run(parse_graph(LAYER.format(x=x, w=w, y=y, bias=bias)))


def test_ordinary_scales_pass() -> None:
    run()


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ({"y": 1e-20}, r"d \(dense\): a factor of 1e\+18 is too large for fixed-point arithmetic"),
        ({"x": 1e-6, "w": 1e-6, "bias": 1.0}, r"d \(dense\): a bias of 1 does not fit 32 bits in units of 1e-12"),
    ],
)
def test_scales_beyond_integers(scales: dict[str, float], message: str) -> None:
    with pytest.raises(EdgecError, match=message):
        run(**scales)
