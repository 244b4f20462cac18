/* The lowest number of each type: what a maximum begins with. */
#ifndef EDGEC_LOWEST_H
#define EDGEC_LOWEST_H

#include "edgec/core.h"

#define EDGEC_LOWEST_f32 (-EDGEC_INFINITY)
#define EDGEC_LOWEST_f64 ((double)-EDGEC_INFINITY)
#define EDGEC_LOWEST_i8 INT8_MIN
#define EDGEC_LOWEST_u8 0
#define EDGEC_LOWEST_i16 INT16_MIN
#define EDGEC_LOWEST_u16 0
#define EDGEC_LOWEST_i32 INT32_MIN
#define EDGEC_LOWEST_u32 0
#define EDGEC_LOWEST_i64 INT64_MIN
#define EDGEC_LOWEST_u64 0

#endif
