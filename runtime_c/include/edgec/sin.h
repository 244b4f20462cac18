/* sin(x) of radians. Accuracy: see docs/maths.md. */
#ifndef EDGEC_SIN_H
#define EDGEC_SIN_H

#include "edgec/trig.h"
#include "edgec/unary.h"

/* Odd quadrants are those of the cosine, the second half of a turn is negative. */
EDGEC_FUNCTION float edgec_sin_scalar_f32(float x)
{
  if (!(edgec_magnitude_f32(x) < EDGEC_INFINITY)) {
    return EDGEC_NAN;
  }
  const edgec_angle_f32 angle = edgec_trig_reduce_f32(edgec_magnitude_f32(x));
  const edgec_double_word_f32 y = angle.quadrant % 2 != 0 ? edgec_cosine_f32(angle.r) : edgec_sine_f32(angle.r);
  const float size = y.high + y.low;
  return (angle.quadrant % 4 >= 2) != (edgec_bits_f32(x) >> 31 != 0) ? -size : size;
}

EDGEC_FUNCTION double edgec_sin_scalar_f64(double x)
{
  if (!(edgec_magnitude_f64(x) < (double)EDGEC_INFINITY)) {
    return (double)EDGEC_NAN;
  }
  const edgec_angle_f64 angle = edgec_trig_reduce_f64(edgec_magnitude_f64(x));
  const edgec_double_word_f64 y = angle.quadrant % 2 != 0 ? edgec_cosine_f64(angle.r) : edgec_sine_f64(angle.r);
  const double size = y.high + y.low;
  return (angle.quadrant % 4 >= 2) != (edgec_bits_f64(x) >> 63 != 0) ? -size : size;
}

EDGEC_UNARY_KERNEL(sin, f32, float, float)
EDGEC_UNARY_KERNEL(sin, f64, double, double)

#endif
