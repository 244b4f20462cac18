/* Long short-term memory, float32, on hosts: sigmoid and tanh, no peepholes, all steps of all sequences. */
#ifndef EDGEC_LSTM_LANES_F32_H
#define EDGEC_LSTM_LANES_F32_H

#include "edgec/maths_lanes_f32.h"
#include "edgec/tiles_f32.h"

typedef struct {
  int32_t steps;
  int32_t batch;
  int32_t hidden;
  int32_t padded;  /* hidden units to whole pairs of vectors */
  int32_t reverse; /* 1: from the last step to the first */
} edgec_lstm_lanes;

/* The new states of two vectors of hidden units from the sums of their gates i, o, f, n; `count`: units that there are. */
EDGEC_INLINE void edgec_lstm_units(edgec_lanes i, edgec_lanes o, edgec_lanes f, edgec_lanes n, int32_t count, float *c, float *h,
                                   float *y)
{
  if (count > 0) {
    const edgec_lanes in = edgec_lanes_sigmoid(i) * edgec_lanes_tanh(n);
    const edgec_lanes cell = edgec_lanes_fma(edgec_lanes_sigmoid(f), edgec_lanes_get(c, count), in);
    const edgec_lanes out = edgec_lanes_sigmoid(o) * edgec_lanes_tanh(cell);
    edgec_lanes_put(c, cell, count);
    edgec_lanes_put(h, out, count);
    edgec_lanes_put(y, out, count);
  }
}

#define EDGEC_LSTM_BEGIN(v, a) edgec_lanes a##v = edgec_lanes_load(sums + v * EDGEC_LANES);
#define EDGEC_LSTM_SUM(v, a) a##v = edgec_lanes_fma(b, edgec_lanes_load(weight + v * EDGEC_LANES), a##v);

/* Gates i, o, f, n: c' = f * c + i * tanh(n), h' = o * tanh(c'). x: [steps][batch][padded x 4], what inputs add to the gates,
   their biases included; by pairs of vectors of hidden units it is [2][4] vectors, and so are weights, [pairs][hidden][2][4].
   y: all h; h and c: the last ones. h0 and c0 may be NULL. scratch: [batch][hidden]. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(lstm)(const edgec_lstm_lanes *op, const float *x, const float *h0, const float *c0,
                                           const float *weights, float *y, float *h, float *c, float *scratch)
{
  enum { pair = 2 * EDGEC_LANES };
  const int32_t hidden = op->hidden;
  for (int32_t i = 0; i < op->batch * hidden; ++i) {
    scratch[i] = h0 != NULL ? h0[i] : 0.0f;
    c[i] = c0 != NULL ? c0[i] : 0.0f;
  }
  for (int32_t s = 0; s < op->steps; ++s) {
    const int32_t t = op->reverse ? op->steps - 1 - s : s;
    for (int32_t n = 0; n < op->batch; ++n) {
      const float *const before = scratch + (ptrdiff_t)n * hidden;
      const ptrdiff_t row = (ptrdiff_t)t * op->batch + n;
      for (int32_t q = 0; q < op->padded; q += pair) {
        /* There and back again: the weights that were read last are still in the cache. */
        const int32_t p = s % 2 ? op->padded - pair - q : q;
        const float *weight = weights + (ptrdiff_t)p * 4 * hidden;
        const float *const sums = x + row * 4 * op->padded + p * 4;
        EDGEC_EACH_8(EDGEC_LSTM_BEGIN, a)
        for (int32_t k = 0; k < hidden; ++k, weight += 4 * pair) {
          const edgec_lanes b = edgec_lanes_all(before[k]);
          EDGEC_EACH_8(EDGEC_LSTM_SUM, a)
        }
        float *const cell = c + (ptrdiff_t)n * hidden + p;
        float *const last = h + (ptrdiff_t)n * hidden + p;
        float *const out = y + row * hidden + p;
        edgec_lstm_units(a0, a1, a2, a3, hidden - p, cell, last, out);
        edgec_lstm_units(a4, a5, a6, a7, hidden - p - EDGEC_LANES, cell + EDGEC_LANES, last + EDGEC_LANES, out + EDGEC_LANES);
      }
    }
    for (int32_t i = 0; i < op->batch * hidden; ++i) {
      scratch[i] = h[i];
    }
  }
}

#endif
