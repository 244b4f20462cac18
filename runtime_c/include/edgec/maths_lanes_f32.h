/* Maths functions of float32 on vectors, for hosts: the methods and polynomials of the scalar ones (exp_scaled.h, tanh.h, erf.h),
   with fused products and sums. */
#ifndef EDGEC_MATHS_LANES_F32_H
#define EDGEC_MATHS_LANES_F32_H

#include "edgec/lanes_f32.h"

/* a + x b */
EDGEC_INLINE edgec_lanes edgec_lanes_step(float a, edgec_lanes x, edgec_lanes b)
{
  return edgec_lanes_fma(x, b, edgec_lanes_all(a));
}

/* exp(x) = 2^n exp(r), |r| <= ln 2 / 2, for -104 <= x <= 89. What is added to make a whole number of x / ln 2 leaves no bits behind
   the point. */
EDGEC_INLINE edgec_lanes edgec_lanes_exp_within(edgec_lanes x)
{
  const edgec_lanes whole = edgec_lanes_all(12582912.0f);
  const edgec_lanes n = edgec_lanes_fma(x, edgec_lanes_all(1.44269504f), whole) - whole;
  const edgec_lanes high = edgec_lanes_fma(n, edgec_lanes_all(-0.693145752f), x);
  const edgec_lanes r = edgec_lanes_fma(n, edgec_lanes_all(-1.42860677e-6f), high);
  const edgec_lanes q4 = edgec_lanes_step(0.00836959854f, r, edgec_lanes_all(0.00139517197f));
  const edgec_lanes q2 = edgec_lanes_step(0.166665122f, r, edgec_lanes_step(0.0416661873f, r, q4));
  const edgec_lanes q = edgec_lanes_step(0.5f, r, q2);
  return edgec_lanes_scale(edgec_lanes_step(1.0f, r, edgec_lanes_fma(r, q, edgec_lanes_all(1.0f))), n);
}

/* The same for every x: beyond these limits the result is that at the limit, infinity or 0. */
EDGEC_INLINE edgec_lanes edgec_lanes_exp(edgec_lanes x)
{
  return edgec_lanes_exp_within(edgec_lanes_min(edgec_lanes_all(89.0f), edgec_lanes_max(edgec_lanes_all(-104.0f), x)));
}

/* 1 / (1 + exp(-x)) */
EDGEC_INLINE edgec_lanes edgec_lanes_sigmoid(edgec_lanes x)
{
  const edgec_lanes one = edgec_lanes_all(1.0f);
  return one / (one + edgec_lanes_exp(edgec_lanes_all(0.0f) - x));
}

EDGEC_INLINE edgec_lanes edgec_lanes_swish(edgec_lanes x, float a)
{
  return x * edgec_lanes_sigmoid(x * edgec_lanes_all(a));
}

/* Near zero x + x^3 p(x^2), further out 1 - 2 / (exp(2|x|) + 1). */
EDGEC_INLINE edgec_lanes edgec_lanes_tanh(edgec_lanes x)
{
  const edgec_lanes size = edgec_lanes_magnitude(x);
  const edgec_lanes u = x * x;
  const edgec_lanes p2 = edgec_lanes_step(-0.0537416227f, u, edgec_lanes_step(0.0206441358f, u, edgec_lanes_all(-0.0057094968f)));
  const edgec_lanes p = edgec_lanes_step(-0.333332837f, u, edgec_lanes_step(0.133314699f, u, p2));
  const edgec_lanes near = edgec_lanes_fma(size, u * p, size);
  const edgec_lanes e = edgec_lanes_exp(size + size);
  const edgec_lanes far = edgec_lanes_all(1.0f) - edgec_lanes_all(2.0f) / (e + edgec_lanes_all(1.0f));
  return edgec_lanes_with_sign(edgec_lanes_if_below(size, edgec_lanes_all(0.625f), near, far), x);
}

/* Near zero x + x p(x^2), further out 1 - exp(q(|x|)). */
EDGEC_INLINE edgec_lanes edgec_lanes_erf(edgec_lanes x)
{
  const edgec_lanes t = edgec_lanes_magnitude(x);
  const edgec_lanes u = x * x;
  const edgec_lanes p5 = edgec_lanes_step(-0.000813743856f, u, edgec_lanes_all(0.0000834522798f));
  const edgec_lanes p3 = edgec_lanes_step(-0.0268592704f, u, edgec_lanes_step(0.00520063424f, u, p5));
  const edgec_lanes p1 = edgec_lanes_step(-0.376126349f, u, edgec_lanes_step(0.112836942f, u, p3));
  const edgec_lanes near = edgec_lanes_fma(t, edgec_lanes_step(0.128379166f, u, p1), t);
  /* From 3.92 on the result rounds to 1. */
  const edgec_lanes s = edgec_lanes_min(edgec_lanes_all(4.0f), t);
  const edgec_lanes q5 = edgec_lanes_step(-0.00304321758f, s, edgec_lanes_all(0.00019593726f));
  const edgec_lanes q3 = edgec_lanes_step(-0.1039316f, s, edgec_lanes_step(0.0222269204f, s, q5));
  const edgec_lanes q1 = edgec_lanes_step(-1.12767565f, s, edgec_lanes_step(-0.637182236f, s, q3));
  const edgec_lanes far = edgec_lanes_all(1.0f) - edgec_lanes_exp_within(edgec_lanes_step(-0.000195675413f, s, q1));
  return edgec_lanes_with_sign(edgec_lanes_if_below(t, edgec_lanes_all(0.925f), near, far), x);
}

/* x (1 + erf(x / sqrt 2)) / 2 = x (1 - erfc(t) / 2) or, below zero, x erfc(t) / 2, where t = |x| / sqrt 2. A polynomial q of degree
   8 approximates log(erfc(t)) up to 4, so that the error of erfc(t) is below 2^-23; beyond, it is taken for 0. */
EDGEC_INLINE edgec_lanes edgec_lanes_gelu(edgec_lanes x)
{
  const edgec_lanes zero = edgec_lanes_all(0.0f);
  const edgec_lanes far = edgec_lanes_all(4.0f);
  const edgec_lanes size = edgec_lanes_magnitude(x) * edgec_lanes_all(0.707106781f);
  const edgec_lanes t = edgec_lanes_min(far, size);
  const edgec_lanes q7 = edgec_lanes_step(0.000160548586f, t, edgec_lanes_all(-1.34231186e-05f));
  const edgec_lanes q5 = edgec_lanes_step(-0.00127794292f, t, edgec_lanes_step(-0.000561001293f, t, q7));
  const edgec_lanes q3 = edgec_lanes_step(-0.103175147f, t, edgec_lanes_step(0.0201939984f, t, q5));
  const edgec_lanes q1 = edgec_lanes_step(-1.12838316f, t, edgec_lanes_step(-0.636549567f, t, q3));
  const edgec_lanes e = edgec_lanes_if_below(far, size, zero, edgec_lanes_exp_within(t * q1));
  const edgec_lanes half = x * edgec_lanes_all(0.5f);
  return half * edgec_lanes_if_below(x, zero, e, edgec_lanes_all(2.0f) - e);
}

EDGEC_INLINE edgec_lanes edgec_lanes_relu(edgec_lanes x)
{
  return edgec_lanes_clamp(x, 0.0f, EDGEC_INFINITY);
}

EDGEC_INLINE edgec_lanes edgec_lanes_leaky_relu(edgec_lanes x, float a)
{
  return edgec_lanes_if_below(x, edgec_lanes_all(0.0f), x * edgec_lanes_all(a), x);
}

/* Below zero a (exp(x) - 1); near it that is a (x + x^2 q(x)), as in exp. */
EDGEC_INLINE edgec_lanes edgec_lanes_elu(edgec_lanes x, float a)
{
  const edgec_lanes q4 = edgec_lanes_step(0.00836959854f, x, edgec_lanes_all(0.00139517197f));
  const edgec_lanes q2 = edgec_lanes_step(0.166665122f, x, edgec_lanes_step(0.0416661873f, x, q4));
  const edgec_lanes near = edgec_lanes_fma(x * x, edgec_lanes_step(0.5f, x, q2), x);
  const edgec_lanes far = edgec_lanes_exp(x) - edgec_lanes_all(1.0f);
  const edgec_lanes below = edgec_lanes_if_below(x, edgec_lanes_all(-0.34f), far, near) * edgec_lanes_all(a);
  return edgec_lanes_if_below(x, edgec_lanes_all(0.0f), below, x);
}

EDGEC_INLINE edgec_lanes edgec_lanes_hard_sigmoid(edgec_lanes x, float a, float b)
{
  return edgec_lanes_clamp(edgec_lanes_fma(x, edgec_lanes_all(a), edgec_lanes_all(b)), 0.0f, 1.0f);
}

EDGEC_INLINE edgec_lanes edgec_lanes_hard_swish(edgec_lanes x)
{
  return x * (edgec_lanes_clamp(x + edgec_lanes_all(3.0f), 0.0f, 6.0f) * edgec_lanes_all((float)(1.0 / 6)));
}

EDGEC_INLINE edgec_lanes edgec_lanes_reciprocal(edgec_lanes x)
{
  return edgec_lanes_all(1.0f) / x;
}

#endif
