/* The core of the logarithms: x = 2^n m, and log(1 + f). */
#ifndef EDGEC_LOG_PARTS_H
#define EDGEC_LOG_PARTS_H

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

/* n ln 2 + log(1 + f) for -1/3 <= f <= 1/3. With s = f / (2 + f), log(1 + f) = log((1 + s) / (1 - s)) = 2s + s u q(u)
   where u = s^2, q is a minimax polynomial (error of the whole below 2^-28 and 2^-62) and 2s = f - s f: written with f
   in front, the error of the division hardly shows. ln 2 is in two parts, of which n times the first is exact. */
EDGEC_INLINE float edgec_log_join_f32(int32_t n, float f)
{
  const float whole = (float)n;
  const float s = f / (2.0f + f);
  const float u = s * s;
  const float q = 0.666669488f + u * (0.399578273f + u * 0.303605169f);
  return whole * 0.693145752f + (f - (s * (f - u * q) - whole * 1.42860677e-6f));
}

EDGEC_INLINE double edgec_log_join_f64(int32_t n, double f)
{
  const double whole = (double)n;
  const double s = f / (2.0 + f);
  const double u = s * s;
  const double high = 0.1818166709775051 + u * (0.15391072079490523 + u * (0.13174268269942915 + u * 0.13838520897925086));
  const double q = 0.666666666666666 + u * (0.4000000000005594 + u * (0.2857142855600781 + u * (0.22222224276082075 + u * high)));
  return whole * 0.6931471805598903 + (f - (s * (f - u * q) - whole * 5.497923018708371e-14));
}

#endif
