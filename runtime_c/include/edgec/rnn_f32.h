/* Simple recurrent layer, float32. */
#ifndef EDGEC_RNN_F32_H
#define EDGEC_RNN_F32_H

#include "edgec/recurrent_f32.h"

/* h' = f(w x + r h + bias). matrix: that of `dense`, [hidden][inputs + hidden]. y: all h; h: the last.
   scratch: batch * (inputs + 2 * hidden) floats. lengths and h0 may be NULL. */
EDGEC_KERNEL void edgec_rnn_f32(const edgec_recurrent *op, edgec_activation f, edgec_recurrent_dense *dense, const float *x, const int32_t *lengths,
                                const float *h0, const void *matrix, float *y, float *h,
                                float *scratch)
{
  const int32_t hidden = op->hidden;
  const int32_t width = op->inputs + hidden;
  float *const gates = scratch + (ptrdiff_t)op->batch * width;
  edgec_recurrent_begin_f32(op, h0, h);
  for (int32_t s = 0; s < op->steps; ++s) {
    const int32_t t = edgec_recurrent_step(op, s);
    edgec_recurrent_join_f32(op, x + (ptrdiff_t)t * op->batch * op->inputs, h, scratch);
    dense(matrix, op->batch, scratch, gates);
    for (int32_t b = 0; b < op->batch; ++b) {
      for (int32_t j = b * hidden; edgec_recurrent_runs(lengths, b, t) && j < (b + 1) * hidden; ++j) {
        h[j] = edgec_recurrent_activate_f32(op, f, gates[j]);
      }
    }
    edgec_recurrent_output_f32(op, lengths, t, h, y);
  }
}

#endif
