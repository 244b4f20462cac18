/* p-norms over windows, in 2-D and 3-D. */
#ifndef EDGEC_LP_POOL_H
#define EDGEC_LP_POOL_H

#include "edgec/abs.h"
#include "edgec/pool.h"
#include "edgec/pow.h"
#include "edgec/sqrt.h"

/* (sum of |x|^p)^(1/p), the sum in the order row, kx, starting at zero. p = 1 and p = 2 take no powers. */
#define EDGEC_LP_POOL(suffix, type, wide)                                                                             \
  EDGEC_INLINE type edgec_lp_power_##suffix(type x, int32_t p)                                                        \
  {                                                                                                                   \
    return p == 1   ? edgec_abs_scalar_##suffix(x)                                                                    \
           : p == 2 ? x * x                                                                                           \
                    : edgec_pow_scalar_##suffix(edgec_abs_scalar_##suffix(x), (type)p);                               \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE type edgec_lp_root_##suffix(type sum, int32_t p)                                                       \
  {                                                                                                                   \
    return p == 1   ? sum                                                                                             \
           : p == 2 ? edgec_sqrt_scalar_##suffix(sum)                                                                 \
                    : edgec_pow_scalar_##suffix(sum, (type)1 / (type)p);                                              \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_lp_pool_##suffix(const edgec_pool *op, int32_t p, const type *const *rows, type *y)         \
  {                                                                                                                   \
    EDGEC_POOL_ROW(type, 0, out[c] + edgec_lp_power_##suffix(in[c], p), edgec_lp_root_##suffix(out[c], p))            \
  }

EDGEC_FOR_FLOATS(EDGEC_LP_POOL)

#endif
