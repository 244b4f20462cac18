/* Regions of images, pooled to one size from bilinear samples. */
#ifndef EDGEC_ROI_ALIGN_H
#define EDGEC_ROI_ALIGN_H

#include "edgec/ceil.h"
#include "edgec/max.h"

/* x is [batch][channels][height][width], regions are [regions][4] (left, top, right, bottom) of the images [regions],
   y is [regions][channels][out_height][out_width]. `sampling`: samples along each side of a bin; 0: one an element. */
typedef struct {
  int32_t batch;
  int32_t channels;
  int32_t height;
  int32_t width;
  int32_t regions;
  int32_t out_height;
  int32_t out_width;
  int32_t sampling;
  int32_t maximum; /* the largest term of the samples, not their mean */
  int32_t half_pixel;
} edgec_roi_align;

/* Most samples along one side of a bin: beyond it a region is no sensible one. */
#define EDGEC_ROI_SAMPLES 32767

/* One side of a region: where it starts, how long a bin is, how many samples it has; and of a sample, the elements
   before and behind it, with their weights. */
#define EDGEC_ROI_ALIGN_PARTS(suffix, type, wide)                                                                    \
  typedef struct {                                                                                                   \
    type start;                                                                                                      \
    type bin;                                                                                                        \
    int32_t samples;                                                                                                 \
  } edgec_roi_side_##suffix;                                                                                         \
                                                                                                                     \
  typedef struct {                                                                                                   \
    int32_t low;                                                                                                     \
    int32_t high;                                                                                                    \
    type low_weight;                                                                                                 \
    type high_weight;                                                                                                \
  } edgec_roi_sample_##suffix;                                                                                       \
                                                                                                                     \
  EDGEC_INLINE edgec_roi_side_##suffix edgec_roi_side_of_##suffix(const edgec_roi_align *op, type scale, type start, \
                                                                  type end, int32_t bins)                            \
  {                                                                                                                  \
    const type offset = op->half_pixel ? (type)0.5 : 0;                                                              \
    const type first = start * scale - offset;                                                                       \
    const type length = (end * scale - offset) - first;                                                              \
    edgec_roi_side_##suffix side;                                                                                    \
    side.start = first;                                                                                              \
    side.bin = (op->half_pixel ? length : edgec_max_scalar_##suffix(length, 1)) / (type)bins;                        \
    side.samples = op->sampling;                                                                                     \
    if (op->sampling == 0) {                                                                                         \
      const type samples = edgec_ceil_scalar_##suffix(side.bin);                                                     \
      side.samples = samples > 0 ? (samples < EDGEC_ROI_SAMPLES ? (int32_t)samples : EDGEC_ROI_SAMPLES) : 0;         \
    }                                                                                                                \
    return side;                                                                                                     \
  }                                                                                                                  \
                                                                                                                     \
  EDGEC_INLINE type edgec_roi_at_##suffix(const edgec_roi_side_##suffix *side, int32_t bin, int32_t sample)          \
  {                                                                                                                  \
    return side->start + (type)bin * side->bin + ((type)sample + (type)0.5) * side->bin / (type)side->samples;       \
  }                                                                                                                  \
                                                                                                                     \
  EDGEC_INLINE edgec_roi_sample_##suffix edgec_roi_sample_of_##suffix(type at, int32_t extent)                       \
  {                                                                                                                  \
    edgec_roi_sample_##suffix sample;                                                                                \
    const type inside = at > 0 ? at : 0;                                                                             \
    sample.low = inside < (type)(extent - 1) ? (int32_t)inside : extent - 1;                                         \
    sample.high = sample.low < extent - 1 ? sample.low + 1 : extent - 1;                                             \
    sample.high_weight = sample.high > sample.low ? inside - (type)sample.low : 0;                                   \
    sample.low_weight = 1 - sample.high_weight;                                                                      \
    return sample;                                                                                                   \
  }                                                                                                                  \
                                                                                                                     \
  EDGEC_INLINE type edgec_roi_bin_##suffix(const edgec_roi_align *op, const edgec_roi_side_##suffix *rows,           \
                                           const edgec_roi_side_##suffix *columns, int32_t i, int32_t j,             \
                                           const type *image)                                                        \
  {                                                                                                                  \
    type total = 0;                                                                                                  \
    for (int32_t a = 0; a < rows->samples; ++a) {                                                                    \
      const type v = edgec_roi_at_##suffix(rows, i, a);                                                              \
      for (int32_t b = 0; b < columns->samples; ++b) {                                                               \
        const type u = edgec_roi_at_##suffix(columns, j, b);                                                         \
        type term[4] = {0, 0, 0, 0};                                                                                 \
        if (v >= -1 && v <= (type)op->height && u >= -1 && u <= (type)op->width) {                                   \
          const edgec_roi_sample_##suffix y = edgec_roi_sample_of_##suffix(v, op->height);                           \
          const edgec_roi_sample_##suffix x = edgec_roi_sample_of_##suffix(u, op->width);                            \
          term[0] = y.low_weight * x.low_weight * image[y.low * op->width + x.low];                                  \
          term[1] = y.low_weight * x.high_weight * image[y.low * op->width + x.high];                                \
          term[2] = y.high_weight * x.low_weight * image[y.high * op->width + x.low];                                \
          term[3] = y.high_weight * x.high_weight * image[y.high * op->width + x.high];                              \
        }                                                                                                            \
        if (op->maximum) {                                                                                           \
          const type largest = edgec_max_scalar_##suffix(edgec_max_scalar_##suffix(term[0], term[1]),                \
                                                         edgec_max_scalar_##suffix(term[2], term[3]));               \
          total = a == 0 && b == 0 ? largest : edgec_max_scalar_##suffix(total, largest);                            \
        } else {                                                                                                     \
          total += term[0] + term[1] + term[2] + term[3];                                                            \
        }                                                                                                            \
      }                                                                                                              \
    }                                                                                                                \
    const int32_t count = rows->samples * columns->samples;                                                          \
    return op->maximum || count == 0 ? total : total / (type)count;                                                  \
  }

EDGEC_FOR_FLOATS(EDGEC_ROI_ALIGN_PARTS)

/* Define kernel edgec_roi_align_<type>_<suffix of the indices>. Samples add up row by row. y must not overlap an
   operand. Returns EDGEC_OK, or EDGEC_ERROR_INDEX at the first image outside of the batch; a negative one counts from
   the end. */
#define EDGEC_ROI_ALIGN_KERNEL(suffix, type, index_suffix, index_type)                                                 \
  EDGEC_KERNEL int32_t edgec_roi_align_##suffix##_##index_suffix(const edgec_roi_align *op, type scale, const type *x, \
                                                                 const type *rois, const index_type *batch, type *y)   \
  {                                                                                                                    \
    for (int32_t r = 0; r < op->regions; ++r) {                                                                        \
      if (batch[r] < -op->batch || batch[r] >= op->batch) {                                                            \
        return EDGEC_ERROR_INDEX;                                                                                      \
      }                                                                                                                \
      const int32_t image = (int32_t)batch[r] + (batch[r] < 0 ? op->batch : 0);                                        \
      const type *const roi = rois + r * 4;                                                                            \
      const edgec_roi_side_##suffix rows = edgec_roi_side_of_##suffix(op, scale, roi[1], roi[3], op->out_height);      \
      const edgec_roi_side_##suffix columns = edgec_roi_side_of_##suffix(op, scale, roi[0], roi[2], op->out_width);    \
      for (int32_t c = 0; c < op->channels; ++c) {                                                                     \
        const type *const from = x + (ptrdiff_t)(image * op->channels + c) * op->height * op->width;                   \
        for (int32_t i = 0; i < op->out_height; ++i) {                                                                 \
          for (int32_t j = 0; j < op->out_width; ++j) {                                                                \
            *y++ = edgec_roi_bin_##suffix(op, &rows, &columns, i, j, from);                                            \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    return EDGEC_OK;                                                                                                   \
  }

#define EDGEC_ROI_ALIGN_KERNELS(suffix, type, wide)  \
  EDGEC_ROI_ALIGN_KERNEL(suffix, type, i32, int32_t) \
  EDGEC_ROI_ALIGN_KERNEL(suffix, type, i64, int64_t)

EDGEC_FOR_FLOATS(EDGEC_ROI_ALIGN_KERNELS)

#endif
