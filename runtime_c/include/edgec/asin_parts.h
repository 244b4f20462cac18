/* The core of asin and acos. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ASIN_PARTS_H
#define EDGEC_ASIN_PARTS_H

#include "edgec/double_word.h"
#include "edgec/sqrt.h"

/* (asin(x) - x) / x of u = x^2 <= 1/4: minimax polynomials, the error of asin below 2^-31 and 2^-59. */
EDGEC_INLINE float edgec_asin_polynomial_f32(float u)
{
  const float p3 = 0.0318176746f + u * (0.0144023234f + u * 0.037565615f);
  return u * (0.166666597f + u * (0.0750051066f + u * (0.0445157178f + u * p3)));
}

EDGEC_INLINE double edgec_asin_polynomial_f64(double u)
{
  const double p11 = -0.02107685435944039 + u * 0.03267663901612779;
  const double p9 = 0.003683192430907826 + u * (0.02176316211401481 + u * p11);
  const double p6 = 0.013980960358875348 + u * (0.011397784291535564 + u * (0.010786485929321434 + u * p9));
  const double p3 = 0.03038194268384135 + u * (0.02237221565443494 + u * (0.017351600189826767 + u * p6));
  return u * (0.16666666666666763 + u * (0.07499999999970268 + u * (0.04464285717511581 + u * p3)));
}

/* asin(sqrt((1 - size) / 2)) for 1/2 <= size <= 1, as a double word; 1 - size is exact. What the root lacks is
   (z - root^2) / (2 root). */
EDGEC_INLINE edgec_double_word_f32 edgec_asin_half_f32(float size)
{
  const float z = 0.5f * (1.0f - size);
  const float root = edgec_sqrt_scalar_f32(z);
  const edgec_double_word_f32 square = edgec_product_f32(root, root);
  const float lost = z > 0.0f ? ((z - square.high) - square.low) / (2.0f * root) : 0.0f;
  const edgec_double_word_f32 angle = {root, root * edgec_asin_polynomial_f32(z) + lost};
  return angle;
}

EDGEC_INLINE edgec_double_word_f64 edgec_asin_half_f64(double size)
{
  const double z = 0.5 * (1.0 - size);
  const double root = edgec_sqrt_scalar_f64(z);
  const edgec_double_word_f64 square = edgec_product_f64(root, root);
  const double lost = z > 0.0 ? ((z - square.high) - square.low) / (2.0 * root) : 0.0;
  const edgec_double_word_f64 angle = {root, root * edgec_asin_polynomial_f64(z) + lost};
  return angle;
}

#endif
