/* The largest elements in the bins of regions of images. */
#ifndef EDGEC_MAX_ROI_POOL_H
#define EDGEC_MAX_ROI_POOL_H

#include "edgec/ceil.h"
#include "edgec/floor.h"
#include "edgec/max.h"

/* x is [batch][channels][height][width], regions are [regions][5] (image, left, top, right, bottom), y is
   [regions][channels][out_height][out_width]. */
typedef struct {
  int32_t batch;
  int32_t channels;
  int32_t height;
  int32_t width;
  int32_t regions;
  int32_t out_height;
  int32_t out_width;
} edgec_max_roi_pool;

/* Coordinates of regions are cut here: no image is as large. */
#define EDGEC_ROI_FAR (1 << 20)

/* Define kernel edgec_max_roi_pool_<type>: corners are scaled and rounded, half way away from zero; a bin reaches from
   the floor of its start to the ceiling of its end, cut to the image, and is 0 if nothing is left. y must not overlap
   x. Returns EDGEC_OK, or EDGEC_ERROR_INDEX at the first image outside of the batch. */
#define EDGEC_MAX_ROI_POOL_KERNEL(suffix, type, wide)                                                                  \
  EDGEC_INLINE int32_t edgec_roi_corner_##suffix(type at)                                                              \
  {                                                                                                                    \
    const type whole = edgec_trunc_scalar_##suffix(at < 0 ? at - (type)0.5 : at + (type)0.5);                          \
    if (!(whole > -EDGEC_ROI_FAR)) {                                                                                   \
      return whole != whole ? 0 : -EDGEC_ROI_FAR;                                                                      \
    }                                                                                                                  \
    return whole < EDGEC_ROI_FAR ? (int32_t)whole : EDGEC_ROI_FAR;                                                     \
  }                                                                                                                    \
                                                                                                                       \
  EDGEC_INLINE int32_t edgec_roi_edge_##suffix(type edge, int32_t start, int32_t extent)                               \
  {                                                                                                                    \
    const int32_t at = (int32_t)edge + start;                                                                          \
    return at < 0 ? 0 : at > extent ? extent : at;                                                                     \
  }                                                                                                                    \
                                                                                                                       \
  EDGEC_INLINE type edgec_roi_length_##suffix(int32_t start, int32_t end, int32_t bins)                                \
  {                                                                                                                    \
    return (type)(end >= start ? end - start + 1 : 1) / (type)bins;                                                    \
  }                                                                                                                    \
                                                                                                                       \
  EDGEC_KERNEL int32_t edgec_max_roi_pool_##suffix(const edgec_max_roi_pool *op, type scale, const type *x,            \
                                                   const type *rois, type *y)                                          \
  {                                                                                                                    \
    for (int32_t r = 0; r < op->regions; ++r) {                                                                        \
      const type *const roi = rois + r * 5;                                                                            \
      if (!(roi[0] >= 0 && roi[0] < (type)op->batch)) {                                                                \
        return EDGEC_ERROR_INDEX;                                                                                      \
      }                                                                                                                \
      const int32_t left = edgec_roi_corner_##suffix(roi[1] * scale);                                                  \
      const int32_t top = edgec_roi_corner_##suffix(roi[2] * scale);                                                   \
      const type width =                                                                                               \
          edgec_roi_length_##suffix(left, edgec_roi_corner_##suffix(roi[3] * scale), op->out_width);                   \
      const type height =                                                                                              \
          edgec_roi_length_##suffix(top, edgec_roi_corner_##suffix(roi[4] * scale), op->out_height);                   \
      for (int32_t c = 0; c < op->channels; ++c) {                                                                     \
        const type *const from = x + (ptrdiff_t)((int32_t)roi[0] * op->channels + c) * op->height * op->width;         \
        for (int32_t i = 0; i < op->out_height; ++i) {                                                                 \
          const int32_t v0 = edgec_roi_edge_##suffix(edgec_floor_scalar_##suffix((type)i * height), top, op->height);  \
          const int32_t v1 =                                                                                           \
              edgec_roi_edge_##suffix(edgec_ceil_scalar_##suffix((type)(i + 1) * height), top, op->height);            \
          for (int32_t j = 0; j < op->out_width; ++j) {                                                                \
            const int32_t u0 = edgec_roi_edge_##suffix(edgec_floor_scalar_##suffix((type)j * width), left, op->width); \
            const int32_t u1 =                                                                                         \
                edgec_roi_edge_##suffix(edgec_ceil_scalar_##suffix((type)(j + 1) * width), left, op->width);           \
            type largest = v0 < v1 && u0 < u1 ? from[v0 * op->width + u0] : 0;                                         \
            for (int32_t v = v0; v < v1; ++v) {                                                                        \
              for (int32_t u = u0; u < u1; ++u) {                                                                      \
                largest = edgec_max_scalar_##suffix(largest, from[v * op->width + u]);                                 \
              }                                                                                                        \
            }                                                                                                          \
            *y++ = largest;                                                                                            \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    return EDGEC_OK;                                                                                                   \
  }

EDGEC_FOR_FLOATS(EDGEC_MAX_ROI_POOL_KERNEL)

#endif
