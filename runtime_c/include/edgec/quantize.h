/* Numbers to the integers, or floats of 8 and 4 bits, that stand for them: y = saturate(round(x / scale) + zero_point). */
#ifndef EDGEC_QUANTIZE_H
#define EDGEC_QUANTIZE_H

#include "edgec/round.h"
#include "edgec/scaled.h"
#include "edgec/soft_float.h"

/* What the quotient is rounded to before it is rounded to an integer. */
enum { EDGEC_PRECISION_F32 = 0, EDGEC_PRECISION_F16 = 1, EDGEC_PRECISION_BF16 = 2 };

EDGEC_INLINE float edgec_quotient(float x, float scale, int32_t precision)
{
  const float q = x / scale;
  return precision == EDGEC_PRECISION_F16    ? edgec_decode_f16(edgec_encode_f16(q, 0))
         : precision == EDGEC_PRECISION_BF16 ? edgec_decode_bf16(edgec_encode_bf16(q, 0))
                                             : q;
}

/* saturate(round(x) + zero_point) within low .. high, which are 16 bits at most; half way to even, NaN gives the zero
   point. Clamped before it becomes an integer: every limit is one, and a float without rounding. */
EDGEC_INLINE int32_t edgec_rounded(float x, int32_t zero_point, int32_t low, int32_t high)
{
  const float smallest = (float)(low - zero_point);
  const float largest = (float)(high - zero_point);
  if (x != x) {
    return zero_point;
  }
  const float whole = edgec_round_scalar_f32(x);
  return (int32_t)(whole < smallest ? smallest : whole > largest ? largest : whole) + zero_point;
}

/* For the few that integers do not decide. */
EDGEC_FUNCTION int32_t edgec_rounded_quotient(float x, float scale, int32_t zero_point, int32_t low, int32_t high)
{
  return edgec_rounded(x / scale, zero_point, low, high);
}

EDGEC_INLINE int32_t edgec_soft_rounded(float x, float scale, const edgec_soft_scale *soft, int32_t zero_point, int32_t low,
                                        int32_t high)
{
  int32_t quotient = 0;
  if (!edgec_soft_quotient(edgec_bits_f32(x), soft, &quotient)) {
    return edgec_rounded_quotient(x, scale, zero_point, low, high);
  }
  const int32_t code = quotient + zero_point;
  return code < low ? low : code > high ? high : code;
}

/* Define kernel edgec_quantize_<suffix>; zero_point may be NULL, which is 0. */
#define EDGEC_QUANTIZE_KERNEL(suffix, type)                                                                           \
  EDGEC_KERNEL void edgec_quantize_##suffix(const edgec_scaled *op, int32_t precision, int32_t low, int32_t high,     \
                                            const float *x, const float *scale, const type *zero_point, type *y)      \
  {                                                                                                                   \
    if (EDGEC_SOFT_FLOAT && precision == EDGEC_PRECISION_F32 && edgec_long_runs(op)) {                                \
      EDGEC_SCALED_RUNS(const edgec_soft_scale soft = edgec_soft_scale_of(scale[s]);                                  \
                        const int32_t zero = zero_point == NULL ? 0 : (int32_t)zero_point[s];                         \
                        , y[n] = (type)edgec_soft_rounded(x[n], scale[s], &soft, zero, low, high))                    \
    } else {                                                                                                          \
      EDGEC_SCALED_LOOPS(y[n] = (type)edgec_rounded(edgec_quotient(x[n], scale[s], precision),                        \
                                                    zero_point == NULL ? 0 : (int32_t)zero_point[s], low, high))      \
    }                                                                                                                 \
  }

EDGEC_QUANTIZE_KERNEL(i8, int8_t)
EDGEC_QUANTIZE_KERNEL(u8, uint8_t)
EDGEC_QUANTIZE_KERNEL(i16, int16_t)
EDGEC_QUANTIZE_KERNEL(u16, uint16_t)

/* Define kernel edgec_quantize_<suffix> to floats, which have no zero point. */
#define EDGEC_QUANTIZE_FLOAT_KERNEL(suffix)                                                                           \
  EDGEC_KERNEL void edgec_quantize_##suffix(const edgec_scaled *op, int32_t precision, int32_t saturate,              \
                                            const float *x, const float *scale, uint8_t *y)                           \
  {                                                                                                                   \
    EDGEC_SCALED_LOOPS(y[n] = edgec_encode_##suffix(edgec_quotient(x[n], scale[s], precision), saturate))             \
  }

EDGEC_QUANTIZE_FLOAT_KERNEL(f8e4m3fn)
EDGEC_QUANTIZE_FLOAT_KERNEL(f8e4m3fnuz)
EDGEC_QUANTIZE_FLOAT_KERNEL(f8e5m2)
EDGEC_QUANTIZE_FLOAT_KERNEL(f8e5m2fnuz)
EDGEC_QUANTIZE_FLOAT_KERNEL(f4e2m1)

#endif
