/* Long short-term memory, float32. */
#ifndef EDGEC_LSTM_F32_H
#define EDGEC_LSTM_F32_H

#include "edgec/recurrent_f32.h"

/* Gates i, o, f, n: c' = f * c + i * g(n), h' = o * k(c'); with `coupled` f is 1 - i. matrix: that of `dense`,
   [4 * hidden][inputs + hidden]. peepholes: [3][hidden], of i, o and f, or NULL. y: all h; h and c: the last ones.
   scratch: batch * (inputs + 5 * hidden) floats. lengths, h0 and c0 may be NULL. */
EDGEC_KERNEL void edgec_lstm_f32(const edgec_recurrent *op, edgec_activation f, edgec_activation g, edgec_activation k,
                                 int32_t coupled, edgec_recurrent_dense *dense, const float *x, const int32_t *lengths, const float *h0,
                                 const float *c0, const void *matrix, const float *peepholes,
                                 float *y, float *h, float *c, float *scratch)
{
  const int32_t hidden = op->hidden;
  const int32_t width = op->inputs + hidden;
  float *const gates = scratch + (ptrdiff_t)op->batch * width;
  edgec_recurrent_begin_f32(op, h0, h);
  edgec_recurrent_begin_f32(op, c0, c);
  for (int32_t s = 0; s < op->steps; ++s) {
    const int32_t t = edgec_recurrent_step(op, s);
    edgec_recurrent_join_f32(op, x + (ptrdiff_t)t * op->batch * op->inputs, h, scratch);
    dense(matrix, op->batch, scratch, gates);
    for (int32_t b = 0; b < op->batch; ++b) {
      const float *const gate = gates + (ptrdiff_t)b * 4 * hidden;
      for (int32_t j = 0; edgec_recurrent_runs(lengths, b, t) && j < hidden; ++j) {
        float *const cell = c + (ptrdiff_t)b * hidden + j;
        const float to_i = peepholes != NULL ? peepholes[j] * *cell : 0.0f;
        const float to_f = peepholes != NULL ? peepholes[2 * hidden + j] * *cell : 0.0f;
        const float in = edgec_recurrent_activate_f32(op, f, gate[j] + to_i);
        const float keep = coupled ? 1.0f - in : edgec_recurrent_activate_f32(op, f, gate[2 * hidden + j] + to_f);
        *cell = keep * *cell + in * edgec_recurrent_activate_f32(op, g, gate[3 * hidden + j]);
        const float to_o = peepholes != NULL ? peepholes[hidden + j] * *cell : 0.0f;
        const float out = edgec_recurrent_activate_f32(op, f, gate[hidden + j] + to_o);
        h[(ptrdiff_t)b * hidden + j] = out * edgec_activate_f32(k, *cell); /* not clamped, as in onnxruntime */
      }
    }
    edgec_recurrent_output_f32(op, lengths, t, h, y);
  }
}

#endif
