/* Error function. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ERF_H
#define EDGEC_ERF_H

#include "edgec/exp_scaled.h"
#include "edgec/unary.h"

/* Near zero x + x p(x^2), further out 1 - exp(q(|x|)), where q approximates log(1 - erf) and its error hardly shows; p
   and q are minimax polynomials (errors of the whole below 2^-27 and 2^-58). From 3.92 and 5.93 on the result rounds
   to 1. */
EDGEC_INLINE float edgec_erf_scalar_f32(float x)
{
  const float t = edgec_magnitude_f32(x);
  if (t < 0.925f) {
    const float u = x * x;
    const float p3 = -0.0268592704f + u * (0.00520063424f + u * (-0.000813743856f + u * 0.0000834522798f));
    return x + x * (0.128379166f + u * (-0.376126349f + u * (0.112836942f + u * p3)));
  }
  if (!(t < 3.92f)) {
    return x != x ? x : edgec_with_sign_f32(1.0f, x);
  }
  const float q3 = -0.1039316f + t * (0.0222269204f + t * (-0.00304321758f + t * 0.00019593726f));
  const float q = -0.000195675413f + t * (-1.12767565f + t * (-0.637182236f + t * q3));
  return edgec_with_sign_f32(1.0f - edgec_exp_scaled_f32(q, 0.0f, 0), x);
}

EDGEC_FUNCTION double edgec_erf_scalar_f64(double x)
{
  const double t = edgec_magnitude_f64(x);
  if (t < 0.925) {
    const double u = x * x;
    const double p9 = -1.626261909066279e-07 + u * (1.3977569700350317e-08 + u * -8.324737802603664e-10);
    const double p6 = 0.00012055317306254446 + u * (-1.4925210632712639e-05 + u * (1.6453853501165864e-06 + u * p9));
    const double p3 = -0.02686617064464571 + u * (0.005223977619936248 + u * (-0.0008548326654735986 + u * p6));
    return x + x * (0.1283791670955126 + u * (-0.37612638903183715 + u * (0.11283791670952913 + u * p3)));
  }
  if (!(t < 5.93)) {
    return x != x ? x : edgec_with_sign_f64(1.0, x);
  }
  const double q17 = -5.717181382407157e-11 + t * 1.2708166653144854e-12;
  const double q15 = -1.5767064534452116e-08 + t * (1.2042524355218135e-09 + t * q17);
  const double q12 = 4.833656986580009e-06 + t * (-9.592560006026454e-07 + t * (1.434846997814614e-07 + t * q15));
  const double q9 = -8.247150161372776e-05 + t * (5.0327780985823905e-05 + t * (-1.8355322655364303e-05 + t * q12));
  const double q6 = -0.0017319953961247915 + t * (0.000609003367995508 + t * (-2.2711373488743435e-05 + t * q9));
  const double q3 = -0.10275871237132501 + t * (0.01910088838356907 + t * (0.00024728401248691933 + t * q6));
  const double q = -9.217812971953462e-08 + t * (-1.128378196374227 + t * (-0.636624482227694 + t * q3));
  return edgec_with_sign_f64(1.0 - edgec_exp_scaled_f64(q, 0.0, 0), x);
}

EDGEC_UNARY_KERNEL(erf, f32, float, float)
EDGEC_UNARY_KERNEL(erf, f64, double, double)

#endif
