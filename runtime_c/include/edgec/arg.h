/* Positions of the largest or smallest elements along one axis. */
#ifndef EDGEC_ARG_H
#define EDGEC_ARG_H

#include "edgec/along.h"

/* Define kernel edgec_<name>_<suffix>: the position of the element that no other `beats` (> or <); the first of equals,
   or the last. NaN beats all that is not. */
#define EDGEC_ARG_KERNEL(name, beats, suffix, type)                                                              \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_along *op, int32_t last, const type *x, int64_t *y)      \
  {                                                                                                              \
    EDGEC_ALONG_LINES(                                                                                           \
        type, int64_t, 1, int32_t best = last ? op->axis - 1 : 0; for (int32_t s = 1; s < op->axis; ++s) {       \
          const int32_t a = last ? op->axis - 1 - s : s;                                                         \
          const type value = from[a * op->inner];                                                                \
          const type top = from[best * op->inner];                                                               \
          best = (value beats top || (value != value && top == top)) ? a : best;                                 \
        } *to = best;)                                                                                           \
  }

#endif
