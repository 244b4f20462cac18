/* Simulated annealing with a fixed order: the only freedom is which nodes are computed again, and in which stages.
 *
 * Event (k, j) is the computation of node j in stage k, j <= k; its key is k << BITS | j. Node v's first is (v, v), which
 * leaves each set of recomputations (k, v), k > v, a valid schedule: memory is all that is searched for. mem[k] is what
 * is live in event (k, k), again_mem[] in the recomputations, which are few and lie in one sorted array. What exceeds
 * the budget costs, summed over the events, by a price that rises while the budget is exceeded and falls while it is
 * not, so that the search stays about the border.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DEEPEST = 6, LOG = 4096, BITS = 24, LOW = (1 << BITS) - 1 };

typedef struct {
  int n, most;
  const int *pred_at, *pred, *succ_at, *succ;
  const int64_t *size, *duration;
  int64_t budget;
  int64_t *key, *end; /* of instance v * most + i, i < count[v] */
  int *count;
  int64_t *mem, *again, *again_mem, cost, n_again;
  int64_t log[LOG]; /* what a move has done: keys, negative (~key) where one was dropped */
  int logged;
  uint64_t random;
} State;

static uint32_t draw(State *s, uint32_t below) {
  s->random ^= s->random << 13, s->random ^= s->random >> 7, s->random ^= s->random << 17;
  return (uint32_t)(((s->random >> 32) * below) >> 32);
}

static int64_t find(const State *s, int64_t key) { /* the first recomputation at or after it */
  int64_t low = 0, high = s->n_again;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (s->again[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void add_range(State *s, int64_t from, int64_t to, int64_t size) { /* to what is live in those events */
  int64_t first = from >> BITS, last = to >> BITS, *mem = s->mem;
  first += (from & LOW) > first, last -= (to & LOW) < last;
  for (int64_t k = first; k <= last; k++) mem[k] += size;
  for (int64_t r = find(s, from); r < s->n_again && s->again[r] <= to; r++) s->again_mem[r] += size;
}

static void set_end(State *s, int i, int64_t end) {
  int64_t old = s->end[i], size = s->size[i / s->most];
  if (end > old) add_range(s, old + 1, end, size);
  if (end < old) add_range(s, end + 1, old, -size);
  s->end[i] = end;
}

static int64_t last_use(const State *s, int u, int64_t from, int64_t to) { /* between both; from if there is none */
  int64_t last = from;
  for (int e = s->succ_at[u]; e < s->succ_at[u + 1]; e++) {
    int first = s->succ[e] * s->most;
    for (int j = first + s->count[s->succ[e]] - 1; j >= first; j--)
      if (s->key[j] < to) {
        last = s->key[j] > last ? s->key[j] : last;
        break;
      }
  }
  return last;
}

static int64_t next_key(const State *s, int i) { /* of the next instance of the same node */
  int v = i / s->most;
  return i + 1 < v * s->most + s->count[v] ? s->key[i + 1] : INT64_MAX;
}

static int latest(const State *s, int u, int64_t key) { /* the instance that serves a use at that event */
  int i = u * s->most + s->count[u] - 1;
  while (i > u * s->most && s->key[i] >= key) i--;
  return i;
}

static int insert(State *s, int64_t key) { /* 0 if the node may not be computed then */
  int v = (int)(key & LOW), i = v * s->most + s->count[v];
  int64_t k = key >> BITS;
  if (k <= v || s->count[v] >= s->most) return 0;
  for (int j = v * s->most; j < i; j++)
    if (s->key[j] == key) return 0;
  int64_t at = find(s, key);
  int same = at < s->n_again && s->again[at] >> BITS == k;
  int64_t through = same ? s->again_mem[at] - s->size[s->again[at] & LOW] : s->mem[k] - s->size[k];
  memmove(s->again + at + 1, s->again + at, (size_t)(s->n_again - at) * sizeof(int64_t));
  memmove(s->again_mem + at + 1, s->again_mem + at, (size_t)(s->n_again - at) * sizeof(int64_t));
  s->again[at] = key, s->again_mem[at] = through, s->n_again++, s->count[v]++, s->cost += s->duration[v];
  for (; s->key[i - 1] > key; i--) s->key[i] = s->key[i - 1], s->end[i] = s->end[i - 1];
  int64_t end = s->end[i - 1];
  s->key[i] = key, s->end[i] = key - 1;
  set_end(s, i, end > key ? end : key);
  if (end > key) set_end(s, i - 1, last_use(s, v, s->key[i - 1], key));
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) {
    int j = latest(s, s->pred[e], key);
    if (s->end[j] < key) set_end(s, j, key);
  }
  return 1;
}

static void erase(State *s, int64_t key) {
  int v = (int)(key & LOW), i = latest(s, v, key + 1);
  if (s->end[i] > key) set_end(s, i - 1, s->end[i]);
  set_end(s, i, key - 1);
  s->count[v]--, s->n_again--, s->cost -= s->duration[v];
  for (; i < v * s->most + s->count[v]; i++) s->key[i] = s->key[i + 1], s->end[i] = s->end[i + 1];
  for (int e = s->pred_at[v]; e < s->pred_at[v + 1]; e++) {
    int u = s->pred[e], j = latest(s, u, key);
    if (s->end[j] == key) set_end(s, j, last_use(s, u, s->key[j], key));
  }
  int64_t at = find(s, key);
  memmove(s->again + at, s->again + at + 1, (size_t)(s->n_again - at) * sizeof(int64_t));
  memmove(s->again_mem + at, s->again_mem + at + 1, (size_t)(s->n_again - at) * sizeof(int64_t));
}

static int add(State *s, int64_t key) {
  if (s->logged >= LOG || !insert(s, key)) return 0;
  s->log[s->logged++] = key;
  return 1;
}

static void drop(State *s, int64_t key) {
  erase(s, key);
  s->log[s->logged++] = ~key;
}

static void undo(State *s) {
  while (s->logged) {
    int64_t key = s->log[--s->logged];
    if (key >= 0) erase(s, key);
    else insert(s, ~key);
  }
}

/* A recomputation, and with it some of those of inputs that are dead by then. */
static int insert_chain(State *s, int64_t key, int depth) {
  int u = (int)(key & LOW);
  int64_t stage = key >> BITS;
  uint32_t asked = draw(s, 4); /* 0: none of the inputs, 1: half of them, else all */
  for (int e = s->pred_at[u]; depth && asked && e < s->pred_at[u + 1]; e++) {
    int w = s->pred[e];
    if (s->end[latest(s, w, key)] >= key || (asked == 1 && draw(s, 2))) continue;
    insert_chain(s, stage << BITS | w, depth - 1);
  }
  return add(s, key);
}

/* Without a recomputation, and without those of its inputs that nothing else uses. */
static void erase_chain(State *s, int64_t key, int depth) {
  if (s->logged >= LOG) return;
  drop(s, key);
  int u = (int)(key & LOW);
  for (int e = s->pred_at[u]; depth && e < s->pred_at[u + 1]; e++) {
    int first = s->pred[e] * s->most;
    for (int i = first + s->count[s->pred[e]] - 1; i > first; i--)
      if (s->end[i] == s->key[i]) erase_chain(s, s->key[i], depth - 1);
  }
}

static int64_t event(const State *s, int64_t index) {
  return index < s->n ? index << BITS | index : s->again[index - s->n];
}

static int64_t live_at(const State *s, int64_t index) {
  return index < s->n ? s->mem[index] : s->again_mem[index - s->n];
}

static int64_t excess(const State *s) {
  int64_t sum = 0, budget = s->budget;
  for (int k = 0; k < s->n; k++) sum += s->mem[k] > budget ? s->mem[k] - budget : 0;
  for (int64_t r = 0; r < s->n_again; r++) sum += s->again_mem[r] > budget ? s->again_mem[r] - budget : 0;
  return sum;
}

/* The recomputation, before its next use, of a value that is live at a full event and not used there; or -1. */
static int64_t aimed(State *s, int full) {
  int64_t events = s->n + s->n_again, index = draw(s, (uint32_t)events);
  for (int64_t i = 0; full && i < events && live_at(s, index) <= s->budget; i++) index = index + 1 < events ? index + 1 : 0;
  int64_t t = event(s, index), stage = t >> BITS;
  if (stage == 0) return -1;
  int64_t chosen = -1;
  for (int tries = 0, wanted = 1 + (int)draw(s, 4); tries < 24 && wanted; tries++) {
    int reach = 8 << draw(s, 8), back = reach < stage ? reach : (int)stage;
    int u = (int)stage - 1 - (int)draw(s, (uint32_t)back), i = latest(s, u, t), used = s->count[u] >= s->most;
    if (used || s->key[i] >= t || s->end[i] <= t) continue;
    int64_t next = s->end[i];
    for (int e = s->succ_at[u]; !used && e < s->succ_at[u + 1]; e++) {
      int w = s->succ[e];
      for (int j = w * s->most; j < w * s->most + s->count[w]; j++) {
        used |= s->key[j] == t;
        if (s->key[j] > t && s->key[j] < next) next = s->key[j];
      }
    }
    if (used) continue;
    int64_t at = next >> BITS;
    if (draw(s, 4) == 0 && at > stage + 1) at = stage + 1 + draw(s, (uint32_t)(at - stage));
    if ((at << BITS | u) <= t) continue;
    int64_t other = chosen & LOW; /* what frees more for what it takes */
    if (chosen < 0 || (double)s->size[u] * (double)s->duration[other] > (double)s->size[other] * (double)s->duration[u]) chosen = at << BITS | u;
    wanted--;
  }
  return chosen;
}

/* The least that brings the budget about again, or an attempt at it. */
static void repair(State *s) {
  if (draw(s, 2) && s->n_again) erase_chain(s, s->again[draw(s, (uint32_t)s->n_again)], DEEPEST);
  for (int tries = 0; tries < 6 && excess(s) > 0; tries++) {
    int64_t key = aimed(s, 1);
    if (key >= 0) insert_chain(s, key, (int)draw(s, DEEPEST));
  }
}

static int64_t shifted(State *s, int64_t key) { /* the same node in another stage between its neighbours */
  int v = (int)(key & LOW), i = latest(s, v, key + 1);
  int64_t low = (s->key[i - 1] >> BITS) + 1, high = next_key(s, i) == INT64_MAX ? s->n : next_key(s, i) >> BITS;
  int64_t k = key >> BITS, reach = 1 << draw(s, 8);
  if (draw(s, 4) == 0) k = low + draw(s, (uint32_t)(high - low));
  else k += (int64_t)draw(s, (uint32_t)(2 * reach + 1)) - reach;
  k = k < low ? low : k >= high ? high - 1 : k;
  return k << BITS | v;
}

static double now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* start: keys of recomputations. best receives those of the cheapest set within the budget, or of the least excess.
 * Returns how many; -1 without memory. Temperatures are in mean durations. */
int edgec_anneal_staged(int n, int most, const int *pred_at, const int *pred, const int *succ_at, const int *succ,
                        const int64_t *size, const int64_t *duration, const int64_t *start, int start_length,
                        int64_t budget, int64_t moves, double seconds, uint64_t seed, double hot, double cold,
                        int64_t *best) {
  size_t steps = (size_t)n * (size_t)most + 1;
  State *s = calloc(1, sizeof(State));
  if (!s) return -1;
  *s = (State){.n = n, .most = most, .pred_at = pred_at, .pred = pred, .succ_at = succ_at, .succ = succ, .size = size,
               .duration = duration, .budget = budget, .random = seed * 0x9E3779B97F4A7C15u + 0x1234567u};
  s->key = calloc(steps, sizeof(int64_t)), s->end = calloc(steps, sizeof(int64_t));
  s->count = calloc((size_t)n, sizeof(int)), s->mem = calloc((size_t)n, sizeof(int64_t)), s->again = calloc(steps, sizeof(int64_t));
  s->again_mem = calloc(steps, sizeof(int64_t));
  int best_length = -1;
  if (!s->key || !s->end || !s->count || !s->mem || !s->again || !s->again_mem) goto done;
  int64_t total = 0, sizes = 0;
  for (int v = 0; v < n; v++) {
    s->key[v * most] = (int64_t)v << BITS | v, s->end[v * most] = s->key[v * most] - 1, s->count[v] = 1;
    total += duration[v], sizes += size[v];
  }
  s->cost = total;
  for (int v = 0; v < n; v++) set_end(s, v * most, last_use(s, v, s->key[v * most], INT64_MAX));
  for (int i = 0; i < start_length; i++) insert(s, start[i]);
  double unit = (double)(total + 1) / n, heat = hot * unit, price = 0.1 * unit * n / (double)(sizes + 1);
  double highest = 1e4 * price, began = now();
  int64_t over = excess(s), cost = s->cost, best_over = over, best_cost = cost;
  int inside = 0;
  best_length = (int)s->n_again, memcpy(best, s->again, (size_t)s->n_again * sizeof(int64_t));
  for (int64_t move = 0; move < moves; move++) {
    if (move % 1024 == 1023) {
      double spent = (now() - began) / seconds, by_moves = (double)move / (double)moves, by_clock = 1.25 * spent - 0.25;
      if (spent > 1) break;
      heat = hot * unit * pow(cold / hot, by_clock > by_moves ? by_clock : by_moves); /* the clock, on slow machines */
    }
    if (move % 128 == 127) price *= inside > 16 ? 0.97 : inside < 2 && price < highest ? 1.01 : 1.0, inside = 0;
    inside += over == 0;
    s->logged = 0;
    uint32_t kind = draw(s, 16);
    int64_t key = -1, chosen = s->n_again ? s->again[draw(s, (uint32_t)s->n_again)] : -1;
    if (kind < 4) {
      if (chosen < 0 || (key = shifted(s, chosen)) == chosen) continue;
      drop(s, chosen), add(s, key);
    } else if (kind < 10) {
      if ((key = aimed(s, over > 0)) < 0 || !insert_chain(s, key, (int)draw(s, DEEPEST))) {
        undo(s);
        continue;
      }
    } else {
      if (chosen < 0) continue;
      erase_chain(s, chosen, DEEPEST);
      if (kind >= 14) repair(s);
    }
    int64_t now_over = excess(s);
    double worse = (double)(s->cost - cost) + price * (double)(now_over - over);
    if (worse > 0 && draw(s, 1u << 30) >= exp(-worse / heat) * (double)(1u << 30)) {
      undo(s);
      continue;
    }
    over = now_over, cost = s->cost;
    if (over < best_over || (over == best_over && cost < best_cost)) {
      best_over = over, best_cost = cost;
      best_length = (int)s->n_again, memcpy(best, s->again, (size_t)s->n_again * sizeof(int64_t));
    }
  }
done:
  free(s->key), free(s->end), free(s->count), free(s->mem), free(s->again), free(s->again_mem), free(s);
  return best_length;
}
