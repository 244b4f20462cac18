/* What recurrent layers have in common, float32.

   A step joins what comes in and the hidden state into one vector, so that all gates are one dense layer: a sum takes its
   bias, then the products of the inputs, then those of the hidden state. */
#ifndef EDGEC_RECURRENT_F32_H
#define EDGEC_RECURRENT_F32_H

#include "edgec/activation.h"
#include "edgec/dense_f32.h"
#include "edgec/memory.h"

typedef struct {
  int32_t steps;
  int32_t batch;
  int32_t inputs;
  int32_t hidden;
  int32_t reverse; /* 1: from the last step to the first */
  float clip;      /* what goes into an activation is within -clip .. clip */
} edgec_recurrent;

/* The index of the s-th step that runs. */
EDGEC_INLINE int32_t edgec_recurrent_step(const edgec_recurrent *op, int32_t s)
{
  return op->reverse ? op->steps - 1 - s : s;
}

/* Set a state to its initial value: zero where there is none. */
EDGEC_INLINE void edgec_recurrent_begin_f32(const edgec_recurrent *op, const float *initial, float *state)
{
  for (int32_t i = 0; i < op->batch * op->hidden; ++i) {
    state[i] = initial != NULL ? initial[i] : 0.0f;
  }
}

/* joined[b] = x[b], then h[b]. */
EDGEC_INLINE void edgec_recurrent_join_f32(const edgec_recurrent *op, const float *x, const float *h, float *joined)
{
  for (int32_t b = 0; b < op->batch; ++b) {
    EDGEC_MEMCPY(joined, x + (ptrdiff_t)b * op->inputs, (size_t)op->inputs * sizeof(float));
    EDGEC_MEMCPY(joined + op->inputs, h + (ptrdiff_t)b * op->hidden, (size_t)op->hidden * sizeof(float));
    joined += op->inputs + op->hidden;
  }
}

/* y[p] = bias + matrix x[p], for all of a batch; what a matrix is depends on the function. */
typedef void edgec_recurrent_dense(const void *matrix, int32_t batch, const float *x, float *y);

/* The weights are those of edgec_dense_f32. */
typedef struct {
  edgec_dense dense;
  const float *weights;
  const float *bias;
} edgec_recurrent_matrix;

EDGEC_INLINE void edgec_recurrent_dense_f32(const void *matrix, int32_t batch, const float *x, float *y)
{
  const edgec_recurrent_matrix *const of = (const edgec_recurrent_matrix *)matrix;
  edgec_dense_f32(&of->dense, batch, x, of->weights, of->bias, y);
}

EDGEC_INLINE float edgec_recurrent_activate_f32(const edgec_recurrent *op, edgec_activation function, float x)
{
  return edgec_activate_f32(function, edgec_clamp_f32(x, -op->clip, op->clip));
}

/* Whether step t of a sequence of the batch exists. */
EDGEC_INLINE int edgec_recurrent_runs(const int32_t *lengths, int32_t b, int32_t t)
{
  return lengths == NULL || t < lengths[b];
}

/* Put the hidden states of step t where they belong: zeros beyond a sequence's length. */
EDGEC_INLINE void edgec_recurrent_output_f32(const edgec_recurrent *op, const int32_t *lengths, int32_t t,
                                             const float *h, float *y)
{
  for (int32_t b = 0; b < op->batch; ++b) {
    const int runs = edgec_recurrent_runs(lengths, b, t);
    for (int32_t j = 0; j < op->hidden; ++j) {
      y[((ptrdiff_t)t * op->batch + b) * op->hidden + j] = runs ? h[(ptrdiff_t)b * op->hidden + j] : 0.0f;
    }
  }
}

#endif
