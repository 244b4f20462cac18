/* The core of sin, cos and tan: a quarter turn around zero. */
#ifndef EDGEC_TRIG_H
#define EDGEC_TRIG_H

#include "edgec/trig_reduce.h"

/* sin and cos of r.high + r.low for |r| <= pi / 4, each as a high word and what is left of the sum:
     sin = r + r u s(u), cos = 1 - u / 2 + u^2 c(u), u = r^2,
   s and c minimax polynomials (float32: errors below 2^-28 and 2^-33; float64: 2^-68 and 2^-64). The low word counts by
   the first derivative: low cos r = low (1 - u / 2), -low sin r = -low r. */
EDGEC_INLINE edgec_double_word_f32 edgec_sine_f32(edgec_double_word_f32 r)
{
  const float u = r.high * r.high;
  const float s = -0.166666552f + u * (0.0083321603f + u * -0.000195152665f);
  const edgec_double_word_f32 sine = {r.high, r.high * (u * s) + r.low * (1.0f - 0.5f * u)};
  return sine;
}

EDGEC_INLINE edgec_double_word_f64 edgec_sine_f64(edgec_double_word_f64 r)
{
  const double u = r.high * r.high;
  const double s4 = -2.5052104881257954e-08 + u * (1.6058363085278722e-10 + u * -7.578536139975354e-13);
  const double s2 = -0.00019841269841254795 + u * (2.7557319214062673e-06 + u * s4);
  const double s = -0.16666666666666666 + u * (0.008333333333333323 + u * s2);
  const edgec_double_word_f64 sine = {r.high, r.high * (u * s) + r.low * (1.0 - 0.5 * u)};
  return sine;
}

EDGEC_INLINE edgec_double_word_f32 edgec_cosine_f32(edgec_double_word_f32 r)
{
  const float u = r.high * r.high;
  const float c = 0.0416666456f + u * (-0.00138873165f + u * 2.44331677e-05f);
  const float high = 1.0f - 0.5f * u;
  const edgec_double_word_f32 cosine = {high, ((1.0f - high) - 0.5f * u) + (u * u * c - r.high * r.low)};
  return cosine;
}

EDGEC_INLINE edgec_double_word_f64 edgec_cosine_f64(edgec_double_word_f64 r)
{
  const double u = r.high * r.high;
  const double c3 = -2.755731417816872e-07 + u * (2.0875700680138167e-09 + u * -1.1358527726343088e-11);
  const double c = 0.041666666666666595 + u * (-0.0013888888888873051 + u * (2.4801587288848034e-05 + u * c3));
  const double high = 1.0 - 0.5 * u;
  const edgec_double_word_f64 cosine = {high, ((1.0 - high) - 0.5 * u) + (u * u * c - r.high * r.low)};
  return cosine;
}

#endif
