/* cos(x) of radians. Accuracy: see docs/maths.md. */
#ifndef EDGEC_COS_H
#define EDGEC_COS_H

#include "edgec/trig.h"
#include "edgec/unary.h"

/* Odd quadrants are those of the sine, the second and third quarter of a turn are negative. */
EDGEC_FUNCTION float edgec_cos_scalar_f32(float x)
{
  if (!(edgec_magnitude_f32(x) < EDGEC_INFINITY)) {
    return EDGEC_NAN;
  }
  const edgec_angle_f32 angle = edgec_trig_reduce_f32(edgec_magnitude_f32(x));
  const edgec_double_word_f32 y = angle.quadrant % 2 != 0 ? edgec_sine_f32(angle.r) : edgec_cosine_f32(angle.r);
  return (angle.quadrant + 1) % 4 >= 2 ? -(y.high + y.low) : y.high + y.low;
}

EDGEC_FUNCTION double edgec_cos_scalar_f64(double x)
{
  if (!(edgec_magnitude_f64(x) < (double)EDGEC_INFINITY)) {
    return (double)EDGEC_NAN;
  }
  const edgec_angle_f64 angle = edgec_trig_reduce_f64(edgec_magnitude_f64(x));
  const edgec_double_word_f64 y = angle.quadrant % 2 != 0 ? edgec_sine_f64(angle.r) : edgec_cosine_f64(angle.r);
  return (angle.quadrant + 1) % 4 >= 2 ? -(y.high + y.low) : y.high + y.low;
}

EDGEC_UNARY_KERNEL(cos, f32, float, float)
EDGEC_UNARY_KERNEL(cos, f64, double, double)

#endif
