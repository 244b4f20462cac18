/* 2-D convolution, float32, with the vectors of Armv8.1-M (conv2d_vfp.h). */
#ifndef EDGEC_CONV2D_F32_MVE_H
#define EDGEC_CONV2D_F32_MVE_H

#include "edgec/block_f32_mve.h"
#include "edgec/conv2d_vfp.h"

EDGEC_CONV2D_VFP(mve)

#endif
