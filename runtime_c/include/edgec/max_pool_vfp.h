/* Maxima of float32 over windows, on the FPU of Armv7E-M and Armv8-M: eight channels at a time. */
#ifndef EDGEC_MAX_POOL_VFP_H
#define EDGEC_MAX_POOL_VFP_H

#include "edgec/assembly.h"
#include "edgec/max_pool.h"

#if !(defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M' && defined(__ARM_FP) && (__ARM_FP & 4))
#error "these kernels need the floating-point unit of Armv7E-M or Armv8-M"
#endif

/* What a window sees of each row, in bytes. */
typedef struct {
  int32_t rows;
  int32_t offset;
  int32_t taps;
  int32_t step;
} edgec_window_vfp;

#define EDGEC_VFP_LARGER(a, b)   \
  "vcmpe.f32 s" #a ", s" #b "\n" \
  "vmrs APSR_nzcv, fpscr\n"      \
  "it mi\n"                      \
  "vmovmi.f32 s" #a ", s" #b "\n"

/* The largest of 8 channels, or the lowest number where there is no tap. Returns whether a NaN was compared: then these are
   any numbers. (A signalling comparison is an invalid operation then, a flag that stays.) */
EDGEC_ASSEMBLY uint32_t edgec_maxima_vfp(EDGEC_ARGUMENT float *y, EDGEC_ARGUMENT const float *const *rows,
                                         EDGEC_ARGUMENT const edgec_window_vfp *window,
                                         EDGEC_ARGUMENT const float *lowest)
{
  __asm__("push {r4-r9, lr}\n"
          "vmrs r12, fpscr\n"
          "bic r12, r12, #1\n"
          "vmsr fpscr, r12\n"
          "ldm r2, {r4-r7}\n" /* rows, offset, taps, step */
          "vldmia r3, {s0-s7}\n"
          "movs r9, #1\n"
          "cmp r4, #0\n"
          "beq.w 5f\n"
          "1:\n"
          "ldr r8, [r1], #4\n"
          "cmp r8, #0\n"
          "beq.w 4f\n"
          "add r8, r8, r5\n"
          "mov lr, r6\n"
          "cmp r9, #0\n"
          "beq 2f\n"
          "movs r9, #0\n" /* the first tap of all */
          "vldmia r8, {s0-s7}\n"
          "b 3f\n"
          "2:\n"
          "vldmia r8, {s8-s15}\n");
  __asm__(EDGEC_VFP_LARGER(0, 8)
          EDGEC_VFP_LARGER(1, 9)
          EDGEC_VFP_LARGER(2, 10)
          EDGEC_VFP_LARGER(3, 11)
          EDGEC_VFP_LARGER(4, 12)
          EDGEC_VFP_LARGER(5, 13)
          EDGEC_VFP_LARGER(6, 14)
          EDGEC_VFP_LARGER(7, 15)
          "3:\n"
          "add r8, r8, r7\n"
          "subs lr, lr, #1\n"
          "bne.w 2b\n"
          "4:\n"
          "subs r4, r4, #1\n"
          "bne.w 1b\n"
          "5:\n"
          "vstmia r0, {s0-s7}\n"
          "vmrs r0, fpscr\n"
          "and r0, r0, #1\n"
          "pop {r4-r9, pc}\n");
}

/* The same of one channel, slowly: NaN wins. */
EDGEC_FUNCTION float edgec_maximum_vfp(const float *const *rows, const edgec_window_vfp *window)
{
  float found = EDGEC_LOWEST_f32;
  for (int32_t row = 0; row < window->rows; ++row) {
    for (int32_t tap = 0; rows[row] != NULL && tap < window->taps; ++tap) {
      found = edgec_max_scalar_f32(found, rows[row][(window->offset + tap * window->step) / 4]);
    }
  }
  return found;
}

/* One row of output, as edgec_max_pool_f32, of 8 channels or more. */
EDGEC_FUNCTION void edgec_max_pool_vfp_f32(const edgec_pool *op, float low, float high, const float *const *rows, float *y)
{
  static const float lowest[8] = {EDGEC_LOWEST_f32, EDGEC_LOWEST_f32, EDGEC_LOWEST_f32, EDGEC_LOWEST_f32,
                                  EDGEC_LOWEST_f32, EDGEC_LOWEST_f32, EDGEC_LOWEST_f32, EDGEC_LOWEST_f32};
  for (int32_t x = 0; x < op->out_width; ++x, y += op->channels) {
    const int32_t x0 = x * op->stride - op->pad_left;
    const int32_t first = edgec_taps_begin(x0, op->dilation);
    const int32_t taps = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width) - first;
    const int32_t start = 4 * (x0 + first * op->dilation) * op->channels;
    for (int32_t next = 0; next < op->channels; next += 8) {
      const int32_t c = next < op->channels - 8 ? next : op->channels - 8;
      edgec_window_vfp window = {taps > 0 ? op->kernel_rows : 0, start + 4 * c, taps, 4 * op->dilation * op->channels};
      if (edgec_maxima_vfp(y + c, rows, &window, lowest) != 0) {
        for (int32_t i = 0; i < 8; ++i, window.offset += 4) {
          y[c + i] = edgec_maximum_vfp(rows, &window);
        }
      }
    }
    if (low > EDGEC_LOWEST_f32 || high < EDGEC_INFINITY) {
      for (int32_t c = 0; c < op->channels; ++c) {
        y[c] = edgec_clamp_f32(y[c], low, high);
      }
    }
  }
}

#endif
