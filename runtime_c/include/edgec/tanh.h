/* Hyperbolic tangent. Accuracy: see docs/maths.md. */
#ifndef EDGEC_TANH_H
#define EDGEC_TANH_H

#include "edgec/double_word.h"
#include "edgec/exp.h"
#include "edgec/expm1.h"
#include "edgec/unary.h"

/* Near zero x + x^3 p(x^2), p a minimax polynomial of degree 4; further out 1 - 2 / (exp(2|x|) + 1), where the error of
   exp hardly shows. From 9.02 on the result rounds to 1. */
EDGEC_INLINE float edgec_tanh_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (size < 0.625f) {
    const float u = x * x;
    const float p2 = -0.0537416227f + u * (0.0206441358f + u * -0.0057094968f);
    const float p = -0.333332837f + u * (0.133314699f + u * p2);
    return edgec_with_sign_f32(size + size * (u * p), x);
  }
  if (size > 9.02f) {
    return edgec_with_sign_f32(1.0f, x);
  }
  return x != x ? x : edgec_with_sign_f32(1.0f - 2.0f / (edgec_exp_scalar_f32(2.0f * size) + 1.0f), x);
}

/* Near zero (exp(2|x|) - 1) / (exp(2|x|) + 1); further out as above. From 19.1 on the result rounds to 1. */
EDGEC_FUNCTION double edgec_tanh_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (size < 0.5) {
    const edgec_double_word_f64 top = {edgec_expm1_scalar_f64(2.0 * size), 0.0};
    const edgec_double_word_f64 ratio = edgec_quotient_f64(top, edgec_fast_sum_f64(2.0, top.high));
    return edgec_with_sign_f64(ratio.high + ratio.low, x);
  }
  if (size > 19.1) {
    return edgec_with_sign_f64(1.0, x);
  }
  return x != x ? x : edgec_with_sign_f64(1.0 - 2.0 / (edgec_exp_scalar_f64(2.0 * size) + 1.0), x);
}

EDGEC_UNARY_KERNEL(tanh, f32, float, float)
EDGEC_UNARY_KERNEL(tanh, f64, double, double)

#endif
