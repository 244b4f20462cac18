/* Error function, float32. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ERF_F32_H
#define EDGEC_ERF_F32_H

#include "edgec/exp_f32.h"

/* Near zero x + x p(x^2), further out 1 - exp(q(|x|)), where q approximates log(1 - erf) and its error hardly shows; p
   and q are minimax polynomials of degree 6. From 3.92 on the result rounds to 1. */
EDGEC_INLINE float edgec_erf_f32(float x)
{
  const float size = x < 0.0f ? -x : x;
  if (size < 0.925f) {
    const float u = x * x;
    const float low = 0.128379166f + u * (-0.376126349f + u * (0.112836942f + u * -0.0268592704f));
    const float p = low + u * u * (u * u * (0.00520063424f + u * (-0.000813743856f + u * 0.0000834522798f)));
    return x + x * p;
  }
  if (size > 3.92f) {
    return x < 0.0f ? -1.0f : 1.0f;
  }
  const float high = 0.0222269204f + size * (-0.00304321758f + size * 0.00019593726f);
  const float q = -0.1039316f + size * high;
  const float result =
      1.0f - edgec_exp_f32(-0.000195675413f + size * (-1.12767565f + size * (-0.637182236f + size * q)));
  return x != x ? x : (x < 0.0f ? -result : result);
}

#endif
