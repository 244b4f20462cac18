/* Geometry of a window that slides along one axis: which of its taps lie inside. */
#ifndef EDGEC_WINDOW_H
#define EDGEC_WINDOW_H

#include "edgec/core.h"

/* Tap k of a window lies at first + k * dilation, 0 <= k < kernel. Those inside 0..extent-1 are begin <= k < end. */
EDGEC_INLINE int32_t edgec_taps_begin(int32_t first, int32_t dilation)
{
  return first < 0 ? (dilation - 1 - first) / dilation : 0;
}

EDGEC_INLINE int32_t edgec_taps_end(int32_t first, int32_t dilation, int32_t kernel, int32_t extent)
{
  const int32_t end = first < extent ? (extent - first + dilation - 1) / dilation : 0;
  return end < kernel ? end : kernel;
}

/* How many taps lie inside low..high-1. */
EDGEC_INLINE int32_t edgec_taps_count(int32_t first, int32_t dilation, int32_t kernel, int32_t low, int32_t high)
{
  const int32_t begin = edgec_taps_begin(first - low, dilation);
  const int32_t end = edgec_taps_end(first - low, dilation, kernel, high - low);
  return begin < end ? end - begin : 0;
}

/* Outputs begin <= x < end have all taps inside: no test in the inner loop. */
EDGEC_INLINE int32_t edgec_inner_begin(int32_t stride, int32_t pad)
{
  return (pad + stride - 1) / stride;
}

EDGEC_INLINE int32_t edgec_inner_end(int32_t stride, int32_t pad, int32_t span, int32_t extent, int32_t outputs)
{
  const int32_t end = extent + pad >= span ? (extent + pad - span) / stride + 1 : 0;
  return end < outputs ? end : outputs;
}

#endif
