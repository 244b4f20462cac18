/* Recurrent layers, float32, with the vectors of Armv8.1-M (recurrent_vfp.h). */
#ifndef EDGEC_RECURRENT_F32_MVE_H
#define EDGEC_RECURRENT_F32_MVE_H

#include "edgec/dense_f32_mve.h"
#include "edgec/recurrent_vfp.h"

EDGEC_RECURRENT_VFP(mve)

#endif
