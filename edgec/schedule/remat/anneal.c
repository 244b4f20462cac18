/* Simulated annealing over sequences of steps, a step being an instance of a node.
 *
 * Instances stand on a line of slots, some of which are empty, so that nothing else moves when one is put in or taken
 * out. mem[p] is what is live in slot p; in an empty slot that is what lives through it, which no neighbour's step
 * holds less of. The line is cut into blocks whose largest mem is kept; a move changes a few spans of mem, and only
 * the blocks that these touch are looked at again.
 *
 * A sequence is valid as long as the first instances stand in a topological order, so that moves only need to keep
 * that; memory is what is searched for. Sizes sum up to at most 2^53, so that doubles hold them exactly.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 32, LANES = 8, TRIES = 16, CHAIN = 3, ROUND = 1024 };
static const double LATE = 0.3; /* before that share of the seconds the clock changes nothing */

typedef struct {
  int from, to; /* slots that a step has left and taken, or -1 */
  int node;     /* of a step that was taken out */
} Change;

typedef struct {
  int n, most, slots, length;
  const int *pred_at, *pred, *succ_at, *succ;
  const double *size;
  const int64_t *duration;
  int *slot, *pos, *end, *count; /* instance in a slot or -1; slot of an instance, slot of its last use or its own */
  int *again, *again_at, agains; /* the nodes that are computed again, and where each stands among them */
  double *mem, *top, *full, *over, budget, excess; /* full: 1 where a step is; over: of a block, mem beyond the budget */
  unsigned char *dirty;
  int64_t cost;
  uint64_t random;
  Change *journal; /* what a move has changed so far, to be taken back in reverse */
  int changes;
} State;

static void note(State *s, int from, int to, int node) {
  s->journal[s->changes++] = (Change){from, to, node};
}

static uint32_t draw(State *s, uint32_t below) {
  s->random ^= s->random << 13, s->random ^= s->random >> 7, s->random ^= s->random << 17;
  return (uint32_t)(((s->random >> 32) * below) >> 32);
}

static void add(State *s, int from, int to, double size) {
  double *mem = s->mem;
  for (int p = from; p <= to; p++) mem[p] += size;
  for (int b = from / BLOCK; b <= to / BLOCK; b++) s->dirty[b] = 1;
}

/* A span of size from a to b becomes one from c to d. */
static void respan(State *s, double size, int a, int b, int c, int d) {
  if (c > b || d < a) {
    add(s, a, b, -size), add(s, c, d, size);
    return;
  }
  if (c < a) add(s, c, a - 1, size);
  if (c > a) add(s, a, c - 1, -size);
  if (d > b) add(s, b + 1, d, size);
  if (d < b) add(s, d + 1, b, -size);
}

static void look_at(State *s, int b) { /* in lanes, so that any compiler sums up in this order */
  const double *mem = s->mem + b * BLOCK, *full = s->full + b * BLOCK;
  double tops[LANES] = {0}, overs[LANES] = {0}, top = 0, over = 0;
  for (int p = 0; p < BLOCK; p += LANES)
    for (int k = 0; k < LANES; k++) {
      double m = mem[p + k], beyond = m - s->budget;
      tops[k] = m > tops[k] ? m : tops[k];
      overs[k] += (beyond > 0 ? beyond : 0) * full[p + k];
    }
  for (int k = 0; k < LANES; k++) top = tops[k] > top ? tops[k] : top, over += overs[k];
  s->top[b] = top, s->over[b] = over, s->dirty[b] = 0;
}

static double peak_of(State *s) {
  double peak = 0, excess = 0;
  for (int b = 0; b < s->slots / BLOCK; b++) {
    if (s->dirty[b]) look_at(s, b);
    peak = s->top[b] > peak ? s->top[b] : peak;
    excess += s->over[b];
  }
  s->excess = excess;
  return peak;
}

static int critical_slot(const State *s, double peak) { /* an occupied one: no empty one holds more */
  for (int b = 0; b < s->slots / BLOCK; b++)
    if (s->top[b] == peak)
      for (int p = b * BLOCK; p < (b + 1) * BLOCK; p++)
        if (s->mem[p] == peak && s->slot[p] >= 0) return p;
  return -1;
}

static int last_use(const State *s, int v, int low, int high) { /* between these slots; low if there is none */
  int last = low;
  for (int e = s->succ_at[v]; e < s->succ_at[v + 1]; e++) {
    const int *pos = s->pos + s->succ[e] * s->most;
    for (int j = 0, count = s->count[s->succ[e]]; j < count; j++)
      if (pos[j] < high && pos[j] > last) last = pos[j];
  }
  return last;
}

static int server(const State *s, int v, int p) { /* the instance of v that a use in slot p takes; or one before v's */
  int i = v * s->most + s->count[v] - 1;
  while (i >= v * s->most && s->pos[i] >= p) i--;
  return i;
}

static int limit(const State *s, int i) { /* where the next instance of the node stands */
  return i % s->most + 1 < s->count[i / s->most] ? s->pos[i + 1] : s->slots;
}

static void set_end(State *s, int i, int end) {
  respan(s, s->size[i / s->most], s->pos[i], s->end[i], s->pos[i], end);
  s->end[i] = end;
}

/* Moves an instance to an empty slot between its node's neighbouring instances (first ones: keeping the order). */
static void shift(State *s, int i, int to) {
  int v = i / s->most, from = s->pos[i];
  note(s, from, to, v);
  s->slot[from] = -1, s->slot[to] = i, s->pos[i] = to, s->full[from] = 0, s->full[to] = 1;
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) {
    int u = s->pred[e], old = server(s, u, from), new = server(s, u, to);
    if (s->end[old] == from) set_end(s, old, last_use(s, u, s->pos[old], limit(s, old)));
    if (s->end[new] < to) set_end(s, new, to);
  }
  int before = i % s->most ? i - 1 : -1, end = s->end[i];
  if (before >= 0 || end == from) end = last_use(s, v, to, limit(s, i));
  respan(s, s->size[v], from, s->end[i], to, end);
  s->end[i] = end;
  if (before >= 0) set_end(s, before, last_use(s, v, s->pos[before], to));
}

/* Puts an instance of a node into an empty slot, behind its first one if there is any. Returns the instance. */
static int put(State *s, int v, int p) {
  int first = v * s->most, i = first + s->count[v]++;
  note(s, -1, p, v);
  for (; i > first && s->pos[i - 1] > p; i--) s->pos[i] = s->pos[i - 1], s->end[i] = s->end[i - 1], s->slot[s->pos[i]] = i;
  s->full[p] = 1, s->slot[p] = i, s->pos[i] = p, s->cost += s->duration[v], s->length++;
  s->end[i] = last_use(s, v, p, limit(s, i));
  if (i > first && s->end[i - 1] > p) set_end(s, i - 1, last_use(s, v, s->pos[i - 1], p));
  add(s, p, s->end[i], s->size[v]);
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) {
    int k = server(s, s->pred[e], p);
    if (s->end[k] < p) set_end(s, k, p);
  }
  if (s->count[v] == 2) s->again_at[v] = s->agains, s->again[s->agains++] = v;
  return i;
}

static void take(State *s, int i) { /* any but a node's first instance */
  int v = i / s->most, p = s->pos[i];
  note(s, p, -1, v);
  s->full[p] = 0, s->slot[p] = -1, s->cost -= s->duration[v], s->length--;
  add(s, p, s->end[i], -s->size[v]);
  if (s->end[i] > p) set_end(s, i - 1, s->end[i]);
  for (int last = v * s->most + s->count[v] - 1; i < last; i++)
    s->pos[i] = s->pos[i + 1], s->end[i] = s->end[i + 1], s->slot[s->pos[i]] = i;
  s->count[v]--;
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) {
    int u = s->pred[e], k = server(s, u, p);
    if (s->end[k] == p) set_end(s, k, last_use(s, u, s->pos[k], p));
  }
  if (s->count[v] == 1) {
    int moved = s->again[--s->agains];
    s->again[s->again_at[v]] = moved, s->again_at[moved] = s->again_at[v];
  }
}

/* An empty slot right before what stands in slot p (p itself if it is empty), made by moving others along; or -1. */
static int make_room(State *s, int p) {
  if (s->slot[p] < 0) return p;
  for (int reach = 1; reach < s->slots; reach++) {
    if (p - reach >= 0 && s->slot[p - reach] < 0) {
      for (int q = p - reach; q < p - 1; q++) shift(s, s->slot[q + 1], q);
      return p - 1;
    }
    if (p + reach < s->slots && s->slot[p + reach] < 0) {
      for (int q = p + reach; q > p; q--) shift(s, s->slot[q - 1], q);
      return p;
    }
  }
  return -1;
}

static int is_input(const State *s, int u, int v) {
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++)
    if (s->pred[e] == u) return 1;
  return 0;
}

static int next_use(const State *s, int u, int p, int last) { /* behind slot p; last is known to be one */
  for (int e = s->succ_at[u]; e < s->succ_at[u + 1]; e++)
    for (int j = s->succ[e] * s->most, stop = j + s->count[s->succ[e]]; j < stop; j++)
      if (s->pos[j] > p && s->pos[j] < last) last = s->pos[j];
  return last;
}

/* Something that is live in a slot and not used there, of two such what frees more for its duration; or -1. */
static int idle(State *s, int p) {
  int best = -1;
  double gain = -1;
  for (int tries = 0, found = 0; tries < TRIES && found < 2; tries++) {
    int u = (int)draw(s, (uint32_t)s->n), i = server(s, u, p);
    if (i < u * s->most || s->end[i] <= p || s->count[u] >= s->most || is_input(s, u, s->slot[p] / s->most)) continue;
    double frees = s->size[u] / ((double)s->duration[u] + 1e-3);
    if (frees > gain) best = u, gain = frees;
    found++;
  }
  return best;
}

static int near(State *s, int at, int low, int high) { /* in [low, high), small distances oftener */
  int width = high - low;
  if (width <= 1) return low;
  if (draw(s, 4) == 0) return low + (int)draw(s, (uint32_t)width);
  int reach = 2 << draw(s, 8), p = at - reach + (int)draw(s, (uint32_t)(2 * reach + 1));
  return p < low ? low : p >= high ? high - 1 : p;
}

static double seconds_now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void take_back(State *s) {
  while (s->changes > 0) {
    int at = --s->changes;
    Change change = s->journal[at];
    if (change.from < 0) take(s, s->slot[change.to]);
    else if (change.to < 0) put(s, change.node, change.from);
    else shift(s, s->slot[change.to], change.from);
    s->changes = at; /* what takes back is no change */
  }
}

static void try_shift(State *s) {
  int v = (int)draw(s, (uint32_t)s->n), c = (int)draw(s, (uint32_t)s->count[v]), i = v * s->most + c;
  int low = c ? s->pos[i - 1] + 1 : 0, high = limit(s, i);
  if (c == 0) {
    for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) {
      int p = s->pos[s->pred[e] * s->most];
      low = p >= low ? p + 1 : low;
    }
    for (int e = s->succ_at[v]; e < s->succ_at[v + 1]; e++) {
      int p = s->pos[s->succ[e] * s->most];
      high = p < high ? p : high;
    }
  }
  int to = near(s, s->pos[i], low, high), found = s->slot[to] < 0 ? to : -1;
  for (int reach = 1; found < 0 && (to - reach >= low || to + reach < high); reach++) { /* the nearest empty slot */
    if (to - reach >= low && s->slot[to - reach] < 0) found = to - reach;
    else if (to + reach < high && s->slot[to + reach] < 0) found = to + reach;
  }
  if (found >= 0) shift(s, i, found);
}

/* Computes v again before what stands in slot p; and before that, by chance, inputs that would have to live on for it. */
static void put_chain(State *s, int v, int p, int *left) {
  if (!*left || s->count[v] >= s->most || s->slots - s->length <= s->slots / 16 || (p = make_room(s, p)) < 0) return;
  --*left;
  int i = put(s, v, p);
  if (!*left) return;
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) {
    int u = s->pred[e], k = server(s, u, s->pos[i]);
    if (s->end[k] > s->pos[i]) continue;
    int idles = s->pos[i] - last_use(s, u, s->pos[k], s->pos[i]);
    if (idles > s->slots / 64 && draw(s, 4)) put_chain(s, u, s->pos[i], left);
  }
}

static void try_put(State *s, double peak) {
  int v, p, left = draw(s, 5) ? 1 : CHAIN;
  if (draw(s, 2)) {
    int at = critical_slot(s, peak > s->budget ? peak : s->top[draw(s, (uint32_t)(s->slots / BLOCK))]);
    if (at < 0 || (v = idle(s, at)) < 0) return;
    p = next_use(s, v, at, s->end[server(s, v, at)]);
  } else {
    v = (int)draw(s, (uint32_t)s->n);
    int from = s->pos[v * s->most] + 1, to = s->end[v * s->most + s->count[v] - 1];
    if (s->count[v] >= s->most || from >= to) return;
    p = from + (int)draw(s, (uint32_t)(to - from + 1));
  }
  put_chain(s, v, p, &left);
}

/* Takes an instance out, and what was computed again for it alone. If nothing uses the first instance, it moves to the
 * place of the second: the node is computed later. */
static void take_chain(State *s, int i, int *left) {
  int v = i / s->most, p = s->pos[i], late = i % s->most == 1 && s->end[i - 1] == s->pos[i - 1];
  take(s, i);
  if (late) {
    shift(s, v * s->most, p);
    return;
  }
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1] && *left; e++) {
    int k = server(s, s->pred[e], p);
    if (k % s->most && s->end[k] == s->pos[k]) --*left, take_chain(s, k, left);
  }
}

static void try_take(State *s) {
  if (!s->agains) return;
  int v = s->again[draw(s, (uint32_t)s->agains)], left = CHAIN;
  take_chain(s, v * s->most + 1 + (int)draw(s, (uint32_t)(s->count[v] - 1)), &left);
}

static int prepare(State *s, const int *start, int start_length) { /* the sequence, spread evenly; 0 without memory */
  size_t all = (size_t)s->n * (size_t)s->most, n = (size_t)s->n, slots = (size_t)s->slots, blocks = slots / BLOCK;
  s->slot = malloc(slots * sizeof(int)), s->pos = calloc(all, sizeof(int)), s->end = calloc(all, sizeof(int));
  s->count = calloc(n, sizeof(int)), s->again = calloc(n, sizeof(int)), s->again_at = calloc(n, sizeof(int));
  s->mem = calloc(slots, sizeof(double)), s->full = calloc(slots, sizeof(double));
  s->top = calloc(blocks, sizeof(double)), s->over = calloc(blocks, sizeof(double)), s->dirty = calloc(blocks, 1);
  s->journal = malloc(4 * CHAIN * slots * sizeof(Change)); /* a step more or less moves each slot at most */
  if (!s->slot || !s->pos || !s->end || !s->count || !s->again || !s->again_at || !s->mem || !s->full || !s->top ||
      !s->over || !s->dirty || !s->journal)
    return 0;
  for (int p = 0; p < s->slots; p++) s->slot[p] = -1;
  for (int k = 0; k < start_length; k++) put(s, start[k], (int)((int64_t)k * s->slots / start_length));
  s->changes = 0;
  return 1;
}

/* The temperature, and what weighs on memory. */
typedef struct {
  double heat, soft, hard; /* soft: what all steps together hold beyond the budget; hard: what the fullest one does */
} Weights;

static double between(double first, double last, double share) { return first * pow(last / first, share); }

static double energy_of(const Weights *w, double cost, double excess, double peak, double budget) {
  return cost + (w->soft * excess + w->hard * (peak > budget ? peak - budget : 0)) / (budget > 1 ? budget : 1);
}

/* best receives the cheapest sequence (nodes) that keeps the budget, or that of the least peak; the search ends when
 * one that costs no more than enough is found. Weights go from first to last with the moves made; on a machine that is
 * too slow for these with the seconds passed, and cut tells so. Returns the sequence's length; -1 without memory. */
int edgec_anneal(int n, int most, int recompute, const int *pred_at, const int *pred, const int *succ_at,
                 const int *succ, const double *size, const int64_t *duration, const int *start, int start_length,
                 double budget, int64_t enough, int64_t moves, double seconds, uint64_t seed, const Weights *first,
                 const Weights *last, int *best, int *cut) {
  int64_t slots = ((int64_t)n * most + n / 4 + 2 * BLOCK) / BLOCK * BLOCK;
  State state = {.n = n, .most = most, .slots = (int)slots, .pred_at = pred_at, .pred = pred,
                 .succ_at = succ_at, .succ = succ, .size = size, .duration = duration, .budget = budget,
                 .random = seed * 0x9E3779B97F4A7C15u + 0x1234567u};
  State *s = &state;
  int best_length = -1;
  if (!prepare(s, start, start_length)) goto done;
  double base = 1e-9;
  for (int v = 0; v < n; v++) base += (double)duration[v];
  Weights now = *first;
  double began = seconds_now(), energy = 0, peak = 0, excess = 0, best_peak = DBL_MAX;
  int64_t cost = 0, best_cost = INT64_MAX;
  for (int64_t move = -1; move < moves; move++) {
    if (move >= 0) {
      if (move % ROUND == ROUND - 1) {
        double share = (double)move / (double)moves, passed = (seconds_now() - began) / seconds;
        if (passed > share && passed > LATE) share = passed, *cut = 1;
        if (share >= 1) break;
        now.heat = between(first->heat, last->heat, share), now.soft = between(first->soft, last->soft, share);
        now.hard = between(first->hard, last->hard, share);
        energy = energy_of(&now, (double)cost / base, excess, peak, budget);
      }
      uint32_t kind = recompute ? draw(s, 16) : 0;
      if (kind >= 12) try_take(s);
      if (kind < 6) try_shift(s);
      else if (kind < 13) try_put(s, peak); /* kind 12: this in place of that */
      if (!s->changes) continue;
    }
    double found = peak_of(s), e = energy_of(&now, (double)s->cost / base, s->excess, found, budget);
    double worse = e - energy;
    if (move >= 0 && worse > 0 && draw(s, 1u << 30) >= exp(-worse / now.heat) * (double)(1u << 30)) {
      take_back(s);
      peak_of(s);
      continue;
    }
    energy = e, peak = found, excess = s->excess, cost = s->cost, s->changes = 0;
    double over = found > budget ? found : budget;
    if (over < best_peak || (over == best_peak && cost < best_cost)) {
      best_peak = over, best_cost = cost, best_length = 0;
      for (int p = 0; p < s->slots; p++)
        if (s->slot[p] >= 0) best[best_length++] = s->slot[p] / most;
      if (over <= budget && best_cost <= enough) break;
    }
  }
done:
  free(s->slot), free(s->pos), free(s->end), free(s->count), free(s->again), free(s->again_at), free(s->journal);
  free(s->mem), free(s->full), free(s->top), free(s->over), free(s->dirty);
  return best_length;
}
