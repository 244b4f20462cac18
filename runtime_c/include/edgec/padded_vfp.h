/* Rows of float32 with their padding, in scratch. */
#ifndef EDGEC_PADDED_VFP_H
#define EDGEC_PADDED_VFP_H

#include "edgec/assembly.h"

/* In elements. */
typedef struct {
  int32_t count;  /* of a row that are taken */
  int32_t before; /* zeros */
  int32_t behind;
  int32_t span;   /* rows that a window spans */
  int32_t stride; /* from one window to the one below */
} edgec_padded_vfp;

/* Both return where they end. */
EDGEC_ASSEMBLY float *edgec_copy_vfp(EDGEC_ARGUMENT float *y, EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT int32_t count)
{
  __asm__("subs r2, r2, #16\n"
          "blt 2f\n"
          "1:\n"
          "vldmia r1!, {s0-s15}\n"
          "vstmia r0!, {s0-s15}\n"
          "subs r2, r2, #16\n"
          "bge 1b\n"
          "2:\n"
          "adds r2, r2, #16\n"
          "beq 4f\n"
          "3:\n"
          "ldr r3, [r1], #4\n"
          "str r3, [r0], #4\n"
          "subs r2, r2, #1\n"
          "bne 3b\n"
          "4:\n"
          "bx lr\n");
}

EDGEC_FUNCTION float *edgec_zeros_vfp(float *y, int32_t count)
{
  for (float *const end = y + count; y != end; ++y) {
    *y = 0.0f;
  }
  return y;
}

/* From pointers to all rows of input (NULL: a row of padding) that `out_rows` rows of windows span. */
EDGEC_FUNCTION void edgec_pad_rows_vfp(const edgec_padded_vfp *op, const int8_t *const *rows, int32_t out_rows, float *y)
{
  for (int32_t i = (out_rows - 1) * op->stride + op->span; i > 0; --i, ++rows) {
    if (*rows == NULL) {
      y = edgec_zeros_vfp(y, op->before + op->count + op->behind);
    } else {
      y = edgec_zeros_vfp(y, op->before);
      y = edgec_copy_vfp(y, (const float *)(const void *)*rows, op->count);
      y = edgec_zeros_vfp(y, op->behind);
    }
  }
}

#endif
