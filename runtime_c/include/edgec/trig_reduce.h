/* Reduction of an angle to a quarter turn, exact for every argument.

   After Payne and Hanek, Radian reduction for trigonometric functions (1983): x = M 2^E with an integer M. Of M times
   the binary digits of 2 / pi, only those matter that are worth less than a whole turn; they are multiplied as
   integers. That is as exact at 1e30 as at 1, has the same bits everywhere, and on a core without floating-point
   hardware costs less than subtracting multiples of pi / 2. */
#ifndef EDGEC_TRIG_REDUCE_H
#define EDGEC_TRIG_REDUCE_H

#include "edgec/double_word.h"

/* |x| = quadrant * pi / 2 + r, |r| <= pi / 4 and a little, r as a double word. The quadrant counts modulo 4. */
typedef struct {
  edgec_double_word_f32 r;
  uint32_t quadrant;
} edgec_angle_f32;

typedef struct {
  edgec_double_word_f64 r;
  uint32_t quadrant;
} edgec_angle_f64;

/* 64 zeros, then the digits of 2 / pi behind the point. */
static const uint32_t edgec_two_over_pi[40] = {
    0x00000000u, 0x00000000u, 0xA2F9836Eu, 0x4E441529u, 0xFC2757D1u, 0xF534DDC0u, 0xDB629599u, 0x3C439041u,
    0xFE5163ABu, 0xDEBBC561u, 0xB7246E3Au, 0x424DD2E0u, 0x06492EEAu, 0x09D1921Cu, 0xFE1DEB1Cu, 0xB129A73Eu,
    0xE88235F5u, 0x2EBB4484u, 0xE99C7026u, 0xB45F7E41u, 0x3991D639u, 0x835339F4u, 0x9C845F8Bu, 0xBDF9283Bu,
    0x1FF897FFu, 0xDE05980Fu, 0xEF2F118Bu, 0x5A0A6D1Fu, 0x6D367ECFu, 0x27CB09B7u, 0x4F463F66u, 0x9E5FEA2Du,
    0x7527BAC7u, 0xEBE5F17Bu, 0x3D0739F7u, 0x8A5292EAu, 0x6BFB5FB1u, 0x1F8D5D08u, 0x56033046u, 0xFC7B6BABu,
};

/* product += factor * (`count` words of the table from digit `first` on), modulo 2^(32 count); words from the top. */
EDGEC_INLINE void edgec_add_turns(uint32_t *product, int32_t count, int32_t first, uint32_t factor)
{
  const uint32_t *const word = edgec_two_over_pi + first / 32;
  const int32_t shift = first % 32;
  uint32_t carry = 0;
  for (int32_t i = count - 1; i >= 0; --i) {
    const uint32_t digits = (uint32_t)((((uint64_t)word[i] << 32) | word[i + 1]) >> (32 - shift));
    const uint64_t sum = (uint64_t)digits * factor + product[i] + carry;
    product[i] = (uint32_t)sum;
    carry = (uint32_t)(sum >> 32);
  }
}

/* Half of the 128 bits of a * b that count most; it may be two too low. */
EDGEC_INLINE uint64_t edgec_multiply_high(uint64_t a, uint64_t b)
{
  const uint64_t a1 = a >> 32;
  const uint64_t a0 = a & 0xFFFFFFFFu;
  const uint64_t b1 = b >> 32;
  const uint64_t b0 = b & 0xFFFFFFFFu;
  return a1 * b1 + ((a1 * b0) >> 32) + ((a0 * b1) >> 32);
}

/* For 0 <= x < infinity. The product has 2 bits of the quadrant before the point and 94 behind it, of which 62 are
   kept: no float32 comes closer to a multiple of pi / 2 than 2^-30. */
EDGEC_FUNCTION edgec_angle_f32 edgec_trig_reduce_f32(float x)
{
  edgec_angle_f32 angle = {{x, 0.0f}, 0};
  if (x > 0.785398185f) {
    const uint32_t bits = edgec_bits_f32(x);
    uint32_t product[3] = {0, 0, 0};
    edgec_add_turns(product, 3, (int32_t)(bits >> 23) - 150 + 62, (bits & 0x007FFFFFu) | 0x00800000u);
    const uint64_t turns = ((uint64_t)product[0] << 32) | product[1];
    angle.quadrant = (uint32_t)((turns + ((uint64_t)1 << 61)) >> 62);
    uint64_t part = turns - ((uint64_t)angle.quadrant << 62);
    const float sign = part >> 63 != 0 ? -1.0f : 1.0f;
    part = part >> 63 != 0 ? 0 - part : part;
    /* r = part 2^-62 pi / 2. The first 24 bits of the product are the high word, the last 8 the low one. */
    const int32_t zeros = __builtin_clzll(part | 1);
    const uint32_t r = (uint32_t)(((part << zeros) >> 32) * 0xC90FDAA2u >> 32);
    const float scale = sign * edgec_power_of_two_f32(-29 - zeros);
    angle.r.high = (float)(r & 0xFFFFFF00u) * scale;
    angle.r.low = (float)(r & 0x000000FFu) * scale;
  }
  return angle;
}

/* For 0 <= x < infinity. 2 bits before the point and 190 behind it, of which 126 are kept: no float64 comes closer to a
   multiple of pi / 2 than 2^-62. */
EDGEC_FUNCTION edgec_angle_f64 edgec_trig_reduce_f64(double x)
{
  edgec_angle_f64 angle = {{x, 0.0}, 0};
  if (x > 0.7853981633974483) {
    const uint64_t bits = edgec_bits_f64(x);
    const int32_t first = (int32_t)(bits >> 52) - 1075 + 62;
    uint32_t product[6] = {0, 0, 0, 0, 0, 0};
    edgec_add_turns(product, 6, first, (uint32_t)bits);
    edgec_add_turns(product, 5, first + 32, (uint32_t)((bits >> 32) & 0x000FFFFFu) | 0x00100000u);
    const uint64_t turns = ((uint64_t)product[0] << 32) | product[1];
    uint64_t rest = ((uint64_t)product[2] << 32) | product[3];
    angle.quadrant = (uint32_t)((turns + ((uint64_t)1 << 61)) >> 62);
    uint64_t part = turns - ((uint64_t)angle.quadrant << 62);
    const double sign = part >> 63 != 0 ? -1.0 : 1.0;
    if (part >> 63 != 0) {
      part = ~part;
      rest = ~rest;
    }
    int32_t zeros = 0;
    if (part == 0) {
      part = rest;
      rest = 0;
      zeros = 64;
    }
    const int32_t shift = __builtin_clzll(part | 1);
    part = shift == 0 ? part : (part << shift) | (rest >> (64 - shift));
    zeros += shift;
    /* r = part 2^(-62 - zeros) pi / 2: 53 bits in the high word, the last 11 in the low one. */
    const uint64_t r = edgec_multiply_high(part, 0xC90FDAA22168C235u);
    const double scale = sign * edgec_power_of_two_f64(-61 - zeros);
    angle.r.high = (double)(r & 0xFFFFFFFFFFFFF800u) * scale;
    angle.r.low = (double)(r & 0x00000000000007FFu) * scale;
  }
  return angle;
}

#endif
