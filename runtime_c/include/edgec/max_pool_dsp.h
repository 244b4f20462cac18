/* Max pooling of bytes with the DSP extension: four channels at a time. */
#ifndef EDGEC_MAX_POOL_DSP_H
#define EDGEC_MAX_POOL_DSP_H

#include "edgec/block_dsp.h"
#include "edgec/pool.h"

/* y = max(a, b) of `count` bytes, at least 4; y may be a or b. */
EDGEC_ASSEMBLY void edgec_max_bytes_dsp(EDGEC_ARGUMENT const int8_t *a, EDGEC_ARGUMENT const int8_t *b,
                                        EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4, r5, lr}\n"
          "lsr r12, r3, #2\n"
          "1:\n"
          "ldr r4, [r0], #4\n"
          "ldr r5, [r1], #4\n"
          "ssub8 lr, r4, r5\n" /* GE: a >= b */
          "sel r4, r4, r5\n"
          "str r4, [r2], #4\n"
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "ands r3, r3, #3\n"
          "beq 2f\n"
          "subs r3, r3, #4\n" /* the last 4: a maximum that is taken twice is the same */
          "add r0, r3\n"
          "add r1, r3\n"
          "add r2, r3\n"
          "movs r3, #0\n"
          "mov r12, #1\n"
          "b 1b\n"
          "2:\n"
          "pop {r4, r5, pc}\n");
}

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding), of 4 channels or more. */
EDGEC_BLOCK_KERNEL void edgec_max_pool_dsp_i8(const edgec_pool *op, const int8_t *const *rows, int8_t *y)
{
  for (int32_t x = 0; x < op->out_width; ++x, y += op->channels) {
    const int32_t x0 = x * op->stride - op->pad_left;
    const int32_t first = edgec_taps_begin(x0, op->dilation);
    const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);
    const int8_t *before = NULL;
    int32_t found = 0;
    for (int32_t row = 0; row < op->kernel_rows; ++row) {
      for (int32_t kx = first; rows[row] != NULL && kx < end; ++kx) {
        const int8_t *const in = rows[row] + (ptrdiff_t)(x0 + kx * op->dilation) * op->channels;
        if (found > 0) {
          edgec_max_bytes_dsp(before, in, y, op->channels);
        }
        before = found > 0 ? y : in;
        ++found;
      }
    }
    if (found == 1) {
      edgec_max_bytes_dsp(before, before, y, op->channels);
    }
    for (int32_t c = 0; found == 0 && c < op->channels; ++c) {
      y[c] = INT8_MIN;
    }
  }
}

#endif
