/* The core of exp and of what is made of it. */
#ifndef EDGEC_EXP_SCALED_H
#define EDGEC_EXP_SCALED_H

#include "edgec/float_bits.h"

/* A sum n ln 2 + r + lost. */
typedef struct {
  float r, lost;
  int32_t n;
} edgec_exp_reduced_f32;

typedef struct {
  double r, lost;
  int32_t n;
} edgec_exp_reduced_f64;

/* x + tail = n ln 2 + r + lost with |r| <= ln 2 / 2 (Cody and Waite: ln 2 in two parts, of which n times the first is
   exact); `lost` is what rounding took from r. For |x| <= 150. */
EDGEC_INLINE edgec_exp_reduced_f32 edgec_exp_reduce_f32(float x, float tail)
{
  edgec_exp_reduced_f32 reduced;
  const float scaled = x * 1.44269504f;
  reduced.n = (int32_t)(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f);
  const float whole = (float)reduced.n;
  const float high = x - whole * 0.693145752f;
  const float low = whole * 1.42860677e-6f - tail;
  reduced.r = high - low;
  reduced.lost = (high - reduced.r) - low;
  return reduced;
}

/* The same for |x| <= 1000. */
EDGEC_INLINE edgec_exp_reduced_f64 edgec_exp_reduce_f64(double x, double tail)
{
  edgec_exp_reduced_f64 reduced;
  const double scaled = x * 1.4426950408889634;
  reduced.n = (int32_t)(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
  const double whole = (double)reduced.n;
  const double high = x - whole * 0.6931471805598903;
  const double low = whole * 5.497923018708371e-14 - tail;
  reduced.r = high - low;
  reduced.lost = (high - reduced.r) - low;
  return reduced;
}

/* (exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 2: minimax polynomials, the error of exp below 2^-28 and 2^-64. */
EDGEC_INLINE float edgec_exp_polynomial_f32(float r)
{
  return 0.5f + r * (0.166665122f + r * (0.0416661873f + r * (0.00836959854f + r * 0.00139517197f)));
}

EDGEC_INLINE double edgec_exp_polynomial_f64(double r)
{
  const double q8 = 2.7557580069304923e-07 + r * (2.511203678395326e-08 + r * 2.0827122755394637e-09);
  const double q5 = 0.00019841269896387 + r * (2.4801586929055e-05 + r * (2.755723486088709e-06 + r * q8));
  const double q2 = 0.0416666666666661 + r * (0.008333333333317032 + r * (0.0013888888889114072 + r * q5));
  return 0.5 + r * (0.16666666666666682 + r * q2);
}

/* exp(x + tail) * 2^scale = (1 + r + r^2 q(r)) 2^n, for a small tail and scale, |x| <= 150. What rounding takes from r
   and from 1 + r is added with the small terms, so that little more than the last rounding is left. The power of two is
   applied in two halves, so that results below 2^-126 are rounded once more and those next to overflow do not overflow
   early. */
EDGEC_INLINE float edgec_exp_scaled_f32(float x, float tail, int32_t scale)
{
  const edgec_exp_reduced_f32 reduced = edgec_exp_reduce_f32(x, tail);
  const float r = reduced.r;
  const float sum = 1.0f + r;
  const float mantissa = sum + (((1.0f - sum) + r) + (r * r * edgec_exp_polynomial_f32(r) + reduced.lost));
  const int32_t n = reduced.n + scale;
  const int32_t half = n / 2;
  return mantissa * edgec_power_of_two_f32(half) * edgec_power_of_two_f32(n - half);
}

/* The same for |x| <= 1000. */
EDGEC_FUNCTION double edgec_exp_scaled_f64(double x, double tail, int32_t scale)
{
  const edgec_exp_reduced_f64 reduced = edgec_exp_reduce_f64(x, tail);
  const double r = reduced.r;
  const double sum = 1.0 + r;
  const double mantissa = sum + (((1.0 - sum) + r) + (r * r * edgec_exp_polynomial_f64(r) + reduced.lost));
  const int32_t n = reduced.n + scale;
  const int32_t half = n / 2;
  return mantissa * edgec_power_of_two_f64(half) * edgec_power_of_two_f64(n - half);
}

#endif
