/* Dense and convolution by a 1x1 window, float32, with the vectors of Armv8.1-M (dense_vfp.h). */
#ifndef EDGEC_DENSE_F32_MVE_H
#define EDGEC_DENSE_F32_MVE_H

#include "edgec/block_f32_mve.h"
#include "edgec/dense_vfp.h"

EDGEC_DENSE_VFP(mve)

#endif
