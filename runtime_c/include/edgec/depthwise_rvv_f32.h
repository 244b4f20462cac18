/* Depthwise 2-D convolution, float32, with RVV: neighbouring pixels and their channels are lanes. `period` of them, for which
   weights and biases lie in turn, are one pixel or several. A sum starts at the bias and takes its products in the order
   ky, kx. */
#ifndef EDGEC_DEPTHWISE_RVV_F32_H
#define EDGEC_DEPTHWISE_RVV_F32_H

#include "edgec/strips.h"
#include "edgec/vectors_rvv.h"

/* One layer; in elements. */
typedef struct {
  edgec_padded_rvv padded;
  const float *weights; /* [taps][period] */
  const float *bias;    /* [period] */
  float low;            /* clamp of the result */
  float high;
  int32_t period;
  int32_t step;  /* from the windows of a period to those of the next */
  int32_t lanes; /* of a row of output */
  int32_t row;   /* from the windows of a row of output to those of the next */
  int32_t kernel_rows;
  int32_t kernel_width;
  int32_t column; /* from one column of the window to the next */
  int32_t turn;   /* from behind its last column to its next row */
} edgec_depthwise_rvv_f32;

/* Taps of a row of windows at x0 and, if there are `two`, x1, by weights that are `step` bytes apart. */
#define EDGEC_RVV_COLUMNS_TWO               \
  "vle32.v %[w], (%[v])\n"                  \
  "vle32.v %[t], (%[x0])\n"                 \
  "add %[v], %[v], %[step]\n"               \
  "add %[x0], %[x0], %[column]\n"           \
  "addi %[count], %[count], -1\n"           \
  "vfmul.vv %[t], %[t], %[w]\n"             \
  "vfadd.vv %[a], %[a], %[t]\n"             \
  "vle32.v %[t], (%[x1])\n"                 \
  "add %[x1], %[x1], %[column]\n"           \
  "vfmul.vv %[t], %[t], %[w]\n"             \
  "vfadd.vv %[b], %[b], %[t]\n"

#define EDGEC_RVV_COLUMNS_ONE               \
  "vle32.v %[w], (%[v])\n"                  \
  "vle32.v %[t], (%[x0])\n"                 \
  "add %[v], %[v], %[step]\n"               \
  "add %[x0], %[x0], %[column]\n"           \
  "addi %[count], %[count], -1\n"           \
  "vfmul.vv %[t], %[t], %[w]\n"             \
  "vfadd.vv %[a], %[a], %[t]\n"

EDGEC_INLINE void edgec_columns_rvv_f32(int32_t two, vfloat32m8_t *a, vfloat32m8_t *b, const float **v, ptrdiff_t step,
                                        ptrdiff_t column, const float **x0, const float **x1, int32_t count, size_t lanes)
{
  vfloat32m8_t w;
  vfloat32m8_t t;
#define EDGEC_RVV_STATEMENT(columns)                                                                             \
  __asm__ volatile("vsetvli zero, %[lanes], e32, m8, ta, ma\n"                                                   \
                   "1:\n" columns                                                                                \
                   "bnez %[count], 1b\n"                                                                         \
                   : [a] "+&vr"(*a), [b] "+&vr"(*b), [w] "=&vr"(w), [t] "=&vr"(t), [v] "+&r"(*v), [x0] "+&r"(*x0), \
                     [x1] "+&r"(*x1), [count] "+&r"(count)                                                       \
                   : [step] "r"(step), [column] "r"(column), [lanes] "r"(lanes)                                  \
                   : "vl", "vtype", "memory")
  if (two) {
    EDGEC_RVV_STATEMENT(EDGEC_RVV_COLUMNS_TWO);
  } else {
    EDGEC_RVV_STATEMENT(EDGEC_RVV_COLUMNS_ONE);
  }
#undef EDGEC_RVV_STATEMENT
}

/* Windows at x0 and, if there are `two`, x1: lanes of the period from `lane` on. */
EDGEC_INLINE void edgec_lanes_rvv_f32(const edgec_depthwise_rvv_f32 *op, int32_t two, const float *x0, const float *x1,
                                      int32_t lane, float *y0, float *y1, size_t lanes)
{
  const ptrdiff_t size = sizeof(float);
  const float *w = op->weights + lane;
  vfloat32m8_t a = __riscv_vle32_v_f32m8(op->bias + lane, lanes);
  vfloat32m8_t b = a;
  for (int32_t row = 0; row < op->kernel_rows; ++row) {
    edgec_columns_rvv_f32(two, &a, &b, &w, size * op->period, size * op->column, &x0, &x1, op->kernel_width, lanes);
    x0 += op->turn;
    x1 += op->turn;
  }
  __riscv_vse32_v_f32m8(y0, edgec_clamped_rvv(a, op->low, op->high, lanes), lanes);
  if (two) {
    __riscv_vse32_v_f32m8(y1, edgec_clamped_rvv(b, op->low, op->high, lanes), lanes);
  }
}

/* Rows of output by windows that lie in x: two at a time, which share their weights. */
EDGEC_KERNEL void edgec_rows_rvv_f32(const edgec_depthwise_rvv_f32 *op, const float *x, int32_t rows, float *y)
{
  for (int32_t r = 0; r < rows; r += 2, x += 2 * op->row, y += 2 * op->lanes) {
    const float *windows = x;
    for (int32_t first = 0; first < op->lanes; first += op->period, windows += op->step) {
      const int32_t left = op->lanes - first;
      const int32_t count = left < op->period ? left : op->period;
      size_t lanes;
      for (int32_t l = 0; l < count; l += (int32_t)lanes) {
        const float *const x0 = windows + l;
        float *const y0 = y + (first + l);
        lanes = __riscv_vsetvl_e32m8((size_t)(count - l));
        if (r + 1 < rows) {
          edgec_lanes_rvv_f32(op, 1, x0, x0 + op->row, l, y0, y0 + op->lanes, lanes);
        } else {
          edgec_lanes_rvv_f32(op, 0, x0, x0, l, y0, NULL, lanes);
        }
      }
    }
  }
}

/* The same from pointers to all rows of input that the windows of `out_rows` rows span (NULL: a row of padding). Padding adds
   products that are zero: no weight is infinite or NaN, and no bias -0. scratch: these rows with their padding. */
EDGEC_KERNEL void edgec_depthwise_lanes_rvv_f32(const edgec_depthwise_rvv_f32 *op, const int8_t *const *rows,
                                                int32_t out_rows, float *y, void *scratch)
{
  edgec_pad_rows_rvv(&op->padded, rows, out_rows, (int8_t *)scratch);
  edgec_rows_rvv_f32(op, (const float *)scratch, out_rows, y);
}

#endif
