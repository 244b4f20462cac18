/* tan(x) of radians. Accuracy: see docs/maths.md. */
#ifndef EDGEC_TAN_H
#define EDGEC_TAN_H

#include "edgec/trig.h"
#include "edgec/unary.h"

/* sin / cos, or -cos / sin in odd quadrants, as a quotient of double words: the first digit of a division and what it
   leaves over. */
EDGEC_FUNCTION float edgec_tan_scalar_f32(float x)
{
  if (!(edgec_magnitude_f32(x) < EDGEC_INFINITY)) {
    return EDGEC_NAN;
  }
  const edgec_angle_f32 angle = edgec_trig_reduce_f32(edgec_magnitude_f32(x));
  const edgec_double_word_f32 sine = edgec_sine_f32(angle.r);
  const edgec_double_word_f32 cosine = edgec_cosine_f32(angle.r);
  const int32_t odd = angle.quadrant % 2 != 0;
  const edgec_double_word_f32 top = odd ? edgec_fast_sum_f32(cosine.high, cosine.low) : edgec_fast_sum_f32(sine.high, sine.low);
  const edgec_double_word_f32 bottom = odd ? edgec_fast_sum_f32(sine.high, sine.low) : edgec_fast_sum_f32(cosine.high, cosine.low);
  const float ratio = top.high / bottom.high;
  const edgec_double_word_f32 back = edgec_product_f32(ratio, bottom.high);
  const float left = ((top.high - back.high) - back.low) + (top.low - ratio * bottom.low);
  const float size = ratio + left / bottom.high;
  return odd != (edgec_bits_f32(x) >> 31 != 0) ? -size : size;
}

EDGEC_FUNCTION double edgec_tan_scalar_f64(double x)
{
  if (!(edgec_magnitude_f64(x) < (double)EDGEC_INFINITY)) {
    return (double)EDGEC_NAN;
  }
  const edgec_angle_f64 angle = edgec_trig_reduce_f64(edgec_magnitude_f64(x));
  const edgec_double_word_f64 sine = edgec_sine_f64(angle.r);
  const edgec_double_word_f64 cosine = edgec_cosine_f64(angle.r);
  const int32_t odd = angle.quadrant % 2 != 0;
  const edgec_double_word_f64 top = odd ? edgec_fast_sum_f64(cosine.high, cosine.low) : edgec_fast_sum_f64(sine.high, sine.low);
  const edgec_double_word_f64 bottom = odd ? edgec_fast_sum_f64(sine.high, sine.low) : edgec_fast_sum_f64(cosine.high, cosine.low);
  const double ratio = top.high / bottom.high;
  const edgec_double_word_f64 back = edgec_product_f64(ratio, bottom.high);
  const double left = ((top.high - back.high) - back.low) + (top.low - ratio * bottom.low);
  const double size = ratio + left / bottom.high;
  return odd != (edgec_bits_f64(x) >> 63 != 0) ? -size : size;
}

EDGEC_UNARY_KERNEL(tan, f32, float, float)
EDGEC_UNARY_KERNEL(tan, f64, double, double)

#endif
