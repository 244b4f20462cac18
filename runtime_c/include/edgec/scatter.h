/* What the scatters have in common. */
#ifndef EDGEC_SCATTER_H
#define EDGEC_SCATTER_H

#include "edgec/places.h"

/* Define kernel edgec_scatter_<reduction>_<element>_<suffix of the indices>: y[its place] = combine(y[its place], item)
   for each item of the updates, in order. y holds the tensor to update. Returns EDGEC_OK, or EDGEC_ERROR_INDEX at the
   first index outside of its axis: then the updates before it have been made. */
#define EDGEC_SCATTER_KERNEL(reduction, element, stored, combine, suffix, type)                                     \
  EDGEC_KERNEL int32_t edgec_scatter_##reduction##_##element##_##suffix(const edgec_places *op, const type *indices, \
                                                                        const void *updates, void *y)               \
  {                                                                                                                 \
    const stored *from = (const stored *)updates;                                                                   \
    for (int32_t i = 0; i < op->extent[0]; ++i) {                                                                   \
      for (int32_t j = 0; j < op->extent[1]; ++j) {                                                                 \
        for (int32_t k = 0; k < op->extent[2]; ++k) {                                                               \
          stored *const to = (stored *)y + edgec_places_offset(op->x_stride, i, j, k);                              \
          const type *const index = indices + edgec_places_offset(op->index_stride, i, j, k);                       \
          int32_t place = 0;                                                                                        \
          for (int32_t l = 0; l < op->extent[3]; ++l) {                                                             \
            if (l == 0 || op->index_stride[3] != 0) {                                                               \
              place = edgec_place_##suffix(op, index + l * op->index_stride[3]);                                    \
              if (place < 0) {                                                                                      \
                return EDGEC_ERROR_INDEX;                                                                           \
              }                                                                                                     \
            }                                                                                                       \
            stored *const at = to + (place + l * op->x_stride[3]);                                                  \
            *at = combine(*at, *from);                                                                              \
            ++from;                                                                                                 \
          }                                                                                                         \
        }                                                                                                           \
      }                                                                                                             \
    }                                                                                                               \
    return EDGEC_OK;                                                                                                \
  }

#define EDGEC_SCATTER_KERNELS(reduction, element, stored, combine)               \
  EDGEC_SCATTER_KERNEL(reduction, element, stored, combine, i32, int32_t) \
  EDGEC_SCATTER_KERNEL(reduction, element, stored, combine, i64, int64_t)

#endif
