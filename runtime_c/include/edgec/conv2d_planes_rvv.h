/* 2-D convolution of bytes to few channels with RVV: neighbouring pixels are lanes, weights are scalars.

   The rows of input that some rows of output see are written as halfwords, a plane for each channel of each row, with
   their padding. In a plane columns that are a stride apart are neighbours, so that each tap reads its pixels as they lie. */
#ifndef EDGEC_CONV2D_PLANES_RVV_H
#define EDGEC_CONV2D_PLANES_RVV_H

#include "edgec/block_rvv.h"
#include "edgec/strips.h"

/* Channels go by threes, the last ones as many as are left. */
typedef struct {
  const int32_t *offsets; /* bytes from a plane's begin to each column of the window */
  int32_t kernel_width;
  int32_t planes; /* of a window: a row's for each of its rows */
  int32_t plane;  /* bytes of a plane */
  int32_t out_width;
  int32_t out_channels;
  int32_t zero_point;
  int32_t low; /* clamp of the code */
  int32_t high;
  const int8_t *weights; /* [channels / 3][column][plane][3] */
  const int32_t *codes;  /* [channel][3]: bias, multiplier, shift less 32 */
  const int32_t *phases; /* [stride][3]: the first column's bytes from a row's begin, how many there are, where they go */
  int32_t stride_x;
  int32_t stride;
  int32_t kernel_rows;
  int32_t channels;
  int32_t x_zero; /* what padding is */
} edgec_conv2d_planes_rvv;

EDGEC_ASSEMBLY void edgec_fill16_rvv(EDGEC_ARGUMENT int16_t *to, EDGEC_ARGUMENT int32_t value,
                                     EDGEC_ARGUMENT int32_t count)
{
  __asm__("vsetvli t0, zero, e16, m8, ta, ma\n"
          "vmv.v.x v0, a1\n"
          "1:\n"
          "vsetvli t0, a2, e16, m8, ta, ma\n"
          "sub a2, a2, t0\n"
          "vse16.v v0, (a0)\n"
          "slli t1, t0, 1\n"
          "add a0, a0, t1\n"
          "bnez a2, 1b\n"
          "ret\n");
}

/* `count` columns of a row, `step` bytes apart, to a plane for each channel. */
EDGEC_ASSEMBLY void edgec_planes_rvv(EDGEC_ARGUMENT int16_t *to, EDGEC_ARGUMENT int32_t plane,
                                     EDGEC_ARGUMENT const int8_t *from, EDGEC_ARGUMENT int32_t step,
                                     EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t channels)
{
  __asm__("blez a4, 3f\n"
          "1:\n"
          "mv t1, a0\n"
          "mv t2, a2\n"
          "mv t3, a4\n"
          "2:\n"
          "vsetvli t0, t3, e16, m8, ta, ma\n"
          "vlse8.v v0, (t2), a3\n"
          "mul t4, t0, a3\n"
          "slli t5, t0, 1\n"
          "vsext.vf2 v8, v0\n"
          "sub t3, t3, t0\n"
          "vse16.v v8, (t1)\n"
          "add t2, t2, t4\n"
          "add t1, t1, t5\n"
          "bnez t3, 2b\n"
          "add a0, a0, a1\n"
          "addi a2, a2, 1\n"
          "addi a5, a5, -1\n"
          "bnez a5, 1b\n"
          "3:\n"
          "ret\n");
}

/* A row of output of some channels, whose first one's is at a2, from planes at a1, weights at a3 and codes at a4. `size`: bytes
   of a tap's weights; `tap(at)` has them `at` bytes behind t2 and computes sums v0, v8 and v16 from pixels v24.
   s0 offsets, s1 columns of the window, s2 its planes, s3 bytes of a plane, s4 pixels that are left, s5 channels, s6 zero
   point, t0 pixels in lanes, t5 the tap's pixels */
#define EDGEC_RVV_PLANES(size, each, tap)    \
  __asm__(EDGEC_RVV_SAVE                     \
          "csrwi vxrm, 0\n" /* half way up */ \
          "ld s0, 0(a0)\n"                   \
          "lw s1, 8(a0)\n"                   \
          "lw s2, 12(a0)\n"                  \
          "lw s3, 16(a0)\n"                  \
          "lw s4, 20(a0)\n"                  \
          "lw s5, 24(a0)\n"                  \
          "lw s6, 28(a0)\n"                  \
          "1:\n"                             \
          "vsetvli t0, s4, e32, m8, ta, ma\n" \
          each(EDGEC_RVV_BIAS)               \
          "vsetvli zero, zero, e16, m4, ta, ma\n" \
          "mv t2, a3\n"                      \
          "mv t3, s0\n"                      \
          "mv t4, s1\n"                      \
          "2:\n"                             \
          "lw t5, 0(t3)\n"                   \
          "addi t3, t3, 4\n"                 \
          "add t5, t5, a1\n"                 \
          "srli t6, s2, 2\n"                 \
          "beqz t6, 4f\n"                    \
          "3:\n"                             \
          tap("0*" size)                     \
          tap("1*" size)                     \
          tap("2*" size)                     \
          tap("3*" size)                     \
          "addi t2, t2, 4*" size "\n"        \
          "addi t6, t6, -1\n"                \
          "bnez t6, 3b\n"                    \
          "4:\n"                             \
          "andi t6, s2, 3\n"                 \
          "beqz t6, 6f\n"                    \
          "5:\n"                             \
          tap("0")                           \
          "addi t2, t2, " size "\n"          \
          "addi t6, t6, -1\n"                \
          "bnez t6, 5b\n"                    \
          "6:\n"                             \
          "addi t4, t4, -1\n"                \
          "bnez t4, 2b\n"                    \
          "vsetvli zero, zero, e32, m8, ta, ma\n" \
          each(EDGEC_RVV_MULTIPLY)           \
          "vsetvli zero, zero, e16, m4, ta, ma\n" \
          each(EDGEC_RVV_SHIFT)              \
          "vsetvli zero, zero, e8, m2, ta, ma\n" \
          each(EDGEC_RVV_STORE)              \
          "slli t1, t0, 1\n"                 \
          "add a1, a1, t1\n"                 \
          "mul t1, t0, s5\n"                 \
          "add a2, a2, t1\n"                 \
          "sub s4, s4, t0\n"                 \
          "bnez s4, 1b\n"                    \
          EDGEC_RVV_RETURN)

/* What is done for a channel, the `number`-th one, by its sums. */
#define EDGEC_RVV_BIAS(number, sums) \
  "lw t1, 12*" number "(a4)\n"       \
  "vmv.v.x " sums ", t1\n"

#define EDGEC_RVV_MULTIPLY(number, sums) \
  "lw t1, 12*" number "+4(a4)\n"         \
  "vmulh.vx " sums ", " sums ", t1\n"

#define EDGEC_RVV_SHIFT(number, sums)   \
  "lw t1, 12*" number "+8(a4)\n"        \
  "vnclip.wx " sums ", " sums ", t1\n"  \
  "vsadd.vx " sums ", " sums ", s6\n"

#define EDGEC_RVV_STORE(number, sums)   \
  "vnclip.wi " sums ", " sums ", 0\n"   \
  "addi t1, a2, " number "\n"           \
  "vsse8.v " sums ", (t1), s5\n"

#define EDGEC_RVV_EACH1(what) what("0", "v0")
#define EDGEC_RVV_EACH2(what) EDGEC_RVV_EACH1(what) what("1", "v8")
#define EDGEC_RVV_EACH3(what) EDGEC_RVV_EACH2(what) what("2", "v16")

#define EDGEC_RVV_PLANE1(at)   \
  "vle16.v v24, (t5)\n"        \
  "lb a5, " at "(t2)\n"        \
  "add t5, t5, s3\n"           \
  "vwmacc.vx v0, a5, v24\n"

#define EDGEC_RVV_PLANE2(at)   \
  "lb a6, " at "+1(t2)\n"      \
  EDGEC_RVV_PLANE1(at)         \
  "vwmacc.vx v8, a6, v24\n"

/* 8 instructions for a tap, which are 96 products with vectors of 128 bits. */
#define EDGEC_RVV_PLANE3(at)   \
  "lb a7, " at "+2(t2)\n"      \
  EDGEC_RVV_PLANE2(at)         \
  "vwmacc.vx v16, a7, v24\n"

#define EDGEC_RVV_CHANNELS(count)                                                                                \
  EDGEC_ASSEMBLY void edgec_channels##count##_rvv(                                                               \
      EDGEC_ARGUMENT const edgec_conv2d_planes_rvv *op, EDGEC_ARGUMENT const int16_t *x, EDGEC_ARGUMENT int8_t *y, \
      EDGEC_ARGUMENT const int8_t *weights, EDGEC_ARGUMENT const int32_t *codes)                                 \
  {                                                                                                              \
    EDGEC_RVV_PLANES(#count, EDGEC_RVV_EACH##count, EDGEC_RVV_PLANE##count);                                     \
  }

EDGEC_RVV_CHANNELS(1)
EDGEC_RVV_CHANNELS(2)
EDGEC_RVV_CHANNELS(3)

/* `out_rows` rows of output from pointers to all rows of input that their windows span (NULL: a row of padding). scratch: the
   planes of these rows. */
EDGEC_FUNCTION void edgec_conv2d_planes_rvv_i8(const edgec_conv2d_planes_rvv *op, const int8_t *const *rows,
                                               int32_t out_rows, int8_t *y, void *scratch)
{
  int16_t *const x = (int16_t *)scratch;
  const int32_t row = op->plane / 2 * op->channels;
  const int32_t in_rows = (out_rows - 1) * op->stride + op->kernel_rows;
  const int32_t taps = op->kernel_width * op->planes;
  edgec_fill16_rvv(x, op->x_zero, in_rows * row);
  for (int32_t r = 0; r < in_rows; ++r) {
    for (int32_t p = 0; p < op->stride_x && rows[r] != NULL; ++p) {
      const int32_t *const phase = op->phases + 3 * p;
      edgec_planes_rvv(x + (r * row + phase[2]), op->plane, rows[r] + phase[0], op->stride_x * op->channels, phase[1],
                       op->channels);
    }
  }
  for (int32_t r = 0; r < out_rows; ++r) {
    const int16_t *const from = x + r * op->stride * row;
    int8_t *const to = y + r * op->out_width * op->out_channels;
    for (int32_t c = 0; c < op->out_channels; c += 3) {
      const int8_t *const weights = op->weights + c * taps;
      const int32_t *const codes = op->codes + 3 * c;
      if (op->out_channels - c >= 3) {
        edgec_channels3_rvv(op, from, to + c, weights, codes);
      } else if (op->out_channels - c == 2) {
        edgec_channels2_rvv(op, from, to + c, weights, codes);
      } else {
        edgec_channels1_rvv(op, from, to + c, weights, codes);
      }
    }
  }
  edgec_clamp_rvv(op->low, op->high, y, out_rows * op->out_width * op->out_channels);
}

#endif
