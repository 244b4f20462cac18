/* Gated recurrent unit, float32, on hosts: sigmoid and tanh, reset after the product, all steps of all sequences. */
#ifndef EDGEC_GRU_LANES_F32_H
#define EDGEC_GRU_LANES_F32_H

#include "edgec/maths_lanes_f32.h"
#include "edgec/tiles_f32.h"

typedef struct {
  int32_t steps;
  int32_t batch;
  int32_t hidden;
  int32_t padded;  /* hidden units to whole pairs of vectors */
  int32_t reverse; /* 1: from the last step to the first */
} edgec_gru_lanes;

/* The new states of a vector of hidden units: z and r are sums of their gates, n what inputs add to the third one and m what the
   old states add to it; `count`: units that there are. */
EDGEC_INLINE void edgec_gru_units(edgec_lanes z, edgec_lanes r, edgec_lanes n, edgec_lanes m, int32_t count, const float *old,
                                  float *h, float *y)
{
  if (count > 0) {
    const edgec_lanes keep = edgec_lanes_sigmoid(z);
    const edgec_lanes made = edgec_lanes_tanh(edgec_lanes_fma(edgec_lanes_sigmoid(r), m, n));
    const edgec_lanes out = edgec_lanes_fma(keep, edgec_lanes_get(old, count) - made, made);
    edgec_lanes_put(h, out, count);
    edgec_lanes_put(y, out, count);
  }
}

#define EDGEC_GRU_SUM(v, a) a##v = edgec_lanes_fma(b, edgec_lanes_load(weight + v * EDGEC_LANES), a##v);

/* Gates z, r, n: h' = (1 - z) * tanh(n + r * m) + z * h. x: [steps][batch][padded x 3], what inputs add to the gates, their biases
   included; by pairs of vectors of hidden units it is [2][3] vectors, and so are weights, [pairs][hidden][2][3]. bias: [padded], of
   m. y: all h; h: the last one. h0 may be NULL. scratch: [batch][hidden]. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(gru)(const edgec_gru_lanes *op, const float *x, const float *h0, const float *weights,
                                          const float *bias, float *y, float *h, float *scratch)
{
  enum { pair = 2 * EDGEC_LANES };
  const int32_t hidden = op->hidden;
  for (int32_t i = 0; i < op->batch * hidden; ++i) {
    scratch[i] = h0 != NULL ? h0[i] : 0.0f;
  }
  for (int32_t s = 0; s < op->steps; ++s) {
    const int32_t t = op->reverse ? op->steps - 1 - s : s;
    for (int32_t k = 0; k < op->batch; ++k) {
      const float *const before = scratch + (ptrdiff_t)k * hidden;
      const ptrdiff_t row = (ptrdiff_t)t * op->batch + k;
      for (int32_t q = 0; q < op->padded; q += pair) {
        /* There and back again: the weights that were read last are still in the cache. */
        const int32_t p = s % 2 ? op->padded - pair - q : q;
        const float *weight = weights + (ptrdiff_t)p * 3 * hidden;
        const float *const sums = x + row * 3 * op->padded + p * 3;
        edgec_lanes a0 = edgec_lanes_load(sums);
        edgec_lanes a1 = edgec_lanes_load(sums + EDGEC_LANES);
        edgec_lanes a2 = edgec_lanes_load(bias + p);
        edgec_lanes a3 = edgec_lanes_load(sums + 3 * EDGEC_LANES);
        edgec_lanes a4 = edgec_lanes_load(sums + 4 * EDGEC_LANES);
        edgec_lanes a5 = edgec_lanes_load(bias + p + EDGEC_LANES);
        for (int32_t i = 0; i < hidden; ++i, weight += 3 * pair) {
          const edgec_lanes b = edgec_lanes_all(before[i]);
          EDGEC_EACH_6(EDGEC_GRU_SUM, a)
        }
        const float *const old = before + p;
        float *const last = h + (ptrdiff_t)k * hidden + p;
        float *const out = y + row * hidden + p;
        edgec_gru_units(a0, a1, edgec_lanes_load(sums + 2 * EDGEC_LANES), a2, hidden - p, old, last, out);
        edgec_gru_units(a3, a4, edgec_lanes_load(sums + 5 * EDGEC_LANES), a5, hidden - p - EDGEC_LANES, old + EDGEC_LANES,
                        last + EDGEC_LANES, out + EDGEC_LANES);
      }
    }
    for (int32_t i = 0; i < op->batch * hidden; ++i) {
      scratch[i] = h[i];
    }
  }
}

#endif
