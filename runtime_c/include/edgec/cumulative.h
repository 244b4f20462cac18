/* Running results along one axis. */
#ifndef EDGEC_CUMULATIVE_H
#define EDGEC_CUMULATIVE_H

#include "edgec/along.h"

/* Define kernel edgec_<name>_<suffix>: elements joined by edgec_<function>_scalar_<suffix> from the first one on, or from
   the last one back; `exclusive` leaves out the element itself, and starts with `neutral`. y may be x. */
#define EDGEC_CUMULATIVE_KERNEL(name, function, neutral, suffix, type)                                        \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_along *op, int32_t exclusive, int32_t reverse,        \
                                            const type *x, type *y)                                           \
  {                                                                                                           \
    EDGEC_ALONG_LINES(                                                                                        \
        type, type, op->axis, type total = neutral; for (int32_t s = 0; s < op->axis; ++s) {                  \
          const int32_t a = (reverse ? op->axis - 1 - s : s) * op->inner;                                     \
          const type before = total;                                                                          \
          total = s == 0 ? from[a] : edgec_##function##_scalar_##suffix(total, from[a]);                      \
          to[a] = exclusive ? before : total;                                                                 \
        })                                                                                                    \
  }

#endif
