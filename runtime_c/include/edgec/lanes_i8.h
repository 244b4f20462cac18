/* Sums of products of bytes in vectors of hosts. Kernels are written once, over what one of these headers has:

   EDGEC_SUMS, EDGEC_GROUP   lanes of a vector of sums; products that join a lane at a time
   EDGEC_OFFSET              added to x in scratch, which biases take off again
   edgec_input               an element of x in scratch
   edgec_spread, edgec_dot   a group of x in every lane, and its products with groups of weights added to sums
   edgec_widen               bytes of x as edgec_input
   edgec_interleave          rows of bytes as groups, of x or as weights; up to 63 groups behind them are written, too
   edgec_rescaled, edgec_store_codes  codes of sums, to the bit those of requantize.h for shifts of 33 and more */
#ifndef EDGEC_LANES_I8_H
#define EDGEC_LANES_I8_H

#if defined(__AVX512VNNI__)
#include "edgec/lanes_vnni.h"
#elif defined(__AVX512BW__)
#include "edgec/lanes_i8x16.h"
#elif defined(__AVX2__)
#include "edgec/lanes_i8x8.h"
#elif defined(__ARM_FEATURE_DOTPROD)
#include "edgec/lanes_sdot.h"
#elif defined(__aarch64__)
#include "edgec/lanes_i8x4.h"
#endif

/* An element of x in scratch. */
EDGEC_INLINE edgec_input edgec_widened(int32_t x)
{
  return (edgec_input)(x + EDGEC_OFFSET);
}

/* The bits of 3 * 2^22: floats next to it are integers. */
#define EDGEC_MAGIC 0x4b400000

/* Sums as codes, which are not saturated yet. `floats`: by float32 arithmetic, with a scale in the place of the multiplier and
   that number in what is added, where code generation proves that it gives the same codes. */
EDGEC_INLINE edgec_vector edgec_coded_sums(edgec_vector sums, const edgec_scales *scales, int32_t floats)
{
  if (floats) {
    const edgec_floats scale = (edgec_floats)scales->multiplier;
    return (edgec_vector)edgec_fused(edgec_to_floats(sums), scale, (edgec_floats)scales->rounding) - EDGEC_MAGIC;
  }
  return edgec_rescaled(sums, scales);
}

/* A sum of two tensors: `begin` makes up for zero points and for rounding; of a difference b's multiplier is negative. */
typedef struct {
  int32_t begin;
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t shift;
  int32_t zero_point;
  int32_t low;
  int32_t high;
} edgec_add_i8;

/* Codes to the elements of y from `place` on, within limits; those of its sum with another tensor where there is one. */
EDGEC_INLINE void edgec_end(edgec_vector codes, int32_t low, int32_t high, const edgec_add_i8 *sum, const int8_t *other,
                            int8_t *y, ptrdiff_t place, int32_t count)
{
  if (sum == NULL) {
    edgec_store_codes(codes, 0, low, high, y + place, count);
  } else {
    const edgec_vector own = edgec_limited(codes, low, high) * sum->a_multiplier;
    const edgec_vector total = own + edgec_load_bytes(other + place, count) * sum->b_multiplier + sum->begin;
    edgec_store_codes(total >> sum->shift, sum->zero_point, sum->low, sum->high, y + place, count);
  }
}

/* The first place from there on whose address is a multiple of 64. */
EDGEC_INLINE void *edgec_line(void *place)
{
  return (unsigned char *)place + (64 - ((uintptr_t)place & 63)) % 64;
}

#endif
