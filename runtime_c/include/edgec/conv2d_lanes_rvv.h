/* Convolutions and dense layers of bytes and of halfwords by weights of bytes with RVV, for what
   block_rvv.h does not serve: groups, and 16 bits. Lanes are output channels, or pixels of a row. Sums are of 32 bits;
   three go together. */
#ifndef EDGEC_CONV2D_LANES_RVV_H
#define EDGEC_CONV2D_LANES_RVV_H

#include "edgec/lanes_rvv.h"
#include "edgec/strips.h"

/* One layer. */
typedef struct {
  edgec_padded_rvv padded;
  const int8_t *weights; /* channels in lanes: [taps][out]; pixels in lanes: [out][taps] */
  const int32_t *bias;
  const int32_t *multiplier;
  const uint16_t *shift; /* less 32 */
  edgec_result result;
  edgec_windows_rvv windows;
} edgec_conv2d_lanes_rvv;

/* Finished sums as bytes or halfwords, `apart` bytes from each other. */
EDGEC_INLINE void edgec_put_rvv_i8(const edgec_result *result, vint16m4_t scaled, int8_t *y, ptrdiff_t apart, size_t lanes)
{
  const vint8m2_t code = edgec_codes_rvv(scaled, result, lanes);
  if (apart == 1) {
    __riscv_vse8_v_i8m2(y, code, lanes);
  } else {
    __riscv_vsse8_v_i8m2(y, apart, code, lanes);
  }
}

EDGEC_INLINE void edgec_put_rvv_i16(const edgec_result *result, vint16m4_t scaled, int16_t *y, ptrdiff_t apart, size_t lanes)
{
  vint16m4_t code = __riscv_vsadd_vx_i16m4(scaled, (int16_t)result->zero_point, lanes);
  code = __riscv_vmax_vx_i16m4(code, (int16_t)result->low, lanes);
  code = __riscv_vmin_vx_i16m4(code, (int16_t)result->high, lanes);
  if (apart == (ptrdiff_t)sizeof(int16_t)) {
    __riscv_vse16_v_i16m4(y, code, lanes);
  } else {
    __riscv_vsse16_v_i16m4(y, apart, code, lanes);
  }
}

/* Sums of channels from o on as codes. */
EDGEC_INLINE vint16m4_t edgec_scaled_channels_rvv(const edgec_conv2d_lanes_rvv *op, int32_t o, vint32m8_t sum, size_t lanes)
{
  const vint32m8_t upper = __riscv_vmulh_vv_i32m8(sum, __riscv_vle32_v_i32m8(op->multiplier + o, lanes), lanes);
  return __riscv_vnclip_wv_i16m4(upper, __riscv_vle16_v_u16m4(op->shift + o, lanes), __RISCV_VXRM_RNU, lanes);
}

EDGEC_INLINE vint16m4_t edgec_scaled_pixels_rvv(const edgec_conv2d_lanes_rvv *op, int32_t o, vint32m8_t sum, size_t lanes)
{
  return __riscv_vnclip_wx_i16m4(__riscv_vmulh_vx_i32m8(sum, op->multiplier[o], lanes), op->shift[o], __RISCV_VXRM_RNU, lanes);
}

/* Rows of output by windows that lie in x, one group: output channels are lanes. */
#define EDGEC_WINDOWS_CHANNELS_RVV(suffix, type)                                                                          \
  EDGEC_INLINE void edgec_channels_rvv_##suffix(const edgec_conv2d_lanes_rvv *op, int32_t three, const type *const *at,    \
                                                int32_t o, type *y, size_t lanes)                                         \
  {                                                                                                                       \
    const edgec_windows_rvv *const windows = &op->windows;                                                                \
    const ptrdiff_t outs = windows->out_channels;                                                                         \
    const type *x0 = at[0];                                                                                               \
    const type *x1 = at[1];                                                                                               \
    const type *x2 = at[2];                                                                                               \
    const int8_t *w = op->weights + o;                                                                                    \
    vint32m8_t a = __riscv_vle32_v_i32m8(op->bias + o, lanes);                                                            \
    vint32m8_t b = a;                                                                                                     \
    vint32m8_t c = a;                                                                                                     \
    for (int32_t row = 0; row < windows->kernel_rows; ++row) {                                                            \
      for (int32_t run = 0; run < windows->runs; ++run) {                                                                 \
        edgec_run_channels_##suffix##_rvv(three, &a, &b, &c, &w, outs, 1, &x0, &x1, &x2, windows->run, lanes);            \
        x0 += windows->skip;                                                                                              \
        x1 += windows->skip;                                                                                              \
        x2 += windows->skip;                                                                                              \
      }                                                                                                                   \
      x0 += windows->turn;                                                                                                \
      x1 += windows->turn;                                                                                                \
      x2 += windows->turn;                                                                                                \
    }                                                                                                                     \
    const ptrdiff_t size = sizeof(type);                                                                                  \
    edgec_put_rvv_##suffix(&op->result, edgec_scaled_channels_rvv(op, o, a, lanes), y + o, size, lanes);                  \
    if (three) {                                                                                                          \
      edgec_put_rvv_##suffix(&op->result, edgec_scaled_channels_rvv(op, o, b, lanes), y + outs + o, size, lanes);         \
      edgec_put_rvv_##suffix(&op->result, edgec_scaled_channels_rvv(op, o, c, lanes), y + 2 * outs + o, size, lanes);     \
    }                                                                                                                     \
  }                                                                                                                       \
                                                                                                                          \
  EDGEC_BLOCK_KERNEL void edgec_windows_channels_rvv_##suffix(const edgec_conv2d_lanes_rvv *op, const type *x,            \
                                                              int32_t rows, type *y)                                      \
  {                                                                                                                       \
    const int32_t outs = op->windows.out_channels;                                                                        \
    int32_t column = 0;                                                                                                   \
    int32_t count;                                                                                                        \
    for (int32_t left = rows * op->windows.out_width; left > 0; left -= count, y += count * outs) {                       \
      const type *at[3] = {x, x, x};                                                                                      \
      count = left < 3 ? 1 : 3;                                                                                           \
      for (int32_t i = 0; i < count; ++i) {                                                                               \
        at[i] = x + column * op->windows.pixel;                                                                           \
        if (++column == op->windows.out_width) {                                                                          \
          column = 0;                                                                                                     \
          x += op->windows.row;                                                                                           \
        }                                                                                                                 \
      }                                                                                                                   \
      size_t lanes;                                                                                                       \
      for (int32_t o = 0; o < outs; o += (int32_t)lanes) {                                                                \
        lanes = __riscv_vsetvl_e32m8((size_t)(outs - o));                                                                 \
        if (count == 3) {                                                                                                 \
          edgec_channels_rvv_##suffix(op, 1, at, o, y, lanes);                                                            \
        } else {                                                                                                          \
          edgec_channels_rvv_##suffix(op, 0, at, o, y, lanes);                                                            \
        }                                                                                                                 \
      }                                                                                                                   \
    }                                                                                                                     \
  }

EDGEC_WINDOWS_CHANNELS_RVV(i16, int16_t)

/* The same with pixels of a row in lanes. */
#define EDGEC_WINDOWS_PIXELS_RVV(suffix, type)                                                                            \
  EDGEC_INLINE void edgec_pixels_rvv_##suffix(const edgec_conv2d_lanes_rvv *op, int32_t three, const type *x, int32_t o,   \
                                              type *y, size_t lanes)                                                      \
  {                                                                                                                       \
    const edgec_windows_rvv *const windows = &op->windows;                                                                \
    const ptrdiff_t size = sizeof(type);                                                                                  \
    const ptrdiff_t taps = (ptrdiff_t)windows->kernel_rows * windows->runs * windows->run;                                \
    const ptrdiff_t to = size * windows->out_channels;                                                                    \
    const int8_t *w0 = op->weights + o * taps;                                                                            \
    const int8_t *w1 = w0 + taps;                                                                                         \
    const int8_t *w2 = w1 + taps;                                                                                         \
    vint32m8_t a = __riscv_vmv_v_x_i32m8(op->bias[o], lanes);                                                             \
    vint32m8_t b = a;                                                                                                     \
    vint32m8_t c = a;                                                                                                     \
    if (three) {                                                                                                          \
      b = __riscv_vmv_v_x_i32m8(op->bias[o + 1], lanes);                                                                  \
      c = __riscv_vmv_v_x_i32m8(op->bias[o + 2], lanes);                                                                  \
    }                                                                                                                     \
    for (int32_t row = 0; row < windows->kernel_rows; ++row) {                                                            \
      for (int32_t run = 0; run < windows->runs; ++run) {                                                                 \
        edgec_run_pixels_##suffix##_rvv(three, &a, &b, &c, &x, size * windows->tap, size * windows->pixel, &w0, &w1, &w2, \
                                        windows->run, lanes);                                                             \
        x += windows->skip;                                                                                               \
      }                                                                                                                   \
      x += windows->turn;                                                                                                 \
    }                                                                                                                     \
    edgec_put_rvv_##suffix(&op->result, edgec_scaled_pixels_rvv(op, o, a, lanes), y + o, to, lanes);                      \
    if (three) {                                                                                                          \
      edgec_put_rvv_##suffix(&op->result, edgec_scaled_pixels_rvv(op, o + 1, b, lanes), y + o + 1, to, lanes);            \
      edgec_put_rvv_##suffix(&op->result, edgec_scaled_pixels_rvv(op, o + 2, c, lanes), y + o + 2, to, lanes);            \
    }                                                                                                                     \
  }                                                                                                                       \
                                                                                                                          \
  EDGEC_BLOCK_KERNEL void edgec_windows_pixels_rvv_##suffix(const edgec_conv2d_lanes_rvv *op, const type *x, int32_t rows, \
                                                            type *y)                                                      \
  {                                                                                                                       \
    const edgec_windows_rvv *const windows = &op->windows;                                                                \
    const int32_t each = windows->out_channels / windows->groups;                                                         \
    for (int32_t r = 0; r < rows; ++r, x += windows->row) {                                                               \
      size_t lanes;                                                                                                       \
      for (int32_t p = 0; p < windows->out_width; p += (int32_t)lanes) {                                                  \
        lanes = __riscv_vsetvl_e32m8((size_t)(windows->out_width - p));                                                   \
        const type *at = x + p * windows->pixel;                                                                          \
        for (int32_t g = 0; g < windows->groups; ++g, at += windows->group) {                                             \
          int32_t o = g * each;                                                                                           \
          for (; o + 3 <= (g + 1) * each; o += 3) {                                                                       \
            edgec_pixels_rvv_##suffix(op, 1, at, o, y, lanes);                                                            \
          }                                                                                                               \
          for (; o < (g + 1) * each; ++o) {                                                                               \
            edgec_pixels_rvv_##suffix(op, 0, at, o, y, lanes);                                                            \
          }                                                                                                               \
        }                                                                                                                 \
        y += (int32_t)lanes * windows->out_channels;                                                                      \
      }                                                                                                                   \
    }                                                                                                                     \
  }

EDGEC_WINDOWS_PIXELS_RVV(i8, int8_t)
EDGEC_WINDOWS_PIXELS_RVV(i16, int16_t)

/* The same from pointers to all rows of input that the windows of `out_rows` rows span (NULL: a row of padding). scratch: these
   rows with their padding. */
#define EDGEC_CONV2D_LANES_RVV(form, suffix, type)                                                                       \
  EDGEC_BLOCK_KERNEL void edgec_conv2d_##form##_rvv_##suffix(const edgec_conv2d_lanes_rvv *op, const int8_t *const *rows, \
                                                             int32_t out_rows, type *y, void *scratch)                   \
  {                                                                                                                      \
    edgec_pad_rows_rvv(&op->padded, rows, out_rows, (int8_t *)scratch);                                                  \
    edgec_windows_##form##_rvv_##suffix(op, (const type *)scratch, out_rows, y);                                         \
  }

EDGEC_CONV2D_LANES_RVV(channels, i16, int16_t)
EDGEC_CONV2D_LANES_RVV(pixels, i8, int8_t)
EDGEC_CONV2D_LANES_RVV(pixels, i16, int16_t)

#endif
