/* Convolution, float32, on hosts: rows with their padding (pad_f32.h), and tiles over these (tiles_f32.h). */
#ifndef EDGEC_CONV2D_LANES_F32_H
#define EDGEC_CONV2D_LANES_F32_H

#include "edgec/pad_f32.h"
#include "edgec/tiles_f32.h"

#endif
