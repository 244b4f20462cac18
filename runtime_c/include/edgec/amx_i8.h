/* Products of bytes by known weights with AMX: tiles of up to 16 pixels x 16 output channels, of which four are summed up at
   a time, two of pixels by two of channels. */
#ifndef EDGEC_AMX_I8_H
#define EDGEC_AMX_I8_H

#include "edgec/padded_i8.h"

/* The window of a pixel is `rows` x `taps` runs of `chunks` chunks of bytes; of a chunk weights are `groups` groups. */
typedef struct {
  int32_t rows;
  int32_t row;  /* bytes from one to the next */
  int32_t taps; /* of a row of a window */
  int32_t tap;  /* bytes from one to the next */
  int32_t chunks;
  int32_t groups;
  int32_t pixel;    /* bytes from the window of a pixel to that of its neighbour */
  int32_t pixels;   /* of a tile */
  int32_t channels; /* of a pixel of the result */
  int32_t floats;
  int32_t zero_point;
  int32_t low;
  int32_t high;
} edgec_amx_i8;

/* What tiles are: palette 1; 0 .. 3 are sums, 4 and 5 are x, 6 and 7 weights. */
typedef struct {
  uint8_t palette;
  uint8_t start;
  uint8_t reserved[14];
  uint16_t bytes[16]; /* of a row */
  uint8_t rows[16];
} edgec_amx_config;

/* gcc does not know that tiles are loaded from memory. */
#define EDGEC_AMX_FENCE(place) __asm__ volatile("" : : "r"(place) : "memory")

EDGEC_INLINE void edgec_amx_begin(const edgec_amx_i8 *op)
{
  edgec_amx_config config;
  unsigned char *const all = (unsigned char *)&config;
  for (uint32_t i = 0; i < sizeof config; ++i) {
    all[i] = 0;
  }
  config.palette = 1;
  for (int32_t i = 0; i < 8; ++i) {
    config.bytes[i] = (uint16_t)(i < 4 || i > 5 ? 4 * EDGEC_SUMS : 4 * op->groups);
    config.rows[i] = (uint8_t)(i < 6 ? op->pixels : op->groups);
  }
  EDGEC_AMX_FENCE(&config);
  _tile_loadconfig(&config);
}

EDGEC_INLINE void edgec_amx_end(void)
{
  _tile_release();
}

#define EDGEC_AMX_EACH_CHUNK                                                \
  for (int32_t row = 0; row < op->rows; ++row)                              \
    for (int32_t tap = 0; tap < op->taps; ++tap)                            \
      for (int32_t chunk = 0, at = row * op->row + tap * op->tap; chunk < op->chunks; ++chunk, at += 4 * op->groups)

#define EDGEC_AMX_WEIGHTS(number, vector) \
  _tile_loadd(number, w + (vector) * op->groups * 4 * EDGEC_SUMS, 4 * EDGEC_SUMS);

/* Tiles of sums: of the pixels at x, and of those at z, by two vectors of channels or by one. */
EDGEC_INLINE void edgec_amx_2x2(const edgec_amx_i8 *op, const int8_t *w, const int32_t *codes, const edgec_input *x,
                                const edgec_input *z)
{
  _tile_loadd(0, codes, 0);
  _tile_loadd(1, codes + 4 * EDGEC_SUMS, 0);
  _tile_loadd(2, codes, 0);
  _tile_loadd(3, codes + 4 * EDGEC_SUMS, 0);
  EDGEC_AMX_EACH_CHUNK {
    _tile_loadd(4, x + at, op->pixel);
    EDGEC_AMX_WEIGHTS(6, 0)
    _tile_dpbusd(0, 4, 6);
    EDGEC_AMX_WEIGHTS(7, 1)
    _tile_dpbusd(1, 4, 7);
    _tile_loadd(5, z + at, op->pixel);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
    w += 2 * op->groups * 4 * EDGEC_SUMS;
  }
}

EDGEC_INLINE void edgec_amx_2x1(const edgec_amx_i8 *op, const int8_t *w, const int32_t *codes, const edgec_input *x,
                                const edgec_input *z)
{
  _tile_loadd(0, codes, 0);
  _tile_loadd(2, codes, 0);
  EDGEC_AMX_EACH_CHUNK {
    _tile_loadd(4, x + at, op->pixel);
    EDGEC_AMX_WEIGHTS(6, 0)
    _tile_dpbusd(0, 4, 6);
    _tile_loadd(5, z + at, op->pixel);
    _tile_dpbusd(2, 5, 6);
    w += op->groups * 4 * EDGEC_SUMS;
  }
}

EDGEC_INLINE void edgec_amx_1x2(const edgec_amx_i8 *op, const int8_t *w, const int32_t *codes, const edgec_input *x)
{
  _tile_loadd(0, codes, 0);
  _tile_loadd(1, codes + 4 * EDGEC_SUMS, 0);
  EDGEC_AMX_EACH_CHUNK {
    _tile_loadd(4, x + at, op->pixel);
    EDGEC_AMX_WEIGHTS(6, 0)
    _tile_dpbusd(0, 4, 6);
    EDGEC_AMX_WEIGHTS(7, 1)
    _tile_dpbusd(1, 4, 7);
    w += 2 * op->groups * 4 * EDGEC_SUMS;
  }
}

EDGEC_INLINE void edgec_amx_1x1(const edgec_amx_i8 *op, const int8_t *w, const int32_t *codes, const edgec_input *x)
{
  _tile_loadd(0, codes, 0);
  EDGEC_AMX_EACH_CHUNK {
    _tile_loadd(4, x + at, op->pixel);
    EDGEC_AMX_WEIGHTS(6, 0)
    _tile_dpbusd(0, 4, 6);
    w += op->groups * 4 * EDGEC_SUMS;
  }
}

/* A tile's sums as codes of `count` channels. */
EDGEC_INLINE void edgec_amx_codes(const edgec_amx_i8 *op, const int32_t *codes, const int32_t *sums, int8_t *y,
                                  ptrdiff_t place, int32_t count, const edgec_add_i8 *sum, const int8_t *other)
{
  const edgec_scales scales = edgec_load_scales(codes + EDGEC_SUMS);
  for (int32_t p = 0; p < op->pixels; ++p) {
    const edgec_vector coded = edgec_coded_sums(edgec_load_sums(sums + p * EDGEC_SUMS), &scales, op->floats);
    edgec_end(coded + op->zero_point, op->low, op->high, sum, other, y, place + p * op->channels, count);
  }
}

/* edgec_amx_tiles_<V>: `count` tiles of pixels by `parts` times V vectors of channels, the last of which has `last`; where
   each tile's first pixel is in x and in y. While tiles are summed up, the sums of those before become codes. weights:
   [part][rows][taps][chunks][V][groups][EDGEC_SUMS][4]; codes: [part][V][bias, multiplier, rounding, shift][EDGEC_SUMS];
   sums: four tiles. */
#define EDGEC_AMX_CODES(V, tile, of)                                                                            \
  for (int32_t v = 0; v < (V); ++v) {                                                                           \
    const int32_t ends = part == parts - 1 && v == (V) - 1;                                                     \
    edgec_amx_codes(op, codes + 4 * v * EDGEC_SUMS, sums + (of + v) * EDGEC_SUMS * 16,                          \
                    y, y_places[tile] + (part * (V) + v) * EDGEC_SUMS, ends ? last : EDGEC_SUMS, sum, other);   \
  }

#define EDGEC_AMX_TILES(V)                                                                                              \
  EDGEC_INLINE void edgec_amx_tiles_##V(const edgec_amx_i8 *op, const int8_t *weights, const int32_t *codes,            \
                                        int32_t parts, int32_t last, int32_t count, const int32_t *x_places,            \
                                        const int32_t *y_places, const edgec_input *x, int8_t *y, int32_t *sums,        \
                                        const edgec_add_i8 *sum, const int8_t *other)                                   \
  {                                                                                                                     \
    const ptrdiff_t size = (ptrdiff_t)op->rows * op->taps * op->chunks * op->groups * V * EDGEC_SUMS * 4;               \
    EDGEC_AMX_FENCE(x);                                                                                                 \
    for (int32_t part = 0; part < parts; ++part) {                                                                      \
      const int32_t pairs = count / 2;                                                                                  \
      for (int32_t pair = 0; pair <= pairs; ++pair) {                                                                   \
        if (pair < pairs) {                                                                                             \
          edgec_amx_2x##V(op, weights, codes, x + x_places[2 * pair], x + x_places[2 * pair + 1]);                      \
        } else if (count % 2 != 0) {                                                                                    \
          edgec_amx_1x##V(op, weights, codes, x + x_places[count - 1]);                                                 \
        }                                                                                                               \
        if (pair > 0) {                                                                                                 \
          EDGEC_AMX_CODES(V, 2 * pair - 2, 0)                                                                           \
          EDGEC_AMX_CODES(V, 2 * pair - 1, 2)                                                                           \
        }                                                                                                               \
        if (pair < pairs || count % 2 != 0) {                                                                           \
          EDGEC_AMX_STORE_##V                                                                                           \
        }                                                                                                               \
        if (pair < pairs) {                                                                                             \
          EDGEC_AMX_STORE_SECOND_##V                                                                                    \
        }                                                                                                               \
      }                                                                                                                 \
      if (count % 2 != 0) {                                                                                             \
        EDGEC_AMX_CODES(V, count - 1, 0)                                                                                \
      }                                                                                                                 \
      weights += size;                                                                                                  \
      codes += 4 * V * EDGEC_SUMS;                                                                                      \
    }                                                                                                                   \
  }

#define EDGEC_AMX_STORE(number) _tile_stored(number, sums + number * EDGEC_SUMS * 16, 4 * EDGEC_SUMS);
#define EDGEC_AMX_STORE_1 EDGEC_AMX_STORE(0)
#define EDGEC_AMX_STORE_2 EDGEC_AMX_STORE(0) EDGEC_AMX_STORE(1)
#define EDGEC_AMX_STORE_SECOND_1 EDGEC_AMX_STORE(2)
#define EDGEC_AMX_STORE_SECOND_2 EDGEC_AMX_STORE(2) EDGEC_AMX_STORE(3)

EDGEC_AMX_TILES(1)
EDGEC_AMX_TILES(2)

#endif
