/* What the copies of elements of 1, 2, 4 and 8 bytes have in common: transpose, slice, concat and pad are copies. */
#ifndef EDGEC_COPY_H
#define EDGEC_COPY_H

#include "edgec/core.h"
#include "edgec/memory.h"

/* Axes from the outermost in, strides in elements, negative ones for reversed slices. The caller merges axes, so that
   what lies together in both tensors is one run. */
#define EDGEC_COPY_AXES 4

typedef struct {
  int32_t extent[EDGEC_COPY_AXES];
  int32_t x_stride[EDGEC_COPY_AXES];
  int32_t y_stride[EDGEC_COPY_AXES];
} edgec_copy;

/* Define kernels edgec_copy_<bits> and edgec_fill_<bits>. x and y must not overlap. */
#define EDGEC_COPY_KERNELS(bits)                                                                                      \
  EDGEC_INLINE void edgec_copy_run_##bits(const edgec_copy *op, const edgec_any_##bits *x, edgec_any_##bits *y)       \
  {                                                                                                                   \
    if (op->x_stride[3] == 1 && op->y_stride[3] == 1) {                                                               \
      EDGEC_MEMCPY(y, x, (size_t)op->extent[3] * (bits / 8));                                                         \
    } else {                                                                                                          \
      EDGEC_UNROLL(4)                                                                                                 \
      for (int32_t l = 0; l < op->extent[3]; ++l) {                                                                   \
        y[l * op->y_stride[3]] = x[l * op->x_stride[3]];                                                              \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_copy_##bits(const edgec_copy *op, const void *x, void *y)                                   \
  {                                                                                                                   \
    const edgec_any_##bits *const from = (const edgec_any_##bits *)x;                                                 \
    edgec_any_##bits *const to = (edgec_any_##bits *)y;                                                               \
    for (int32_t i = 0; i < op->extent[0]; ++i) {                                                                     \
      for (int32_t j = 0; j < op->extent[1]; ++j) {                                                                   \
        for (int32_t k = 0; k < op->extent[2]; ++k) {                                                                 \
          edgec_copy_run_##bits(op, from + (i * op->x_stride[0] + j * op->x_stride[1] + k * op->x_stride[2]),         \
                                to + (i * op->y_stride[0] + j * op->y_stride[1] + k * op->y_stride[2]));              \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_fill_##bits(void *y, uint##bits##_t value, int32_t count)                                   \
  {                                                                                                                   \
    edgec_any_##bits *const to = (edgec_any_##bits *)y;                                                               \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      to[i] = value;                                                                                                  \
    }                                                                                                                 \
  }

#endif
