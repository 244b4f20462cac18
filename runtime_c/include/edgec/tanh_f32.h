/* Hyperbolic tangent, float32. Accuracy: see docs/maths.md. */
#ifndef EDGEC_TANH_F32_H
#define EDGEC_TANH_F32_H

#include "edgec/exp_f32.h"

/* Near zero x + x^3 p(x^2), p a minimax polynomial of degree 4; further out 1 - 2 / (exp(2|x|) + 1), where the error of
   exp hardly shows. From 9.02 on the result rounds to 1. */
EDGEC_INLINE float edgec_tanh_scalar_f32(float x)
{
  const float size = x < 0.0f ? -x : x;
  if (size < 0.625f) {
    const float u = x * x;
    const float p = -0.333332837f + u * (0.133314699f + u * (-0.0537416227f + u * (0.0206441358f + u * -0.0057094968f)));
    return x + x * (u * p);
  }
  const float result = size > 9.02f ? 1.0f : 1.0f - 2.0f / (edgec_exp_f32(2.0f * size) + 1.0f);
  return x < 0.0f ? -result : result;
}

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_tanh_f32(const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = edgec_tanh_scalar_f32(x[i]);
  }
}

#endif
