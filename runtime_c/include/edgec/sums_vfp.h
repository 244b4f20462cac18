/* Means of float32 over all pixels of an image, on the FPU of Armv7E-M and Armv8-M: eight channels at a time. */
#ifndef EDGEC_SUMS_VFP_H
#define EDGEC_SUMS_VFP_H

#include "edgec/assembly.h"
#include "edgec/clamp.h"
#include "edgec/reduce.h"

#if !(defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M' && defined(__ARM_FP) && (__ARM_FP & 4))
#error "these kernels need the floating-point unit of Armv7E-M or Armv8-M"
#endif

/* Sums over `pixels`, which lie `step` bytes apart, of 8 channels: from zero, in ascending order. */
EDGEC_ASSEMBLY void edgec_sums_vfp(EDGEC_ARGUMENT float *sums, EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT int32_t pixels,
                                   EDGEC_ARGUMENT int32_t step)
{
  __asm__("vpush {s16-s23}\n"
          "movs r12, #0\n"
          "vmov s16, r12\n"
          "vmov s17, r12\n"
          "vmov s18, r12\n"
          "vmov s19, r12\n"
          "vmov s20, r12\n"
          "vmov s21, r12\n"
          "vmov s22, r12\n"
          "vmov s23, r12\n"
          "lsrs r12, r2, #1\n"
          "beq 2f\n"
          "1:\n" /* two pixels */
          "vldmia r1, {s0-s7}\n"
          "add r1, r1, r3\n"
          "vldmia r1, {s8-s15}\n"
          "add r1, r1, r3\n"
          "vadd.f32 s16, s16, s0\n"
          "vadd.f32 s17, s17, s1\n"
          "vadd.f32 s18, s18, s2\n"
          "vadd.f32 s19, s19, s3\n"
          "vadd.f32 s20, s20, s4\n"
          "vadd.f32 s21, s21, s5\n"
          "vadd.f32 s22, s22, s6\n"
          "vadd.f32 s23, s23, s7\n"
          "vadd.f32 s16, s16, s8\n"
          "vadd.f32 s17, s17, s9\n"
          "vadd.f32 s18, s18, s10\n"
          "vadd.f32 s19, s19, s11\n"
          "vadd.f32 s20, s20, s12\n"
          "vadd.f32 s21, s21, s13\n"
          "vadd.f32 s22, s22, s14\n"
          "vadd.f32 s23, s23, s15\n"
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "2:\n"
          "tst r2, #1\n"
          "beq 3f\n"
          "vldmia r1, {s0-s7}\n"
          "vadd.f32 s16, s16, s0\n"
          "vadd.f32 s17, s17, s1\n"
          "vadd.f32 s18, s18, s2\n"
          "vadd.f32 s19, s19, s3\n"
          "vadd.f32 s20, s20, s4\n"
          "vadd.f32 s21, s21, s5\n"
          "vadd.f32 s22, s22, s6\n"
          "vadd.f32 s23, s23, s7\n"
          "3:\n"
          "vstmia r0, {s16-s23}\n"
          "vpop {s16-s23}\n"
          "bx lr\n");
}

/* edgec_average_vfp_f32: y[c] = clamp(sum / pixels), a sum as edgec_average_pool_f32 has it.
   edgec_mean_vfp_f32: y[c] = total / pixels, a total as edgec_reduce_mean_f32 has it. Of 8 channels or more. */
EDGEC_FUNCTION void edgec_average_vfp_f32(int32_t pixels, int32_t channels, float low, float high, const float *x, float *y)
{
  for (int32_t next = 0; next < channels; next += 8) {
    const int32_t c = next < channels - 8 ? next : channels - 8;
    float sums[8];
    edgec_sums_vfp(sums, x + c, pixels, 4 * channels);
    for (int32_t i = 0; i < 8; ++i) {
      y[c + i] = edgec_clamp_f32(sums[i] / (float)pixels, low, high);
    }
  }
}

EDGEC_FUNCTION void edgec_mean_vfp_f32(int32_t pixels, int32_t channels, const float *x, float *y)
{
  for (int32_t next = 0; next < channels; next += 8) {
    const int32_t c = next < channels - 8 ? next : channels - 8;
    edgec_total_f32 totals[8] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}};
    for (int32_t first = 0; first < pixels; first += EDGEC_SUM_PIECE) {
      const int32_t left = pixels - first;
      float sums[8];
      edgec_sums_vfp(sums, x + ((ptrdiff_t)first * channels + c), left < EDGEC_SUM_PIECE ? left : EDGEC_SUM_PIECE,
                     4 * channels);
      for (int32_t i = 0; i < 8; ++i) {
        totals[i] = edgec_total_add_f32(totals[i], sums[i]);
      }
    }
    for (int32_t i = 0; i < 8; ++i) {
      y[c + i] = edgec_total_value_f32(totals[i]) / (float)pixels;
    }
  }
}

#endif
