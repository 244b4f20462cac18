/* Elements at places that a grid names, nearest, linear or cubic, over up to three spatial axes. */
#ifndef EDGEC_GRID_SAMPLE_H
#define EDGEC_GRID_SAMPLE_H

#include "edgec/floor.h"
#include "edgec/fmod.h"
#include "edgec/round.h"

#define EDGEC_GRID_AXES 3
#define EDGEC_GRID_TAPS 4

enum { EDGEC_GRID_ZEROS = 0, EDGEC_GRID_BORDER = 1, EDGEC_GRID_REFLECTION = 2 };

/* x is [batch][channels][extent 0][1][2], where of the spatial axes the last `dims` are used and the others are 1; grid
   is [batch][points][dims], a point's coordinate along the last axis first; y is [batch][channels][points]. */
typedef struct {
  int32_t batch;
  int32_t channels;
  int32_t points;
  int32_t dims;
  int32_t extent[EDGEC_GRID_AXES];
  int32_t taps; /* along an axis: 1 nearest, 2 linear, 4 cubic */
  int32_t padding;
  int32_t align_corners;
} edgec_grid_sample;

/* For each element type: edgec_grid_reflect reflects a coordinate at low and high until it lies between them;
   edgec_grid_cubic is cubic convolution with a = -0.75 (Keys 1981, equation 4); edgec_grid_taps gives the elements along
   one axis that a coordinate between -1 and 1 meets, -1 for a zero, and their weights. */
#define EDGEC_GRID_SAMPLE_KERNEL(suffix, type, wide)                                                                  \
  EDGEC_INLINE type edgec_grid_reflect_##suffix(type at, type low, type high)                                         \
  {                                                                                                                   \
    const type span = high - low;                                                                                     \
    if (!(span > 0)) {                                                                                                \
      return low;                                                                                                     \
    }                                                                                                                 \
    if (at < low) {                                                                                                   \
      const type rest = edgec_fmod_scalar_##suffix(low - at, span + span);                                            \
      return rest < span ? low + rest : high - (rest - span);                                                         \
    }                                                                                                                 \
    if (at > high) {                                                                                                  \
      const type rest = edgec_fmod_scalar_##suffix(at - high, span + span);                                           \
      return rest < span ? high - rest : low + (rest - span);                                                         \
    }                                                                                                                 \
    return at;                                                                                                        \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE type edgec_grid_cubic_##suffix(type d)                                                                 \
  {                                                                                                                   \
    const type a = (type)-0.75;                                                                                       \
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;                  \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_grid_taps_##suffix(const edgec_grid_sample *op, type coordinate, int32_t extent,            \
                                             int32_t *place, type *weight)                                            \
  {                                                                                                                   \
    const type half = (type)0.5;                                                                                      \
    const type last = (type)(extent - 1);                                                                             \
    const type low = op->align_corners ? 0 : -half;                                                                   \
    const type high = op->align_corners ? last : (type)extent - half;                                                 \
    type at = op->align_corners ? (coordinate + 1) * half * last : ((coordinate + 1) * (type)extent - 1) * half;      \
    at = op->taps == 1 ? edgec_round_scalar_##suffix(at) : at;                                                        \
    if (at < low || at > high) {                                                                                      \
      if (op->padding == EDGEC_GRID_BORDER && op->taps < 4) {                                                         \
        at = at < 0 ? 0 : at > last ? last : at;                                                                      \
      } else if (op->padding == EDGEC_GRID_REFLECTION) {                                                              \
        at = edgec_grid_reflect_##suffix(at, low, high);                                                              \
      }                                                                                                               \
    }                                                                                                                 \
    /* Far outside, and at NaN, all is as it is a little outside. */                                                  \
    at = at >= -4 ? (at > (type)(extent + 3) ? (type)(extent + 3) : at) : -4;                                         \
    const type first = edgec_floor_scalar_##suffix(at);                                                               \
    const type ratio = at - first;                                                                                    \
    for (int32_t tap = 0; tap < op->taps; ++tap) {                                                                    \
      const int32_t step = op->taps == 4 ? tap - 1 : tap;                                                             \
      type around = first + (type)step;                                                                               \
      if (op->padding == EDGEC_GRID_BORDER) {                                                                         \
        around = around < 0 ? 0 : around > last ? last : around;                                                      \
      } else if (op->padding == EDGEC_GRID_REFLECTION) {                                                              \
        around = edgec_grid_reflect_##suffix(around, low, high);                                                      \
        around = around < 0 ? 0 : around > last ? last : around;                                                      \
      }                                                                                                               \
      place[tap] = around >= 0 && around <= last ? (int32_t)around : -1;                                              \
      if (op->taps == 4) {                                                                                            \
        weight[tap] = edgec_grid_cubic_##suffix(edgec_magnitude_##suffix(ratio - (type)step));                        \
      } else {                                                                                                        \
        weight[tap] = op->taps == 1 ? 1 : tap == 0 ? 1 - ratio : ratio;                                               \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_grid_sample_##suffix(const edgec_grid_sample *op, const type *x, const type *grid, type *y) \
  {                                                                                                                   \
    const int32_t plane = op->extent[1] * op->extent[2];                                                              \
    const int32_t image = op->extent[0] * plane;                                                                      \
    for (int32_t n = 0; n < op->batch; ++n) {                                                                         \
      for (int32_t p = 0; p < op->points; ++p) {                                                                      \
        int32_t place[EDGEC_GRID_AXES][EDGEC_GRID_TAPS] = {{0}};                                                      \
        type weight[EDGEC_GRID_AXES][EDGEC_GRID_TAPS] = {{1}, {1}, {1}};                                              \
        int32_t taps[EDGEC_GRID_AXES] = {1, 1, 1};                                                                    \
        for (int32_t d = 0; d < op->dims; ++d) {                                                                      \
          const int32_t axis = EDGEC_GRID_AXES - 1 - d;                                                               \
          edgec_grid_taps_##suffix(op, grid[d], op->extent[axis], place[axis], weight[axis]);                         \
          taps[axis] = op->taps;                                                                                      \
        }                                                                                                             \
        grid += op->dims;                                                                                             \
        for (int32_t c = 0; c < op->channels; ++c) {                                                                  \
          const type *const from = x + (ptrdiff_t)(n * op->channels + c) * image;                                     \
          type total = 0;                                                                                             \
          for (int32_t i = 0; i < taps[0]; ++i) {                                                                     \
            type rows = 0;                                                                                            \
            for (int32_t j = 0; j < taps[1]; ++j) {                                                                   \
              type row = 0;                                                                                           \
              for (int32_t k = 0; k < taps[2]; ++k) {                                                                 \
                const int32_t inside = place[0][i] >= 0 && place[1][j] >= 0 && place[2][k] >= 0;                      \
                row += weight[2][k] *                                                                                 \
                       (inside ? from[place[0][i] * plane + place[1][j] * op->extent[2] + place[2][k]] : 0);          \
              }                                                                                                       \
              rows += weight[1][j] * row;                                                                             \
            }                                                                                                         \
            total += weight[0][i] * rows;                                                                             \
          }                                                                                                           \
          y[(ptrdiff_t)(n * op->channels + c) * op->points + p] = total;                                              \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

/* Sums go over the innermost axis first, each from zero, in the order of the elements. y must not overlap x or grid. */
EDGEC_FOR_FLOATS(EDGEC_GRID_SAMPLE_KERNEL)

#endif
