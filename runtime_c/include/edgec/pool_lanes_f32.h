/* Pools, and means over all pixels, float32, on hosts: channels are in lanes. */
#ifndef EDGEC_POOL_LANES_F32_H
#define EDGEC_POOL_LANES_F32_H

#include "edgec/average_pool.h"
#include "edgec/lanes_f32.h"

#define EDGEC_MEAN_BEGIN(v, a) edgec_lanes a##v = edgec_lanes_all(0.0f);
#define EDGEC_MEAN_SUM(v, a) a##v = a##v + edgec_lanes_load(from + v * EDGEC_LANES);
#define EDGEC_MEAN_END(v, a) edgec_lanes_store(y + c + v * EDGEC_LANES, edgec_lanes_clamp(a##v * factor, low, high));

/* The means of all pixels' channels, clamped. x: [pixels][channels]; y: [channels]. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(mean)(int32_t pixels, int32_t channels, float low, float high, const float *x, float *y)
{
  const edgec_lanes factor = edgec_lanes_all(1.0f / (float)pixels);
  int32_t c = 0;
  for (; c + 4 * EDGEC_LANES <= channels; c += 4 * EDGEC_LANES) {
    const float *from = x + c;
    EDGEC_EACH_4(EDGEC_MEAN_BEGIN, a)
    for (int32_t p = 0; p < pixels; ++p, from += channels) {
      EDGEC_EACH_4(EDGEC_MEAN_SUM, a)
    }
    EDGEC_EACH_4(EDGEC_MEAN_END, a)
  }
  for (; c < channels; c += EDGEC_LANES) {
    const int32_t count = channels - c;
    edgec_lanes even = edgec_lanes_all(0.0f);
    edgec_lanes odd = edgec_lanes_all(0.0f);
    for (int32_t p = 0; p < pixels; ++p) {
      const edgec_lanes one = edgec_lanes_get(x + ((ptrdiff_t)p * channels + c), count);
      if (p % 2) {
        odd = odd + one;
      } else {
        even = even + one;
      }
    }
    edgec_lanes_put(y + c, edgec_lanes_clamp((even + odd) * factor, low, high), count);
  }
}

/* A row of output as edgec_max_pool_f32 and edgec_average_pool_f32 have it. `value` begins as `begin`, each tap makes it `step`,
   in the end it is `last`. */
#define EDGEC_POOL_LANES_ROW(begin, step, last)                                                                              \
  for (int32_t i = 0; i < op->out_width; ++i, y += op->channels) {                                                           \
    const int32_t x0 = i * op->stride - op->pad_left;                                                                        \
    const int32_t first = edgec_taps_begin(x0, op->dilation);                                                                \
    const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                                    \
    for (int32_t c = 0; c < op->channels; c += EDGEC_LANES) {                                                                \
      const int32_t count = op->channels - c;                                                                                \
      edgec_lanes value = edgec_lanes_all(begin);                                                                            \
      for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                                  \
        for (int32_t kx = first; rows[row] != NULL && kx < end; ++kx) {                                                      \
          const edgec_lanes in = edgec_lanes_get(rows[row] + ((ptrdiff_t)(x0 + kx * op->dilation) * op->channels + c), count); \
          value = (step);                                                                                                    \
        }                                                                                                                    \
      }                                                                                                                      \
      edgec_lanes_put(y + c, edgec_lanes_clamp(last, low, high), count);                                                     \
    }                                                                                                                        \
  }

EDGEC_KERNEL void EDGEC_LANES_KERNEL(max_pool)(const edgec_pool *op, float low, float high, const float *const *rows, float *y)
{
  EDGEC_POOL_LANES_ROW(-EDGEC_INFINITY, edgec_lanes_maximum(value, in), value)
}

EDGEC_KERNEL void EDGEC_LANES_KERNEL(average_pool)(const edgec_pool *op, float low, float high, int32_t counted_left,
                                                   int32_t counted_right, const float *const *rows, int32_t counted_rows, float *y)
{
  EDGEC_POOL_LANES_ROW(
      0.0f, value + in,
      value / edgec_lanes_all((float)edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0)))
}

#endif
