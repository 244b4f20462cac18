/* Gated recurrent unit, float32. */
#ifndef EDGEC_GRU_F32_H
#define EDGEC_GRU_F32_H

#include "edgec/recurrent_f32.h"

/* Gates z and r, then the candidate n; h' = (1 - z) * n + z * h. Matrices of `dense`: of z and r
   [2 * hidden][inputs + hidden], of n's inputs [hidden][inputs], of n's states [hidden][hidden]. `before`: the states' product is taken first and then reset, else the states are reset first.
   y: all h; h: the last. scratch: batch * (inputs + 6 * hidden) floats. lengths and h0 may be NULL. */
EDGEC_KERNEL void edgec_gru_f32(const edgec_recurrent *op, edgec_activation f, edgec_activation g, int32_t before, edgec_recurrent_dense *dense,
                                const float *x, const int32_t *lengths, const float *h0, const void *matrix,
                                const void *input_matrix, const void *state_matrix, float *y,
                                float *h, float *scratch)
{
  const int32_t hidden = op->hidden;
  const int32_t width = op->inputs + hidden;
  const ptrdiff_t states = (ptrdiff_t)op->batch * hidden;
  float *const gates = scratch + (ptrdiff_t)op->batch * width;
  float *const from_inputs = gates + 2 * states;
  float *const from_states = from_inputs + states;
  float *const reset = from_states + states;
  edgec_recurrent_begin_f32(op, h0, h);
  for (int32_t s = 0; s < op->steps; ++s) {
    const int32_t t = edgec_recurrent_step(op, s);
    const float *const now = x + (ptrdiff_t)t * op->batch * op->inputs;
    edgec_recurrent_join_f32(op, now, h, scratch);
    dense(matrix, op->batch, scratch, gates);
    for (int32_t b = 0; b < op->batch; ++b) {
      for (int32_t j = 0; j < hidden; ++j) {
        float *const gate = gates + (ptrdiff_t)b * 2 * hidden + j;
        const ptrdiff_t place = (ptrdiff_t)b * hidden + j;
        gate[0] = edgec_recurrent_activate_f32(op, f, gate[0]);
        gate[hidden] = edgec_recurrent_activate_f32(op, f, gate[hidden]);
        reset[place] = before ? h[place] : gate[hidden] * h[place];
      }
    }
    dense(input_matrix, op->batch, now, from_inputs);
    dense(state_matrix, op->batch, reset, from_states);
    for (int32_t b = 0; b < op->batch; ++b) {
      for (int32_t j = 0; edgec_recurrent_runs(lengths, b, t) && j < hidden; ++j) {
        const float z = gates[(ptrdiff_t)b * 2 * hidden + j];
        const float r = before ? gates[(ptrdiff_t)b * 2 * hidden + hidden + j] : 1.0f;
        const ptrdiff_t place = (ptrdiff_t)b * hidden + j;
        const float n = edgec_recurrent_activate_f32(op, g, from_inputs[place] + r * from_states[place]);
        h[place] = (1.0f - z) * n + z * h[place];
      }
    }
    edgec_recurrent_output_f32(op, lengths, t, h, y);
  }
}

#endif
