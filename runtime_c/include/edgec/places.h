/* Places in a tensor that indices name, known only when the model runs: what gathers and scatters have in common. */
#ifndef EDGEC_PLACES_H
#define EDGEC_PLACES_H

#include "edgec/memory.h"
#include "edgec/types.h"

/* A walk along axes, from the outermost in, over items that lie one behind the other (the result of a gather, the
   updates of a scatter). The item's counterpart lies in the other tensor at x_stride along the walk, plus, for each of
   `depth` indices that follow each other in the tensor of indices, the index times its axis_stride. Where all items of
   the innermost run share their indices, its index_stride is 0. */
#define EDGEC_PLACES_AXES 4

typedef struct {
  int32_t extent[EDGEC_PLACES_AXES];
  int32_t x_stride[EDGEC_PLACES_AXES];
  int32_t index_stride[EDGEC_PLACES_AXES];
  int32_t depth;
  const int32_t *axis_extent;
  const int32_t *axis_stride;
} edgec_places;

EDGEC_INLINE ptrdiff_t edgec_places_offset(const int32_t *stride, int32_t i, int32_t j, int32_t k)
{
  return (ptrdiff_t)i * stride[0] + (ptrdiff_t)j * stride[1] + (ptrdiff_t)k * stride[2];
}

/* The offset that indices add, or EDGEC_ERROR_INDEX. A negative index counts from the end. */
#define EDGEC_PLACE(suffix, type)                                                                 \
  EDGEC_INLINE int32_t edgec_place_##suffix(const edgec_places *op, const type *indices)          \
  {                                                                                               \
    int32_t offset = 0;                                                                           \
    for (int32_t d = 0; d < op->depth; ++d) {                                                     \
      const int32_t extent = op->axis_extent[d];                                                  \
      if (indices[d] < -extent || indices[d] >= extent) {                                         \
        return EDGEC_ERROR_INDEX;                                                                 \
      }                                                                                           \
      offset += ((int32_t)indices[d] + (indices[d] < 0 ? extent : 0)) * op->axis_stride[d];       \
    }                                                                                             \
    return offset;                                                                                \
  }

EDGEC_PLACE(i32, int32_t)
EDGEC_PLACE(i64, int64_t)

#endif
