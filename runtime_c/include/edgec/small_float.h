/* Floats of 16 bits and less, which are only stored: their bit patterns to float32, exactly, and back, rounded to the
   nearest, half way to even. With integers only, so that every target gives the same bits. */
#ifndef EDGEC_SMALL_FLOAT_H
#define EDGEC_SMALL_FLOAT_H

#include "edgec/float_bits.h"

/* What a format does with the patterns at the end of its range. */
enum {
  EDGEC_FLOAT_IEEE = 0,     /* the last exponent is infinity and NaN */
  EDGEC_FLOAT_FINITE = 1,   /* all ones are NaN, there is no infinity */
  EDGEC_FLOAT_UNSIGNED = 2, /* what would be -0 is the only NaN, there is no infinity */
  EDGEC_FLOAT_NUMBERS = 3   /* there is neither */
};

/* X(suffix, storage type, exponent bits, mantissa bits, exponent's bias, kind, largest number, what follows it, NaN) */
#define EDGEC_FOR_SMALL_FLOATS(X)                                                         \
  X(f16, uint16_t, 5, 10, 15, EDGEC_FLOAT_IEEE, 0x7BFF, 0x7C00, 0x7E00)                   \
  X(bf16, uint16_t, 8, 7, 127, EDGEC_FLOAT_IEEE, 0x7F7F, 0x7F80, 0x7FC0)                  \
  X(f8e4m3fn, uint8_t, 4, 3, 7, EDGEC_FLOAT_FINITE, 0x7E, 0x7F, 0x7F)                     \
  X(f8e4m3fnuz, uint8_t, 4, 3, 8, EDGEC_FLOAT_UNSIGNED, 0x7F, 0x80, 0x80)                 \
  X(f8e5m2, uint8_t, 5, 2, 15, EDGEC_FLOAT_IEEE, 0x7B, 0x7C, 0x7E)                        \
  X(f8e5m2fnuz, uint8_t, 5, 2, 16, EDGEC_FLOAT_UNSIGNED, 0x7F, 0x80, 0x80)                \
  X(f4e2m1, uint8_t, 2, 1, 1, EDGEC_FLOAT_NUMBERS, 0x7, 0x7, 0x8)

EDGEC_INLINE float edgec_decode_small_float(uint32_t code, int32_t exponent_bits, int32_t mantissa_bits, int32_t bias,
                                            int32_t kind)
{
  const uint32_t top = (uint32_t)1 << (exponent_bits + mantissa_bits);
  const uint32_t sign = (code & top) != 0 ? EDGEC_SIGN_F32 : 0;
  const uint32_t size = code & (top - 1);
  const uint32_t infinity = top - ((uint32_t)1 << mantissa_bits);
  if (kind == EDGEC_FLOAT_IEEE && size >= infinity) {
    return edgec_from_bits_f32(sign | (size == infinity ? 0x7F800000u : 0x7FC00000u));
  }
  if ((kind == EDGEC_FLOAT_FINITE && size == top - 1) || (kind == EDGEC_FLOAT_UNSIGNED && code == top)) {
    return edgec_from_bits_f32(sign | 0x7FC00000u);
  }
  const uint32_t moved = sign | (size << (23 - mantissa_bits));
  /* As float32 this has the right mantissa, and an exponent that is too small by the difference of the biases. */
  return bias == 127 ? edgec_from_bits_f32(moved) : edgec_from_bits_f32(moved) * edgec_power_of_two_f32(127 - bias);
}

EDGEC_INLINE uint32_t edgec_encode_small_float(float x, int32_t exponent_bits, int32_t mantissa_bits, int32_t bias,
                                               int32_t kind, uint32_t largest, uint32_t beyond, uint32_t nan,
                                               int32_t saturate)
{
  const uint32_t bits = edgec_bits_f32(x);
  const uint32_t size = bits & ~EDGEC_SIGN_F32;
  const uint32_t sign = bits != size ? (uint32_t)1 << (exponent_bits + mantissa_bits) : 0;
  if (size > 0x7F800000u) {
    return kind == EDGEC_FLOAT_IEEE || kind == EDGEC_FLOAT_FINITE ? nan | sign : nan;
  }
  const uint32_t field = size >> 23;
  const uint32_t significand = (size & 0x7FFFFFu) | (field != 0 ? 0x800000u : 0);
  const int32_t exponent = (field != 0 ? (int32_t)field : 1) - 127 + bias;
  /* Below the smallest exponent bits are shifted out; 25 and more of them leave nothing. */
  const int32_t missing = exponent < 1 ? 1 - exponent : 0;
  const int32_t shift = 23 - mantissa_bits + missing < 25 ? 23 - mantissa_bits + missing : 25;
  const uint32_t half = ((uint32_t)1 << (shift - 1)) - 1 + ((significand >> shift) & 1);
  /* The leading one of the significand adds one to the exponent. */
  const uint32_t base = exponent < 1 ? 0 : (uint32_t)(exponent - 1) << mantissa_bits;
  const uint32_t code = base + ((significand + half) >> shift);
  if (code > largest) {
    return saturate ? largest | sign : beyond | sign;
  }
  return code == 0 && kind == EDGEC_FLOAT_UNSIGNED ? 0 : code | sign;
}

/* edgec_decode_<suffix> and edgec_encode_<suffix>; `saturate`: what is too large becomes the largest number. */
#define EDGEC_SMALL_FLOAT(suffix, type, exponent_bits, mantissa_bits, bias, kind, largest, beyond, nan)           \
  EDGEC_INLINE float edgec_decode_##suffix(type code)                                                             \
  {                                                                                                               \
    return edgec_decode_small_float(code, exponent_bits, mantissa_bits, bias, kind);                              \
  }                                                                                                               \
  EDGEC_INLINE type edgec_encode_##suffix(float x, int32_t saturate)                                              \
  {                                                                                                               \
    return (type)edgec_encode_small_float(x, exponent_bits, mantissa_bits, bias, kind, largest, beyond, nan,      \
                                          saturate);                                                              \
  }

EDGEC_FOR_SMALL_FLOATS(EDGEC_SMALL_FLOAT)

/* f8e8m0: code c is 2^(c - 127), 255 is NaN. */
EDGEC_INLINE float edgec_decode_f8e8m0(uint8_t code)
{
  return edgec_from_bits_f32(code == 255 ? 0x7FC00000u : code == 0 ? 0x400000u : (uint32_t)code << 23);
}

/* How a number between two powers of two becomes one. */
enum { EDGEC_POWER_UP = 0, EDGEC_POWER_DOWN = 1, EDGEC_POWER_NEAREST = 2 };

/* Beyond the range, and 0, the nearest with `saturate`, else NaN; negative numbers NaN. */
EDGEC_INLINE uint8_t edgec_encode_f8e8m0(float x, int32_t saturate, int32_t mode)
{
  const uint32_t bits = edgec_bits_f32(x);
  const uint32_t size = bits & ~EDGEC_SIGN_F32;
  if (size > 0x7F800000u || (bits != size && size != 0)) {
    return 255;
  }
  if (size < 0x400000u || size == 0x7F800000u) {
    return !saturate ? 255 : size < 0x400000u ? 0 : 254;
  }
  /* 2^-127 has no exponent field of its own. */
  const uint32_t fraction = size < 0x800000u ? (size - 0x400000u) << 1 : size & 0x7FFFFFu;
  const uint32_t least = mode == EDGEC_POWER_UP ? 1 : mode == EDGEC_POWER_NEAREST ? 0x400000u : 0x800000u;
  const uint32_t code = (size >> 23) + (fraction >= least ? 1u : 0u);
  return (uint8_t)(code == 255 && saturate ? 254 : code);
}

/* Numbers as float32 for encoding. Where that rounds, the neighbour with an odd significand is taken: rounding it again,
   to at least two bits less, gives what rounding once would. From 2^128 on it is infinity. */
EDGEC_INLINE float edgec_odd_f64(double x)
{
  const float nearest = (float)x;
  const double size = edgec_magnitude_f64(x);
  const double rounded = edgec_magnitude_f64((double)nearest);
  const uint32_t bits = edgec_bits_f32(nearest);
  if (!(size < 340282366920938463463374607431768211456.0) || !(rounded < size || rounded > size) || (bits & 1) != 0) {
    return nearest;
  }
  return edgec_from_bits_f32(rounded > size ? bits - 1 : bits + 1);
}

EDGEC_INLINE float edgec_odd_u64(uint64_t x)
{
  const uint64_t dropped = x & 0x7FF;
  const uint64_t odd = (x - dropped) | (dropped != 0 ? 0x800 : 0);
  return edgec_odd_f64((double)(x < (uint64_t)1 << 53 ? x : odd));
}

EDGEC_INLINE float edgec_odd_i64(int64_t x)
{
  return x < 0 ? -edgec_odd_u64((uint64_t)0 - (uint64_t)x) : edgec_odd_u64((uint64_t)x);
}

#endif
