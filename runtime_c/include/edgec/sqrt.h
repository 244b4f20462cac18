/* Square root, correctly rounded: the same bits from the processor's instruction and from the integer method. */
#ifndef EDGEC_SQRT_H
#define EDGEC_SQRT_H

#include "edgec/float_bits.h"
#include "edgec/unary.h"

/* The instruction, where there is one, as an asm statement: for __builtin_sqrt compilers may call a C library's sqrt,
   which sets errno. */
#if defined(__GNUC__) || defined(__clang__)
#if defined(__SSE2__)
#define EDGEC_SQRT_ASM_F32(y, x) __asm__("sqrtss %1, %0" : "=x"(y) : "x"(x))
#define EDGEC_SQRT_ASM_F64(y, x) __asm__("sqrtsd %1, %0" : "=x"(y) : "x"(x))
#elif defined(__aarch64__)
#define EDGEC_SQRT_ASM_F32(y, x) __asm__("fsqrt %s0, %s1" : "=w"(y) : "w"(x))
#define EDGEC_SQRT_ASM_F64(y, x) __asm__("fsqrt %d0, %d1" : "=w"(y) : "w"(x))
#elif defined(__arm__) && defined(__ARM_FP) && !defined(__SOFTFP__)
#if (__ARM_FP & 4) != 0
#define EDGEC_SQRT_ASM_F32(y, x) __asm__("vsqrt.f32 %0, %1" : "=t"(y) : "t"(x))
#endif
#if (__ARM_FP & 8) != 0
#define EDGEC_SQRT_ASM_F64(y, x) __asm__("vsqrt.f64 %P0, %P1" : "=w"(y) : "w"(x))
#endif
#elif defined(__riscv_flen)
#define EDGEC_SQRT_ASM_F32(y, x) __asm__("fsqrt.s %0, %1" : "=f"(y) : "f"(x))
#if __riscv_flen >= 64
#define EDGEC_SQRT_ASM_F64(y, x) __asm__("fsqrt.d %0, %1" : "=f"(y) : "f"(x))
#endif
#endif
#endif

/* The root of a positive finite number by the school method, one bit a step. The number is m 2^e with an even e, and
   with N = 2^25 m, floor(sqrt(N)) has one bit more than the result. That bit rounds: the root of an even N is odd only
   where it is not exact, so that nothing lies half way. left = (N - root^2) / bit. */
EDGEC_FUNCTION float edgec_sqrt_integer_f32(float x)
{
  const int32_t tiny = x < 1.17549435e-38f;
  const uint32_t bits = edgec_bits_f32(tiny ? x * 16777216.0f : x);
  const int32_t exponent = (int32_t)(bits >> 23) - 127;
  const int32_t odd = exponent % 2 != 0;
  const int32_t half = (exponent - odd) / 2 - (tiny ? 12 : 0);
  uint32_t left = ((bits & 0x007FFFFFu) | 0x00800000u) << (odd ? 2 : 1);
  uint32_t root = 0;
  for (uint32_t bit = (uint32_t)1 << 24; bit != 0; bit >>= 1) {
    const uint32_t step = 2 * root + bit;
    if (step <= left) {
      left -= step;
      root += bit;
    }
    left <<= 1;
  }
  return edgec_from_bits_f32(((uint32_t)(half + 126) << 23) + ((root + 1) >> 1));
}

/* The same with N = 2^54 m. */
EDGEC_FUNCTION double edgec_sqrt_integer_f64(double x)
{
  const int32_t tiny = x < 2.2250738585072014e-308;
  const uint64_t bits = edgec_bits_f64(tiny ? x * 18014398509481984.0 : x);
  const int32_t exponent = (int32_t)(bits >> 52) - 1023;
  const int32_t odd = exponent % 2 != 0;
  const int32_t half = (exponent - odd) / 2 - (tiny ? 27 : 0);
  uint64_t left = ((bits & 0x000FFFFFFFFFFFFFu) | 0x0010000000000000u) << (odd ? 2 : 1);
  uint64_t root = 0;
  for (uint64_t bit = (uint64_t)1 << 53; bit != 0; bit >>= 1) {
    const uint64_t step = 2 * root + bit;
    if (step <= left) {
      left -= step;
      root += bit;
    }
    left <<= 1;
  }
  return edgec_from_bits_f64(((uint64_t)(uint32_t)(half + 1022) << 52) + ((root + 1) >> 1));
}

EDGEC_INLINE float edgec_sqrt_scalar_f32(float x)
{
  if (!(x > 0.0f && x < EDGEC_INFINITY)) {
    return x < 0.0f ? EDGEC_NAN : x;
  }
#if defined(EDGEC_SQRT_ASM_F32)
  float root;
  EDGEC_SQRT_ASM_F32(root, x);
  return root;
#else
  return edgec_sqrt_integer_f32(x);
#endif
}

EDGEC_INLINE double edgec_sqrt_scalar_f64(double x)
{
  if (!(x > 0.0 && x < (double)EDGEC_INFINITY)) {
    return x < 0.0 ? (double)EDGEC_NAN : x;
  }
#if defined(EDGEC_SQRT_ASM_F64)
  double root;
  EDGEC_SQRT_ASM_F64(root, x);
  return root;
#else
  return edgec_sqrt_integer_f64(x);
#endif
}

EDGEC_UNARY_KERNEL(sqrt, f32, float, float)
EDGEC_UNARY_KERNEL(sqrt, f64, double, double)

#endif
