/* Gather elements of 1, 2, 4 or 8 bytes by indices, whatever the elements are. */
#ifndef EDGEC_GATHER_H
#define EDGEC_GATHER_H

#include "edgec/places.h"

/* Define kernel edgec_gather_<bits>_<suffix of the indices>: y[item] = x[its place]. y must not overlap x. Returns
   EDGEC_OK, or EDGEC_ERROR_INDEX at the first index outside of its axis. */
#define EDGEC_GATHER_KERNEL(bits, suffix, type)                                                                     \
  EDGEC_KERNEL int32_t edgec_gather_##bits##_##suffix(const edgec_places *op, const void *x, const type *indices,   \
                                                      void *y)                                                      \
  {                                                                                                                 \
    edgec_any_##bits *to = (edgec_any_##bits *)y;                                                                   \
    for (int32_t i = 0; i < op->extent[0]; ++i) {                                                                   \
      for (int32_t j = 0; j < op->extent[1]; ++j) {                                                                 \
        for (int32_t k = 0; k < op->extent[2]; ++k) {                                                               \
          const edgec_any_##bits *const from =                                                                      \
              (const edgec_any_##bits *)x + edgec_places_offset(op->x_stride, i, j, k);                             \
          const type *const index = indices + edgec_places_offset(op->index_stride, i, j, k);                       \
          if (op->index_stride[3] == 0 && op->x_stride[3] == 1) {                                                   \
            const int32_t place = edgec_place_##suffix(op, index);                                                  \
            if (place < 0) {                                                                                        \
              return EDGEC_ERROR_INDEX;                                                                             \
            }                                                                                                       \
            EDGEC_MEMCPY(to, from + place, (size_t)op->extent[3] * (bits / 8));                                     \
          } else {                                                                                                  \
            for (int32_t l = 0; l < op->extent[3]; ++l) {                                                           \
              const int32_t place = edgec_place_##suffix(op, index + l * op->index_stride[3]);                      \
              if (place < 0) {                                                                                      \
                return EDGEC_ERROR_INDEX;                                                                           \
              }                                                                                                     \
              to[l] = from[place + l * op->x_stride[3]];                                                            \
            }                                                                                                       \
          }                                                                                                         \
          to += op->extent[3];                                                                                      \
        }                                                                                                           \
      }                                                                                                             \
    }                                                                                                               \
    return EDGEC_OK;                                                                                                \
  }

#define EDGEC_GATHER_KERNELS(bits)        \
  EDGEC_GATHER_KERNEL(bits, i32, int32_t) \
  EDGEC_GATHER_KERNEL(bits, i64, int64_t)

EDGEC_GATHER_KERNELS(8)
EDGEC_GATHER_KERNELS(16)
EDGEC_GATHER_KERNELS(32)
EDGEC_GATHER_KERNELS(64)

#endif
