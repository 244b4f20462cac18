/* Depthwise 2-D convolution, float32, on the FPU of Armv7E-M and Armv8-M: of each input channel one output channel. */
#ifndef EDGEC_DEPTHWISE_VFP_H
#define EDGEC_DEPTHWISE_VFP_H

#include "edgec/block_vfp.h"
#include "edgec/padded_vfp.h"
#include "edgec/strips.h"

/* Four channels of a strip of rows, from a plane of pixels of these; steps are in bytes. A row of output is computed by
   blocks of 3 pixels, at its end of 2. */
typedef struct {
  int32_t blocks; /* of a row */
  int32_t twos;   /* of these */
  int32_t row;    /* from behind the last window of a row to the next row's first */
  int32_t out_step;
  int32_t clamp; /* as edgec_block_vfp has it, like the limits */
  float low;
  float high;
  int32_t rows; /* of the window */
  int32_t skip; /* from the end of a row of a window, or of 3 that overlap, to the next */
  int32_t columns;
  int32_t pixel; /* from one window to the next */
} edgec_planes_vfp;

/* One layer; extents in elements. */
typedef struct {
  edgec_padded_vfp padded; /* of one channel */
  int32_t channels;
  const float *stream; /* of 4 channels the biases, then [taps][4] */
  int32_t group;       /* elements of that */
  edgec_planes_vfp planes;
} edgec_depthwise_vfp;

/* Four channels of a row of pixels, which lie `step` bytes apart. */
EDGEC_ASSEMBLY void edgec_plane_vfp(EDGEC_ARGUMENT float *y, EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT int32_t pixels,
                                    EDGEC_ARGUMENT int32_t step)
{
  __asm__("subs r2, r2, #4\n"
          "blt 2f\n"
          "1:\n"
          "vldmia r1, {s0-s3}\n"
          "add r1, r1, r3\n"
          "vldmia r1, {s4-s7}\n"
          "add r1, r1, r3\n"
          "vldmia r1, {s8-s11}\n"
          "add r1, r1, r3\n"
          "vldmia r1, {s12-s15}\n"
          "add r1, r1, r3\n"
          "vstmia r0!, {s0-s15}\n"
          "subs r2, r2, #4\n"
          "bge 1b\n"
          "2:\n"
          "adds r2, r2, #4\n"
          "beq 4f\n"
          "3:\n"
          "vldmia r1, {s0-s3}\n"
          "add r1, r1, r3\n"
          "vstmia r0!, {s0-s3}\n"
          "subs r2, r2, #1\n"
          "bne 3b\n"
          "4:\n"
          "bx lr\n");
}

/* A row of 3 windows of 3 columns, or of 2, from lr and the stream at r9: each column meets the outputs that see it. r12 rows
   are left, r5 is the skip. */
#define EDGEC_VFP_ROW_3X3_1(lanes)                    \
  "vldmia r9!, {s12-s23}\n"                           \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(0, 1, 2, 3, 12, 13, 14, 15, 24, 25, 26, 27)   \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(0, 1, 2, 3, 16, 17, 18, 19, 24, 25, 26, 27)   \
  lanes(4, 5, 6, 7, 12, 13, 14, 15, 24, 25, 26, 27)   \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(0, 1, 2, 3, 20, 21, 22, 23, 24, 25, 26, 27)   \
  lanes(4, 5, 6, 7, 16, 17, 18, 19, 24, 25, 26, 27)   \
  lanes(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(4, 5, 6, 7, 20, 21, 22, 23, 24, 25, 26, 27)   \
  lanes(8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(8, 9, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27) \
  "add lr, lr, r5\n"

#define EDGEC_VFP_ROW_3X3_2(lanes)                    \
  "vldmia r9!, {s12-s23}\n"                           \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(0, 1, 2, 3, 12, 13, 14, 15, 24, 25, 26, 27)   \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(0, 1, 2, 3, 16, 17, 18, 19, 24, 25, 26, 27)   \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(0, 1, 2, 3, 20, 21, 22, 23, 24, 25, 26, 27)   \
  lanes(4, 5, 6, 7, 12, 13, 14, 15, 24, 25, 26, 27)   \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(4, 5, 6, 7, 16, 17, 18, 19, 24, 25, 26, 27)   \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(4, 5, 6, 7, 20, 21, 22, 23, 24, 25, 26, 27)   \
  lanes(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                           \
  lanes(8, 9, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27) \
  "add lr, lr, r5\n"

#define EDGEC_VFP_ROW_2X3_1(lanes)                  \
  "vldmia r9!, {s12-s23}\n"                         \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(0, 1, 2, 3, 12, 13, 14, 15, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(0, 1, 2, 3, 16, 17, 18, 19, 24, 25, 26, 27) \
  lanes(4, 5, 6, 7, 12, 13, 14, 15, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(0, 1, 2, 3, 20, 21, 22, 23, 24, 25, 26, 27) \
  lanes(4, 5, 6, 7, 16, 17, 18, 19, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(4, 5, 6, 7, 20, 21, 22, 23, 24, 25, 26, 27) \
  "add lr, lr, r5\n"

#define EDGEC_VFP_ROW_2X3_2(lanes)                  \
  "vldmia r9!, {s12-s23}\n"                         \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(0, 1, 2, 3, 12, 13, 14, 15, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(0, 1, 2, 3, 16, 17, 18, 19, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(0, 1, 2, 3, 20, 21, 22, 23, 24, 25, 26, 27) \
  lanes(4, 5, 6, 7, 12, 13, 14, 15, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(4, 5, 6, 7, 16, 17, 18, 19, 24, 25, 26, 27) \
  "vldmia lr!, {s24-s27}\n"                         \
  lanes(4, 5, 6, 7, 20, 21, 22, 23, 24, 25, 26, 27) \
  "add lr, lr, r5\n"

/* Where there are two r5 is larger by a pixel, r6. */
#define EDGEC_VFP_LESS_OVERLAP "add r5, r5, r6\n"

/* Of any number of columns and any stride: the outputs' windows are at lr, r7, r8. */
#define EDGEC_VFP_ROW_3XANY(lanes)                    \
  "ldr r6, [r10, #36]\n"                              \
  "4:\n"                                              \
  "vldmia r9!, {s12-s15}\n"                           \
  "vldmia lr!, {s16-s19}\n"                           \
  lanes(0, 1, 2, 3, 12, 13, 14, 15, 16, 17, 18, 19)   \
  "vldmia r7!, {s20-s23}\n"                           \
  lanes(4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23)   \
  "vldmia r8!, {s24-s27}\n"                           \
  lanes(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27) \
  "subs r6, r6, #1\n"                                 \
  "bne 4b\n"                                          \
  "add lr, lr, r5\n"                                  \
  "add r7, r7, r5\n"                                  \
  "add r8, r8, r5\n"

#define EDGEC_VFP_ROW_2XANY(lanes)                  \
  "ldr r6, [r10, #36]\n"                            \
  "4:\n"                                            \
  "vldmia r9!, {s12-s15}\n"                         \
  "vldmia lr!, {s16-s19}\n"                         \
  lanes(0, 1, 2, 3, 12, 13, 14, 15, 16, 17, 18, 19) \
  "vldmia r7!, {s20-s23}\n"                         \
  lanes(4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23) \
  "subs r6, r6, #1\n"                               \
  "bne 4b\n"                                        \
  "add lr, lr, r5\n"                                \
  "add r7, r7, r5\n"

/* `rows` rows of output of 4 channels. */
#define EDGEC_PLANES_VFP(name, three, two, more)                                                           \
  EDGEC_ASSEMBLY void edgec_planes_##name(EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT float *y,          \
                                          EDGEC_ARGUMENT const float *stream, EDGEC_ARGUMENT int32_t rows, \
                                          EDGEC_ARGUMENT const edgec_planes_vfp *op)                       \
  {                                                                                                        \
    __asm__(EDGEC_VFP_ENTER                                                                                \
            "ldr r10, [sp, #108]\n"                                                                        \
            "1:\n" /* a row of output */                                                                   \
            "ldr r4, [r10]\n"                                                                              \
            "2:\n" /* a block */                                                                           \
            "ldr r5, [r10, #4]\n"                                                                          \
            "ldr r6, [r10, #40]\n"                                                                         \
            "mov lr, r0\n"                                                                                 \
            "add r7, r0, r6\n"                                                                             \
            "add r8, r7, r6\n"                                                                             \
            "mov r9, r2\n"                                                                                 \
            "vldmia r9, {s0-s3}\n"                                                                         \
            "vldmia r9, {s4-s7}\n"                                                                         \
            "vldmia r9!, {s8-s11}\n"                                                                       \
            "cmp r4, r5\n"                                                                                 \
            "ldrd r12, r5, [r10, #28]\n"                                                                   \
            "bls.w 30f\n"                                                                                  \
            "3:\n");                                                                                       \
    __asm__(three                                                                                          \
            "subs r12, r12, #1\n"                                                                          \
            "bne.w 3b\n"                                                                                   \
            "mov lr, #3\n");                                                                               \
    __asm__("5:\n"                                                                                         \
            "ldrd r11, r12, [r10, #12]\n"                                                                  \
            "mov r5, r1\n"                                                                                 \
            "cmp r12, #1\n"                                                                                \
            "beq 7f\n"                                                                                     \
            "bhi 6f\n"                                                                                     \
            "vstmia r5, {s0-s3}\n"                                                                         \
            "add r5, r5, r11\n"                                                                            \
            "vstmia r5, {s4-s7}\n"                                                                         \
            "add r5, r5, r11\n"                                                                            \
            "cmp lr, #2\n"                                                                                 \
            "beq.w 9f\n"                                                                                   \
            "vstmia r5, {s8-s11}\n"                                                                        \
            "add r5, r5, r11\n"                                                                            \
            "b.w 9f\n"                                                                                     \
            "7:\n"                                                                                         \
            EDGEC_VFP_RELU(0, 1, 2, 3)                                                                     \
            "add r5, r5, r11\n"                                                                            \
            EDGEC_VFP_RELU(4, 5, 6, 7)                                                                     \
            "add r5, r5, r11\n"                                                                            \
            "cmp lr, #2\n"                                                                                 \
            "beq.w 9f\n"                                                                                   \
            EDGEC_VFP_RELU(8, 9, 10, 11)                                                                   \
            "add r5, r5, r11\n"                                                                            \
            "b.w 9f\n");                                                                                   \
    __asm__("6:\n"                                                                                         \
            "cmp r12, #2\n"                                                                                \
            "beq 8f\n"                                                                                     \
            "mov r9, r4\n"                                                                                 \
            "ldr r4, [r10, #24]\n"                                                                         \
            EDGEC_VFP_RELU_TO(0, 1, 2, 3, "7f")                                                            \
            "add r5, r5, r11\n"                                                                            \
            EDGEC_VFP_RELU_TO(4, 5, 6, 7, "7f")                                                            \
            "add r5, r5, r11\n"                                                                            \
            "cmp lr, #2\n"                                                                                 \
            "beq 6f\n"                                                                                     \
            EDGEC_VFP_RELU_TO(8, 9, 10, 11, "7f")                                                          \
            "add r5, r5, r11\n"                                                                            \
            "6:\n"                                                                                         \
            "mov r4, r9\n"                                                                                 \
            "b.w 9f\n"                                                                                     \
            "7:\n" /* from the first pixel on again */                                                     \
            "mov r4, r9\n"                                                                                 \
            "mov r5, r1\n"                                                                                 \
            "8:\n" /* a pixel a turn */                                                                    \
            "vldr s16, [r10, #20]\n"                                                                       \
            "vldr s17, [r10, #24]\n"                                                                       \
            "mov r6, lr\n"                                                                                 \
            "8:\n"                                                                                         \
            EDGEC_VFP_LIMIT(0)                                                                             \
            EDGEC_VFP_LIMIT(1)                                                                             \
            EDGEC_VFP_LIMIT(2)                                                                             \
            EDGEC_VFP_LIMIT(3)                                                                             \
            "vstmia r5, {s0-s3}\n"                                                                         \
            "add r5, r5, r11\n"                                                                            \
            "vpush {s4-s11}\n"                                                                             \
            "vpop {s0-s7}\n"                                                                               \
            "subs r6, r6, #1\n"                                                                            \
            "bne 8b\n");                                                                                   \
    __asm__("9:\n"                                                                                         \
            "mov r1, r5\n"                                                                                 \
            "ldr r6, [r10, #40]\n"                                                                         \
            "mla r0, lr, r6, r0\n"                                                                         \
            "subs r4, r4, #1\n"                                                                            \
            "bne.w 2b\n"                                                                                   \
            "ldr r6, [r10, #8]\n"                                                                          \
            "add r0, r0, r6\n"                                                                             \
            "subs r3, r3, #1\n"                                                                            \
            "bne.w 1b\n"                                                                                   \
            EDGEC_VFP_LEAVE                                                                                \
            "30:\n"                                                                                        \
            more                                                                                           \
            "31:\n"                                                                                        \
            two                                                                                            \
            "subs r12, r12, #1\n"                                                                          \
            "bne.w 31b\n"                                                                                  \
            "mov lr, #2\n"                                                                                 \
            "b.w 5b\n");                                                                                   \
  }

EDGEC_PLANES_VFP(3_1_vfp, EDGEC_VFP_ROW_3X3_1(EDGEC_VFP_LANES), EDGEC_VFP_ROW_2X3_1(EDGEC_VFP_LANES), EDGEC_VFP_LESS_OVERLAP)
EDGEC_PLANES_VFP(3_2_vfp, EDGEC_VFP_ROW_3X3_2(EDGEC_VFP_LANES), EDGEC_VFP_ROW_2X3_2(EDGEC_VFP_LANES), EDGEC_VFP_LESS_OVERLAP)
EDGEC_PLANES_VFP(any_vfp, EDGEC_VFP_ROW_3XANY(EDGEC_VFP_LANES), EDGEC_VFP_ROW_2XANY(EDGEC_VFP_LANES), "")
EDGEC_PLANES_VFP(3_1_vmla, EDGEC_VFP_ROW_3X3_1(EDGEC_VMLA_LANES), EDGEC_VFP_ROW_2X3_1(EDGEC_VMLA_LANES), EDGEC_VFP_LESS_OVERLAP)
EDGEC_PLANES_VFP(3_2_vmla, EDGEC_VFP_ROW_3X3_2(EDGEC_VMLA_LANES), EDGEC_VFP_ROW_2X3_2(EDGEC_VMLA_LANES), EDGEC_VFP_LESS_OVERLAP)
EDGEC_PLANES_VFP(any_vmla, EDGEC_VFP_ROW_3XANY(EDGEC_VMLA_LANES), EDGEC_VFP_ROW_2XANY(EDGEC_VMLA_LANES), "")

typedef void edgec_planes_loop_vfp(const float *x, float *y, const float *stream, int32_t rows,
                                   const edgec_planes_vfp *op);

EDGEC_FUNCTION void edgec_depthwise_rows_vfp(edgec_planes_loop_vfp *loop, const edgec_depthwise_vfp *op,
                                             const int8_t *const *rows, int32_t out_rows, float *y, float *plane)
{
  const edgec_padded_vfp *const padded = &op->padded;
  const int32_t line = 4 * (padded->before + padded->count + padded->behind);
  const int32_t count = (out_rows - 1) * padded->stride + padded->span;
  for (int32_t i = 0; i < count; ++i) {
    float *const at = plane + i * line;
    edgec_zeros_vfp(at, rows[i] == NULL ? line : 4 * padded->before);
    edgec_zeros_vfp(at + line - 4 * padded->behind, 4 * padded->behind);
  }
  const float *stream = op->stream;
  for (int32_t next = 0; next < op->channels; next += 4, stream += op->group) {
    const int32_t c = next < op->channels - 4 ? next : op->channels - 4;
    for (int32_t i = 0; i < count; ++i) {
      if (rows[i] != NULL) {
        const float *const x = (const float *)(const void *)rows[i];
        edgec_plane_vfp(plane + i * line + 4 * padded->before, x + c, padded->count, 4 * op->channels);
      }
    }
    loop(plane, y + c, stream, out_rows, &op->planes);
  }
}

/* `out_rows` rows of output from pointers to all rows of input that their windows span (NULL: a row of padding), with windows
   of 3 columns and stride 1 or 2, or any. A sum starts at the bias and takes its products in the order ky, kx. Padding adds
   products that are zero: no weight is infinite or NaN, and no bias -0. scratch: 4 channels of these rows, with their padding. */
#define EDGEC_DEPTHWISE_VFP(name)                                                                                  \
  EDGEC_FUNCTION void edgec_depthwise_##name##_f32(const edgec_depthwise_vfp *op, const int8_t *const *rows,       \
                                                   int32_t out_rows, float *y, void *scratch)                      \
  {                                                                                                                \
    edgec_depthwise_rows_vfp(edgec_planes_##name, op, rows, out_rows, y, (float *)scratch);                        \
  }

EDGEC_DEPTHWISE_VFP(3_1_vfp)
EDGEC_DEPTHWISE_VFP(3_2_vfp)
EDGEC_DEPTHWISE_VFP(any_vfp)
EDGEC_DEPTHWISE_VFP(3_1_vmla)
EDGEC_DEPTHWISE_VFP(3_2_vmla)
EDGEC_DEPTHWISE_VFP(any_vmla)

#endif
