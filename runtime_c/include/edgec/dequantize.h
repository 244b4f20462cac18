/* Stored integers, or floats of 8 and 4 bits, to the numbers that they stand for: y = (x - zero_point) * scale. */
#ifndef EDGEC_DEQUANTIZE_H
#define EDGEC_DEQUANTIZE_H

#include "edgec/scaled.h"
#include "edgec/soft_float.h"

EDGEC_INLINE float edgec_soft_number(int32_t n, float scale, const edgec_soft_scale *soft)
{
  return soft->exponent == 0 ? (float)n * scale : edgec_soft_product(n, soft);
}

/* Define kernel edgec_dequantize_<suffix>; zero_point may be NULL, which is 0. */
#define EDGEC_DEQUANTIZE_KERNEL(suffix, type)                                                                         \
  EDGEC_KERNEL void edgec_dequantize_##suffix(const edgec_scaled *op, const type *x, const float *scale,              \
                                              const type *zero_point, float *y)                                       \
  {                                                                                                                   \
    if (EDGEC_SOFT_FLOAT && sizeof(type) == 1 && edgec_long_runs(op)) {                                               \
      EDGEC_SCALED_RUNS(const edgec_soft_scale soft = edgec_soft_scale_of(scale[s]);                                  \
                        const int32_t zero = zero_point == NULL ? 0 : (int32_t)zero_point[s];                         \
                        , y[n] = edgec_soft_number(x[n] - zero, scale[s], &soft))                                     \
    } else {                                                                                                          \
      EDGEC_SCALED_LOOPS(y[n] = (float)(x[n] - (zero_point == NULL ? 0 : zero_point[s])) * scale[s])                  \
    }                                                                                                                 \
  }

EDGEC_DEQUANTIZE_KERNEL(i8, int8_t)
EDGEC_DEQUANTIZE_KERNEL(u8, uint8_t)
EDGEC_DEQUANTIZE_KERNEL(i16, int16_t)
EDGEC_DEQUANTIZE_KERNEL(u16, uint16_t)

/* Define kernel edgec_dequantize_<suffix> of what has no zero point. */
#define EDGEC_DEQUANTIZE_PLAIN_KERNEL(suffix, type, decode)                                                           \
  EDGEC_KERNEL void edgec_dequantize_##suffix(const edgec_scaled *op, const type *x, const float *scale, float *y)    \
  {                                                                                                                   \
    EDGEC_SCALED_LOOPS(y[n] = decode(x[n]) * scale[s])                                                                \
  }

EDGEC_DEQUANTIZE_PLAIN_KERNEL(i32, int32_t, (float))
EDGEC_DEQUANTIZE_PLAIN_KERNEL(f8e4m3fn, uint8_t, edgec_decode_f8e4m3fn)
EDGEC_DEQUANTIZE_PLAIN_KERNEL(f8e4m3fnuz, uint8_t, edgec_decode_f8e4m3fnuz)
EDGEC_DEQUANTIZE_PLAIN_KERNEL(f8e5m2, uint8_t, edgec_decode_f8e5m2)
EDGEC_DEQUANTIZE_PLAIN_KERNEL(f8e5m2fnuz, uint8_t, edgec_decode_f8e5m2fnuz)
EDGEC_DEQUANTIZE_PLAIN_KERNEL(f4e2m1, uint8_t, edgec_decode_f4e2m1)

#endif
