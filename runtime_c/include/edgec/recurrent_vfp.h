/* Recurrent layers, float32, on the FPU of Armv7E-M and Armv8-M: their matrices are blocks (block_vfp.h). */
#ifndef EDGEC_RECURRENT_VFP_H
#define EDGEC_RECURRENT_VFP_H

#include "edgec/dense_vfp.h"
#include "edgec/gru_f32.h"
#include "edgec/lstm_f32.h"
#include "edgec/rnn_f32.h"

#define EDGEC_RECURRENT_VFP(form)                                                                                  \
  EDGEC_FUNCTION void edgec_recurrent_dense_##form(const void *matrix, int32_t batch, const float *x, float *y)     \
  {                                                                                                                \
    const edgec_block_vfp *const block = (const edgec_block_vfp *)matrix;                                          \
    edgec_dense_##form##_f32(block, batch, block->taps, x, y);                                                     \
  }

EDGEC_RECURRENT_VFP(vfp)
EDGEC_RECURRENT_VFP(vmla)

#endif
