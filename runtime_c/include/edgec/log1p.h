/* log(1 + x), accurate near zero. Accuracy: see docs/maths.md. */
#ifndef EDGEC_LOG1P_H
#define EDGEC_LOG1P_H

#include "edgec/double_word.h"
#include "edgec/log.h"

/* Of 1 + x as a double word, the high word is split and the low one corrects it; from 2^25 and 2^54 on it does not
   count. */
EDGEC_FUNCTION float edgec_log1p_scalar_f32(float x)
{
  if (edgec_magnitude_f32(x) < 2.98023224e-8f) {
    return x;
  }
  if (!(x > -1.0f && x < 33554432.0f)) {
    return edgec_log_scalar_f32(1.0f + x);
  }
  const edgec_double_word_f32 sum = edgec_sum_f32(1.0f, x);
  const edgec_log_split_f32 split = edgec_split_f32(sum.high);
  return edgec_log_join_f32(split.n, split.m - 1.0f, sum.low * edgec_power_of_two_f32(-split.n));
}

EDGEC_FUNCTION double edgec_log1p_scalar_f64(double x)
{
  if (edgec_magnitude_f64(x) < 5.551115123125783e-17) {
    return x;
  }
  if (!(x > -1.0 && x < 18014398509481984.0)) {
    return edgec_log_scalar_f64(1.0 + x);
  }
  const edgec_double_word_f64 sum = edgec_sum_f64(1.0, x);
  const edgec_log_split_f64 split = edgec_split_f64(sum.high);
  return edgec_log_join_f64(split.n, split.m - 1.0, sum.low * edgec_power_of_two_f64(-split.n));
}

#endif
