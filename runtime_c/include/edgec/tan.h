/* tan(x) of radians. Accuracy: see docs/maths.md. */
#ifndef EDGEC_TAN_H
#define EDGEC_TAN_H

#include "edgec/trig.h"
#include "edgec/unary.h"

/* sin / cos, or -cos / sin in odd quadrants, as a quotient of double words. */
EDGEC_FUNCTION float edgec_tan_scalar_f32(float x)
{
  if (!(edgec_magnitude_f32(x) < EDGEC_INFINITY)) {
    return EDGEC_NAN;
  }
  const edgec_angle_f32 angle = edgec_trig_reduce_f32(edgec_magnitude_f32(x));
  edgec_double_word_f32 sine = edgec_sine_f32(angle.r);
  sine = edgec_fast_sum_f32(sine.high, sine.low);
  edgec_double_word_f32 cosine = edgec_cosine_f32(angle.r);
  cosine = edgec_fast_sum_f32(cosine.high, cosine.low);
  const int32_t odd = angle.quadrant % 2 != 0;
  const edgec_double_word_f32 ratio = odd ? edgec_quotient_f32(cosine, sine) : edgec_quotient_f32(sine, cosine);
  const float size = ratio.high + ratio.low;
  return odd != (edgec_bits_f32(x) >> 31 != 0) ? -size : size;
}

EDGEC_FUNCTION double edgec_tan_scalar_f64(double x)
{
  if (!(edgec_magnitude_f64(x) < (double)EDGEC_INFINITY)) {
    return (double)EDGEC_NAN;
  }
  const edgec_angle_f64 angle = edgec_trig_reduce_f64(edgec_magnitude_f64(x));
  edgec_double_word_f64 sine = edgec_sine_f64(angle.r);
  sine = edgec_fast_sum_f64(sine.high, sine.low);
  edgec_double_word_f64 cosine = edgec_cosine_f64(angle.r);
  cosine = edgec_fast_sum_f64(cosine.high, cosine.low);
  const int32_t odd = angle.quadrant % 2 != 0;
  const edgec_double_word_f64 ratio = odd ? edgec_quotient_f64(cosine, sine) : edgec_quotient_f64(sine, cosine);
  const double size = ratio.high + ratio.low;
  return odd != (edgec_bits_f64(x) >> 63 != 0) ? -size : size;
}

EDGEC_UNARY_KERNEL(tan, f32, float, float)
EDGEC_UNARY_KERNEL(tan, f64, double, double)

#endif
