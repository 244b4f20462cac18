/* The core of the logarithms: x = 2^n m, and log(1 + f). */
#ifndef EDGEC_LOG_PARTS_H
#define EDGEC_LOG_PARTS_H

#include "edgec/double_word.h"
#include "edgec/float_bits.h"

typedef struct {
  float m;
  int32_t n;
} edgec_log_split_f32;

typedef struct {
  double m;
  int32_t n;
} edgec_log_split_f64;

/* A positive finite x as 2^n m with 2/3 <= m < 4/3: about 1, so that n ln 2 + log m never cancels much. */
EDGEC_INLINE edgec_log_split_f32 edgec_split_f32(float x)
{
  const int32_t tiny = x < 1.17549435e-38f;
  const uint32_t bits = edgec_bits_f32(tiny ? x * 16777216.0f : x);
  const int32_t n = (int32_t)((bits + (0x3F800000u - 0x3F2AAAABu)) >> 23) - 127;
  edgec_log_split_f32 split;
  split.m = edgec_from_bits_f32(bits - ((uint32_t)n << 23));
  split.n = tiny ? n - 24 : n;
  return split;
}

EDGEC_INLINE edgec_log_split_f64 edgec_split_f64(double x)
{
  const int32_t tiny = x < 2.2250738585072014e-308;
  const uint64_t bits = edgec_bits_f64(tiny ? x * 18014398509481984.0 : x);
  const int32_t n = (int32_t)((bits + (0x3FF0000000000000u - 0x3FE5555555555555u)) >> 52) - 1023;
  edgec_log_split_f64 split;
  split.m = edgec_from_bits_f64(bits - ((uint64_t)(int64_t)n << 52));
  split.n = tiny ? n - 54 : n;
  return split;
}

/* n ln 2 + log(1 + f + tail) for -1/3 <= f <= 1/3 and a tail that corrects f or, for n = 0, takes its place.
   With g = f + tail and s = g / (2 + g), log(1 + g) = log((1 + s) / (1 - s)) = 2 s + s u q(u) where u = s^2, q is a
   minimax polynomial (error of the whole below 2^-35 and 2^-62) and 2 s = g - s g: with f in front, the errors of g and
   of the division hardly show. ln 2 is in two parts, of which n times the first is exact. */
EDGEC_INLINE float edgec_log_join_f32(int32_t n, float f, float tail)
{
  const float whole = (float)n;
  const float g = f + tail;
  const float s = g / (2.0f + g);
  const float u = s * s;
  const float q = 0.666666627f + u * (0.400008619f + u * (0.285071313f + u * 0.240984827f));
  const edgec_double_word_f32 sum = edgec_fast_sum_f32(whole * 0.693145752f, f);
  return sum.high + (sum.low - (s * (g - u * q) - (whole * 1.42860677e-6f + tail)));
}

EDGEC_INLINE double edgec_log_join_f64(int32_t n, double f, double tail)
{
  const double whole = (double)n;
  const double g = f + tail;
  const double s = g / (2.0 + g);
  const double u = s * s;
  const double q5 = 0.15391072079490523 + u * (0.13174268269942915 + u * 0.13838520897925086);
  const double q2 = 0.2857142855600781 + u * (0.22222224276082075 + u * (0.1818166709775051 + u * q5));
  const double q = 0.666666666666666 + u * (0.4000000000005594 + u * q2);
  const edgec_double_word_f64 sum = edgec_fast_sum_f64(whole * 0.6931471805598903, f);
  return sum.high + (sum.low - (s * (g - u * q) - (whole * 5.497923018708371e-14 + tail)));
}

#endif
