/* 2-D convolution and dense, float32, with RVV. Lanes are output channels, or pixels of a row where those fill vectors
   better. A sum starts at the bias and takes its products in the order ky, kx, input channel. */
#ifndef EDGEC_CONV2D_RVV_F32_H
#define EDGEC_CONV2D_RVV_F32_H

#include "edgec/matmul.h"
#include "edgec/strips.h"
#include "edgec/vectors_rvv.h"

/* One layer. */
typedef struct {
  edgec_padded_rvv padded;
  const float *weights; /* channels in lanes: [taps][out]; pixels in lanes: [out][taps] */
  const float *bias;    /* channels in lanes: NULL where there is none */
  float low; /* clamp of the result */
  float high;
  edgec_windows_rvv windows;
} edgec_conv2d_rvv_f32;

/* Windows at x0 and, if there are `two`, x1: `lanes` output channels of each. */
EDGEC_INLINE void edgec_channels_rvv_f32(const edgec_conv2d_rvv_f32 *op, int32_t two, const float *x0, const float *x1,
                                         const float *weights, const float *bias, float *y0, float *y1, size_t lanes)
{
  const ptrdiff_t size = sizeof(float);
  vfloat32m8_t a = bias == NULL ? __riscv_vfmv_v_f_f32m8(0.0f, lanes) : __riscv_vle32_v_f32m8(bias, lanes);
  vfloat32m8_t b = a;
  for (int32_t row = 0; row < op->windows.kernel_rows; ++row) {
    for (int32_t run = 0; run < op->windows.runs; ++run) {
      edgec_run_rvv_f32(two, &a, &b, &weights, size * op->windows.out_channels, size, &x0, &x1, op->windows.run, lanes);
      x0 += op->windows.skip;
      x1 += op->windows.skip;
    }
    x0 += op->windows.turn;
    x1 += op->windows.turn;
  }
  __riscv_vse32_v_f32m8(y0, edgec_clamped_rvv(a, op->low, op->high, lanes), lanes);
  if (two) {
    __riscv_vse32_v_f32m8(y1, edgec_clamped_rvv(b, op->low, op->high, lanes), lanes);
  }
}

/* Rows of output by windows that lie in x, with output channels in lanes; one group. */
EDGEC_KERNEL void edgec_windows_channels_rvv_f32(const edgec_conv2d_rvv_f32 *op, const float *x, int32_t rows, float *y)
{
  const int32_t outs = op->windows.out_channels;
  int32_t column = 0;
  for (int32_t left = rows * op->windows.out_width; left > 0; left -= 2, y += 2 * outs) {
    const float *const x0 = x + column * op->windows.pixel;
    if (++column == op->windows.out_width) {
      column = 0;
      x += op->windows.row;
    }
    const float *const x1 = x + column * op->windows.pixel;
    size_t lanes;
    for (int32_t o = 0; o < outs; o += (int32_t)lanes) {
      lanes = __riscv_vsetvl_e32m8((size_t)(outs - o));
      const float *const bias = op->bias == NULL ? NULL : op->bias + o;
      if (left > 1) {
        edgec_channels_rvv_f32(op, 1, x0, x1, op->weights + o, bias, y + o, y + outs + o, lanes);
      } else {
        edgec_channels_rvv_f32(op, 0, x0, x0, op->weights + o, bias, y + o, NULL, lanes);
      }
    }
    if (++column == op->windows.out_width) {
      column = 0;
      x += op->windows.row;
    }
  }
}

/* edgec_matmul_f32: rows of a are pixels, b is their weights. */
EDGEC_KERNEL void edgec_matmul_rvv_f32(const edgec_matmul *op, const float *a, const float *b, float *y)
{
  const edgec_conv2d_rvv_f32 product = {
      {0, 0, 0, 0, 0, 0, 0}, b, NULL, -EDGEC_INFINITY, EDGEC_INFINITY,
      {op->rows, op->columns, 1, 0, op->inner, 0, 1, 1, op->inner, 1, 0, 0}};
  edgec_windows_channels_rvv_f32(&product, a, 1, y);
}

/* Output channel o and, if there are `two`, the next: `lanes` pixels of each, from x on. */
EDGEC_INLINE void edgec_pixels_rvv_f32(const edgec_conv2d_rvv_f32 *op, int32_t two, const float *x, int32_t o, float *y,
                                       size_t lanes)
{
  const ptrdiff_t taps = (ptrdiff_t)op->windows.kernel_rows * op->windows.runs * op->windows.run;
  const ptrdiff_t size = sizeof(float);
  const ptrdiff_t to = size * op->windows.out_channels;
  const float *w0 = op->weights + o * taps;
  const float *w1 = w0 + taps;
  vfloat32m8_t a = __riscv_vfmv_v_f_f32m8(op->bias[o], lanes);
  vfloat32m8_t b = a;
  if (two) {
    b = __riscv_vfmv_v_f_f32m8(op->bias[o + 1], lanes);
  }
  for (int32_t row = 0; row < op->windows.kernel_rows; ++row) {
    for (int32_t run = 0; run < op->windows.runs; ++run) {
      edgec_run_rvv_f32(two, &a, &b, &x, size * op->windows.tap, size * op->windows.pixel, &w0, &w1, op->windows.run, lanes);
      x += op->windows.skip;
    }
    x += op->windows.turn;
  }
  __riscv_vsse32_v_f32m8(y + o, to, edgec_clamped_rvv(a, op->low, op->high, lanes), lanes);
  if (two) {
    __riscv_vsse32_v_f32m8(y + o + 1, to, edgec_clamped_rvv(b, op->low, op->high, lanes), lanes);
  }
}

/* The same with pixels of a row in lanes. */
EDGEC_KERNEL void edgec_windows_pixels_rvv_f32(const edgec_conv2d_rvv_f32 *op, const float *x, int32_t rows, float *y)
{
  const int32_t each = op->windows.out_channels / op->windows.groups;
  for (int32_t r = 0; r < rows; ++r, x += op->windows.row) {
    size_t lanes;
    for (int32_t p = 0; p < op->windows.out_width; p += (int32_t)lanes) {
      lanes = __riscv_vsetvl_e32m8((size_t)(op->windows.out_width - p));
      const float *at = x + p * op->windows.pixel;
      for (int32_t g = 0; g < op->windows.groups; ++g, at += op->windows.group) {
        int32_t o = g * each;
        for (; o + 2 <= (g + 1) * each; o += 2) {
          edgec_pixels_rvv_f32(op, 1, at, o, y, lanes);
        }
        if (o < (g + 1) * each) {
          edgec_pixels_rvv_f32(op, 0, at, o, y, lanes);
        }
      }
      y += (int32_t)lanes * op->windows.out_channels;
    }
  }
}

/* The same from pointers to all rows of input that the windows of `out_rows` rows span (NULL: a row of padding). Padding adds
   products that are zero: no weight is infinite or NaN, and no bias -0. scratch: these rows with their padding. */
#define EDGEC_CONV2D_RVV_F32(form)                                                                                     \
  EDGEC_KERNEL void edgec_conv2d_##form##_rvv_f32(const edgec_conv2d_rvv_f32 *op, const int8_t *const *rows,     \
                                                        int32_t out_rows, float *y, void *scratch)                     \
  {                                                                                                                    \
    edgec_pad_rows_rvv(&op->padded, rows, out_rows, (int8_t *)scratch);                                                \
    edgec_windows_##form##_rvv_f32(op, (const float *)scratch, out_rows, y);                                           \
  }

EDGEC_CONV2D_RVV_F32(channels)
EDGEC_CONV2D_RVV_F32(pixels)

#endif
