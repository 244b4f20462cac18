/* Simulated annealing over sequences of steps, a step being an instance of a node.
 *
 * A sequence is valid as long as the first instances stand in a topological order, so that moves only need to keep
 * that; memory is what is searched for. mem[p] is what is live in step p. Only the moved node and its predecessors
 * change their spans, so that a move costs a few short loops over plain arrays, which compilers vectorise.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  int n, most, length, fixed;
  const int *pred_at, *pred, *succ_at, *succ;
  const int64_t *size, *duration;
  int *seq, *pos, *count, *last, *mark; /* last: the instance that uses an instance last, or itself */
  int stamp;
  int64_t *mem, cost;
  uint64_t random;
} State;

static uint32_t draw(State *s, uint32_t below) {
  s->random ^= s->random << 13, s->random ^= s->random >> 7, s->random ^= s->random << 17;
  return (uint32_t)(((s->random >> 32) * below) >> 32);
}

static void add_spans(State *s, int u, int64_t sign) {
  for (int i = u * s->most; i < u * s->most + s->count[u]; i++) {
    int64_t size = sign * s->size[u], *mem = s->mem;
    for (int p = s->pos[i], end = s->pos[s->last[i]]; p <= end; p++) mem[p] += size;
  }
}

static void find_ends(State *s, int u) {
  int first = u * s->most, count = s->count[u];
  for (int i = first; i < first + count; i++) s->last[i] = i;
  for (int e = s->succ_at[u]; e < s->succ_at[u + 1]; e++) {
    int w = s->succ[e];
    for (int j = w * s->most; j < w * s->most + s->count[w]; j++) {
      int i = first + count - 1;
      while (i >= first && s->pos[i] >= s->pos[j]) i--;
      if (i >= first && s->pos[j] > s->pos[s->last[i]]) s->last[i] = j;
    }
  }
}

static void take_out(State *s, int v) {
  s->mark[v] = ++s->stamp;
  add_spans(s, v, -1);
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) s->mark[s->pred[e]] = s->stamp, add_spans(s, s->pred[e], -1);
}

static void put_back(State *s, int v) {
  find_ends(s, v), add_spans(s, v, 1);
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) find_ends(s, s->pred[e]), add_spans(s, s->pred[e], 1);
}

static int insert(State *s, int v, int p) { /* returns the instance */
  take_out(s, v);
  int64_t through = 0;
  if (p < s->length) {
    int u = s->seq[p] / s->most;
    through = s->mem[p] - (s->mark[u] == s->stamp ? 0 : s->size[u]);
  }
  for (int q = s->length; q > p; q--) s->seq[q] = s->seq[q - 1], s->mem[q] = s->mem[q - 1], s->pos[s->seq[q]] = q;
  s->mem[p] = through, s->length++;
  int i = v * s->most + s->count[v]++;
  for (; i > v * s->most && s->pos[i - 1] >= p; i--) s->pos[i] = s->pos[i - 1], s->seq[s->pos[i]] = i;
  s->seq[p] = i, s->pos[i] = p, s->cost += s->duration[v];
  put_back(s, v);
  return i;
}

static void erase(State *s, int i) {
  int v = i / s->most, p = s->pos[i];
  take_out(s, v);
  for (int q = p; q + 1 < s->length; q++) s->seq[q] = s->seq[q + 1], s->mem[q] = s->mem[q + 1], s->pos[s->seq[q]] = q;
  s->length--, s->count[v]--;
  for (; i < v * s->most + s->count[v]; i++) s->pos[i] = s->pos[i + 1], s->seq[s->pos[i]] = i;
  s->cost -= s->duration[v];
  put_back(s, v);
}

/* With a fixed order: where node v is computed again in the stage that position p is in, or -1. */
static int staged(const State *s, int v, int p) {
  while (p < s->length && s->seq[p] % s->most) p++;
  if (p >= s->length || s->seq[p] / s->most <= v) return -1;
  while (p > 0 && s->seq[p - 1] % s->most && s->seq[p - 1] / s->most > v) p--;
  return p > 0 && s->seq[p - 1] / s->most == v ? -1 : p;
}

static int aimed(State *s, int critical, int *node) { /* What is live at the peak and not used there; its next use. */
  for (int tries = 0; tries < 8 && critical > 0; tries++) {
    int q = (int)draw(s, (uint32_t)critical), i = s->seq[q], u = i / s->most;
    int next = s->pos[s->last[i]];
    if (next <= critical || s->count[u] >= s->most) continue;
    int used = 0;
    for (int e = s->succ_at[u]; e < s->succ_at[u + 1]; e++) {
      int w = s->succ[e];
      for (int j = w * s->most; j < w * s->most + s->count[w]; j++) {
        used |= s->pos[j] == critical;
        if (s->pos[j] > critical && s->pos[j] < next) next = s->pos[j];
      }
    }
    if (used) continue;
    *node = u;
    return next;
  }
  return -1;
}

static int peak_of(const State *s) {
  int64_t peak = 0;
  for (int p = 0; p < s->length; p++) peak = s->mem[p] > peak ? s->mem[p] : peak;
  for (int p = 0; p < s->length; p++)
    if (s->mem[p] == peak) return p;
  return 0;
}

static int near(State *s, int at, int low, int high) { /* in [low, high), small distances oftener */
  int width = high - low;
  if (width <= 1) return low;
  if (draw(s, 4) == 0) return low + (int)draw(s, (uint32_t)width);
  int reach = 1 << draw(s, 8), p = at - reach + (int)draw(s, (uint32_t)(2 * reach + 1));
  return p < low ? low : p >= high ? high - 1 : p;
}

static double now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* best receives the cheapest sequence (nodes) that keeps the budget, or that of the least peak. Returns its length;
 * -1 without memory. */
int edgec_anneal(int n, int most, int fixed, const int *pred_at, const int *pred, const int *succ_at, const int *succ,
                 const int64_t *size, const int64_t *duration, const int *start, int start_length, int64_t budget,
                 int64_t moves, double seconds, uint64_t seed, double weight, double hot, double cold, int *best) {
  size_t steps = (size_t)n * (size_t)most + 1;
  State state = {.n = n, .most = most, .fixed = fixed, .pred_at = pred_at, .pred = pred, .succ_at = succ_at,
                 .succ = succ, .size = size, .duration = duration, .random = seed * 0x9E3779B97F4A7C15u + 0x1234567u};
  State *s = &state;
  s->seq = calloc(steps, sizeof(int)), s->pos = calloc(steps, sizeof(int)), s->last = calloc(steps, sizeof(int));
  s->count = calloc((size_t)n, sizeof(int)), s->mark = calloc((size_t)n, sizeof(int));
  s->mem = calloc(steps, sizeof(int64_t));
  int best_length = -1;
  if (!s->seq || !s->pos || !s->last || !s->count || !s->mark || !s->mem) goto done;
  for (int i = 0; i < start_length; i++) insert(s, start[i], i);
  int critical = peak_of(s);
  int64_t best_peak = INT64_MAX, best_cost = INT64_MAX;
  double began = now(), base = (double)s->cost + 1e-9, limit = (double)(budget > 0 ? budget : 1);
  double energy = 0, cooling = pow(cold / hot, 1024.0 / (double)(moves > 1024 ? moves : 1024)), heat = hot;
  for (int64_t move = -1; move < moves; move++) {
    int undo_insert = -1, undo_node = -1, undo_at = -1; /* erase this instance; insert this node there */
    if (move >= 0) {
      if (move % 1024 == 1023) {
        heat *= cooling;
        if (now() - began > seconds) break;
      }
      uint32_t kind = draw(s, 10);
      if (kind < 4) {
        int i = s->seq[draw(s, (uint32_t)s->length)], v = i / s->most, c = i % s->most, at = s->pos[i];
        if (fixed && (c == 0 || s->length == n)) continue;
        int low = c ? s->pos[i - 1] + 1 : 0, high = c + 1 < s->count[v] ? s->pos[i + 1] : s->length;
        if (c == 0) {
          for (int e = pred_at[v]; e < pred_at[v + 1]; e++)
            if (s->pos[pred[e] * most] >= low) low = s->pos[pred[e] * most] + 1;
          for (int e = succ_at[v]; e < succ_at[v + 1]; e++)
            if (s->pos[succ[e] * most] < high) high = s->pos[succ[e] * most];
        }
        int p = near(s, at, low, high);
        if (p == at) continue;
        erase(s, i);
        if (fixed && (p = staged(s, v, p > at ? p - 1 : p)) < 0) {
          insert(s, v, at);
          continue;
        }
        undo_node = v, undo_at = at, undo_insert = insert(s, v, p);
      } else if (kind < 7) {
        int v = -1, p = -1;
        if (draw(s, 2)) {
          p = aimed(s, critical, &v);
        } else {
          v = (int)draw(s, (uint32_t)n);
          int from = s->pos[v * most] + 1;
          if (s->count[v] < most && from < s->length) p = from + (int)draw(s, (uint32_t)(s->length - from));
        }
        if (p >= 0 && fixed) p = staged(s, v, p);
        if (p < 0) continue;
        undo_insert = insert(s, v, p);
      } else {
        if (s->length == n) continue;
        int i = -1;
        for (int tries = 0; tries < 64 && (i < 0 || i % most == 0); tries++) i = s->seq[draw(s, (uint32_t)s->length)];
        if (i % most == 0) continue;
        undo_node = i / most, undo_at = s->pos[i];
        erase(s, i);
      }
    }
    int at = peak_of(s);
    int64_t peak = s->mem[at];
    double e = log((double)s->cost / base + 1e-12) + weight * log((peak > budget ? (double)peak : limit) / limit);
    double worse = e - energy;
    if (move >= 0 && worse > 0 && draw(s, 1u << 30) >= exp(-worse / heat) * (double)(1u << 30)) {
      if (undo_insert >= 0) erase(s, undo_insert);
      if (undo_node >= 0) insert(s, undo_node, undo_at);
      continue;
    }
    energy = e, critical = at;
    int64_t over = peak > budget ? peak : budget;
    if (over < best_peak || (over == best_peak && s->cost < best_cost)) {
      best_peak = over, best_cost = s->cost, best_length = s->length;
      for (int p = 0; p < s->length; p++) best[p] = s->seq[p] / most;
    }
  }
done:
  free(s->seq), free(s->pos), free(s->last), free(s->count), free(s->mark), free(s->mem);
  return best_length;
}
