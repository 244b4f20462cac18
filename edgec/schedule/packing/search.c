/* Exact packing of items with fixed lifespans below a capacity, from the bottom up.
 *
 * State: the items not placed yet and, for each, the lowest offset that those placed leave it. Time is cut into
 * sections, spans with the same items; a section's floor is the lowest offset of those left in it, its total is what
 * they need. Nodes:
 * - A section is chosen in whose valley nothing reaches lower: then each item that could lie on its floor is tried
 *   there, all others are above it. Or nothing lies on it: then each of them waits for one of those left to lie under
 *   it, which raises the floor by a whole item.
 * - Floor and total of a section above the capacity: a dead end.
 * - Where nothing left crosses a point of time, both sides are solved apart.
 * - A side that failed once with the same items left at the same lowest offsets fails again (a table of hashes).
 * - Of equal items the first goes first; an item that lifts nobody is placed without alternatives.
 * Restarts vary the order in which items are tried; the table outlives them. Where items may start below another one's
 * end (a distance shorter than its size) only the lowest sections are chosen, and totals count what they may share once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FAILED = 0, FOUND = 1, LIMIT = -1, NO_MEMORY = -2 };
enum { OFFSET, FLOOR, PLACED };
#define NOTHING INT64_MAX
#define TABLE_BITS 19

typedef struct {
    int kind, index;
    int64_t old;
} Change;

typedef struct {
    uint64_t key, check;
} Entry;

typedef struct {
    int n, sections;
    const int *first, *last; /* sections of an item */
    const int64_t *size;
    const int *near_at, *near; /* items alive together, */
    const int64_t *apart;      /* and how far the other one must start above this one */
    const int *alive_at;
    int *alive; /* of each section, by rising lowest offsets */
    const int *twin; /* the equal item before it, or -1 */
    int short_pairs;
    int64_t capacity;
    /* state */
    int64_t *lowest, *offset;
    char *placed;
    int64_t *floor, *total;
    int *left, *crossing;
    int64_t **share; /* bytes of an item that count in each of its sections */
    int64_t *shares;
    Change *trail;
    size_t trail_top, trail_size;
    int *candidates;
    size_t candidates_top, candidates_size;
    char *lies; /* nothing near it lies lower: it can be placed */
    uint32_t *touched, now;
    double *score, *weight, bump;
    Entry *table;
    uint64_t random, salt;
    int64_t nodes, limit, end;
    double until;
    int failed_memory;
} Search;

static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static double wall(void)
{
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double uniform(Search *s)
{
    s->random = mix(s->random);
    return (double)(s->random >> 11) / 9007199254740992.0;
}

static void remember(Search *s, int kind, int index, int64_t old)
{
    if (s->trail_top == s->trail_size) {
        Change *larger = realloc(s->trail, 2 * s->trail_size * sizeof *larger);
        if (larger == NULL) {
            s->failed_memory = 1;
            return;
        }
        s->trail = larger;
        s->trail_size *= 2;
    }
    s->trail[s->trail_top++] = (Change){kind, index, old};
}

static void count(Search *s, int i, int sign)
{
    for (int t = s->first[i]; t < s->last[i]; t++) {
        s->total[t] += sign * s->share[i][t - s->first[i]];
        s->left[t] += sign;
        if (t > s->first[i])
            s->crossing[t] += sign;
    }
}

static void undo(Search *s, size_t mark)
{
    while (s->trail_top > mark) {
        const Change *c = &s->trail[--s->trail_top];
        if (c->kind == OFFSET) {
            s->lowest[c->index] = c->old;
        } else if (c->kind == FLOOR) {
            s->floor[c->index] = c->old;
        } else {
            s->placed[c->index] = 0;
            count(s, c->index, 1);
        }
    }
}

/* A section that was a dead end is branched on early, the more so the later that was. */
static void blame(Search *s, int t)
{
    s->weight[t] += s->bump;
    s->bump *= 1.05;
    if (s->bump > 1e100) {
        for (int u = 0; u < s->sections; u++)
            s->weight[u] *= 1e-100;
        s->bump *= 1e-100;
    }
}

/* Floors of the sections in [from, to) in which an item was placed or lifted; false at a dead end: what is left from
 * some offset on does not fit below the capacity. The items of a section are kept sorted by their lowest offsets. */
static int lift_floors(Search *s, int from, int to)
{
    for (int t = from; t < to; t++) {
        if (s->touched[t] != s->now)
            continue;
        int *alive = s->alive + s->alive_at[t];
        const int n = s->alive_at[t + 1] - s->alive_at[t];
        for (int a = 1; a < n; a++) {
            const int i = alive[a];
            int b = a;
            for (; b > 0 && s->lowest[alive[b - 1]] > s->lowest[i]; b--)
                alive[b] = alive[b - 1];
            alive[b] = i;
        }
        int64_t low = NOTHING, need = 0;
        for (int k = n - 1; k >= 0; k--) {
            const int i = alive[k];
            if (s->placed[i])
                continue;
            low = s->lowest[i];
            need += s->share[i][t - s->first[i]];
            if (low + need > s->capacity) {
                blame(s, t);
                return 0;
            }
        }
        if (low != s->floor[t]) {
            remember(s, FLOOR, t, s->floor[t]);
            s->floor[t] = low;
        }
    }
    return 1;
}

static void touch(Search *s, int i, int *from, int *to)
{
    for (int t = s->first[i]; t < s->last[i]; t++)
        s->touched[t] = s->now;
    if (s->first[i] < *from)
        *from = s->first[i];
    if (s->last[i] > *to)
        *to = s->last[i];
}

static int lift(Search *s, int i, int64_t to, int *from_section, int *to_section)
{
    remember(s, OFFSET, i, s->lowest[i]);
    s->lowest[i] = to;
    touch(s, i, from_section, to_section);
    return to + s->size[i] <= s->capacity;
}

static int place(Search *s, int i, int64_t at)
{
    int from = s->first[i], to = s->last[i];
    s->now++;
    touch(s, i, &from, &to);
    s->placed[i] = 1;
    s->offset[i] = at;
    count(s, i, -1);
    remember(s, PLACED, i, 0);
    for (int k = s->near_at[i]; k < s->near_at[i + 1]; k++) {
        const int j = s->near[k];
        if (!s->placed[j] && at + s->apart[k] > s->lowest[j] && !lift(s, j, at + s->apart[k], &from, &to))
            return 0;
    }
    return lift_floors(s, from, to);
}

/* What is left in these sections, and how low, as two hashes. */
static Entry key_of(const Search *s, int from, int to)
{
    Entry e = {s->salt, mix(s->salt)};
    for (int t = from; t < to; t++)
        for (int k = s->alive_at[t]; k < s->alive_at[t + 1]; k++) {
            const int i = s->alive[k];
            if (!s->placed[i] && (s->first[i] == t || t == from)) {
                const uint64_t h = mix((uint64_t)s->lowest[i] * 0x2545F4914F6CDD1Du + (uint64_t)i);
                e.key ^= h;
                e.check += h * (h | 1);
            }
        }
    return e;
}

/* How well an item fills its valley: walls that it touches, then the order of this restart. */
static double fit(const Search *s, int i)
{
    const int64_t at = s->lowest[i], top = at + s->size[i];
    const int64_t left = s->first[i] ? s->floor[s->first[i] - 1] : NOTHING;
    const int64_t right = s->last[i] < s->sections ? s->floor[s->last[i]] : NOTHING;
    double score = s->score[i];
    score += (left > at ? 1 : 0) + (right > at ? 1 : 0);
    score += (left == top ? 2 : 0) + (right == top ? 2 : 0);
    return score;
}

/* The items that could lie on the floor of a section, best first, onto the stack; how many. */
static int gather(Search *s, int t)
{
    const size_t base = s->candidates_top;
    if (base + (size_t)(2 * s->n) > s->candidates_size) {
        int *larger = realloc(s->candidates, 2 * s->candidates_size * sizeof *larger);
        if (larger == NULL) {
            s->failed_memory = 1;
            return 0;
        }
        s->candidates = larger;
        s->candidates_size *= 2;
    }
    int *found = s->candidates + base, n = 0;
    for (int k = s->alive_at[t]; k < s->alive_at[t + 1]; k++) {
        const int i = s->alive[k];
        if (!s->placed[i] && s->lowest[i] == s->floor[t])
            found[n++] = i;
    }
    return n;
}

static void sort_candidates(const Search *s, int *found, int n)
{
    for (int a = 1; a < n; a++) {
        const int i = found[a];
        const double score = fit(s, i);
        int b = a;
        for (; b > 0 && fit(s, found[b - 1]) < score; b--)
            found[b] = found[b - 1];
        found[b] = i;
    }
}

/* The section to branch on in [from, to): few candidates, then little slack. */
static int choose(Search *s, int from, int to)
{
    int64_t low = NOTHING;
    for (int t = from; t < to; t++)
        if (s->left[t] && s->floor[t] < low)
            low = s->floor[t];
    for (int t = from; t < to; t++)
        for (int k = s->alive_at[t]; k < s->alive_at[t + 1]; k++) {
            const int i = s->alive[k];
            if (s->placed[i] || (s->first[i] != t && t != from))
                continue;
            char lies = !s->short_pairs || s->lowest[i] == low;
            for (int u = s->first[i]; lies && u < s->last[i]; u++)
                lies = s->floor[u] >= s->lowest[i];
            s->lies[i] = lies;
        }
    int best = -1;
    double fewest = 0;
    int64_t least = 0;
    for (int t = from; t < to; t++) {
        if (!s->left[t])
            continue;
        int branches = 0, valid = 1;
        for (int k = s->alive_at[t]; valid && k < s->alive_at[t + 1]; k++) {
            const int i = s->alive[k];
            if (!s->placed[i] && s->lowest[i] == s->floor[t]) {
                branches++;
                valid = s->lies[i];
            }
        }
        const int64_t slack = s->capacity - s->floor[t] - s->total[t];
        const double rank = (branches == 1 && slack == 0) ? 0 : (2 * branches + (slack > 0)) / (1 + 4 * s->weight[t] / s->bump);
        if (valid && (best < 0 || rank < fewest || (rank == fewest && slack < least))) {
            best = t;
            fewest = rank;
            least = slack;
        }
    }
    return best;
}

/* The lowest offset above its floor at which something left could lie under an item. */
static int64_t next_support(const Search *s, int i)
{
    int64_t found = NOTHING;
    for (int k = s->near_at[i]; k < s->near_at[i + 1]; k++) {
        const int j = s->near[k];
        if (s->placed[j])
            continue;
        int64_t apart = s->size[j];
        if (s->short_pairs)
            for (int m = s->near_at[j]; m < s->near_at[j + 1]; m++)
                if (s->near[m] == i)
                    apart = s->apart[m];
        int64_t top = s->lowest[j] + apart;
        if (top <= s->lowest[i])
            top = s->lowest[i] + 1;
        if (top < found)
            found = top;
    }
    return found;
}

static int lifts_nobody(const Search *s, int i)
{
    for (int k = s->near_at[i]; k < s->near_at[i + 1]; k++)
        if (!s->placed[s->near[k]] && s->lowest[i] + s->apart[k] > s->lowest[s->near[k]])
            return 0;
    return 1;
}

/* Nothing lies on the floor: its candidates wait for a support; false at a dead end. */
static int raise(Search *s, const int *found, int n)
{
    int from = s->sections, to = 0;
    int64_t *next = malloc((size_t)n * sizeof *next);
    if (next == NULL) {
        s->failed_memory = 1;
        return 0;
    }
    for (int c = 0; c < n; c++)
        next[c] = next_support(s, found[c]);
    int alive = 1;
    s->now++;
    for (int c = 0; alive && c < n; c++)
        alive = next[c] != NOTHING && lift(s, found[c], next[c], &from, &to);
    free(next);
    return alive && lift_floors(s, from, to);
}

static int solve(Search *s, int from, int to);

/* Apart where nothing left crosses, the side with fewer items first; -3 if it is one piece. */
static int solve_apart(Search *s, int from, int to)
{
    int starts[64], stops[64], pieces = 0;
    for (int t = from; t < to;) {
        if (!s->left[t]) {
            t++;
            continue;
        }
        int stop = t + 1;
        while (stop < to && s->crossing[stop])
            stop++;
        if (pieces == 64) { /* the rest together: apart one level deeper */
            stops[63] = to;
            break;
        }
        starts[pieces] = t;
        stops[pieces++] = stop;
        t = stop;
    }
    if (pieces == 0)
        return FOUND;
    if (pieces == 1 && starts[0] == from && stops[0] == to)
        return -3;
    for (int done = 0; done < pieces; done++) {
        int best = -1;
        for (int p = 0; p < pieces; p++)
            if (starts[p] >= 0 && (best < 0 || stops[p] - starts[p] < stops[best] - starts[best]))
                best = p;
        const int result = solve(s, starts[best], stops[best]);
        if (result != FOUND)
            return result;
        starts[best] = -1;
    }
    return FOUND;
}

/* Place all that is left in the sections [from, to); the caller undoes what failed. */
static int solve(Search *s, int from, int to)
{
    const int apart = solve_apart(s, from, to);
    if (apart != -3)
        return apart;
    if (s->failed_memory)
        return NO_MEMORY;
    s->nodes++;
    if (s->nodes >= s->limit || s->nodes >= s->end)
        return LIMIT;
    if ((s->nodes & 63) == 0 && wall() > s->until) {
        s->end = s->nodes;
        return LIMIT;
    }
    const Entry key = key_of(s, from, to);
    Entry *known = &s->table[key.key >> (64 - TABLE_BITS)];
    if (known->key == key.key && known->check == key.check)
        return FAILED;
    const size_t base = s->candidates_top;
    int result = FAILED;
    while (result == FAILED) {
        const int t = choose(s, from, to);
        if (t < 0)
            break; /* cannot be: the lowest section can always be chosen */
        const int64_t at = s->floor[t];
        int n = gather(s, t);
        if (s->failed_memory)
            return NO_MEMORY;
        const int on_floor = n;
        if (s->short_pairs) /* who may share the start of a candidate goes first, too, wherever it lives */
            for (int c = 0; c < on_floor; c++) {
                const int i = s->candidates[base + (size_t)c];
                for (int k = s->near_at[i]; k < s->near_at[i + 1]; k++) {
                    const int j = s->near[k];
                    int other = !s->placed[j] && s->lowest[j] == at && (t < s->first[j] || t >= s->last[j]);
                    for (int d = on_floor; other && d < n; d++)
                        other = s->candidates[base + (size_t)d] != j;
                    if (other && n < 2 * s->n)
                        s->candidates[base + (size_t)n++] = j;
                }
            }
        const int forced = n == 1 && lifts_nobody(s, s->candidates[base]);
        int *raised = NULL;
        if (n > on_floor) {
            raised = malloc((size_t)on_floor * sizeof *raised);
            if (raised == NULL)
                return NO_MEMORY;
            memcpy(raised, s->candidates + base, (size_t)on_floor * sizeof *raised);
        }
        sort_candidates(s, s->candidates + base, n);
        s->candidates_top = base + (size_t)n;
        for (int c = 0; result == FAILED && c < n; c++) {
            const int i = s->candidates[base + (size_t)c];
            if (s->twin[i] >= 0 && !s->placed[s->twin[i]])
                continue;
            const size_t mark = s->trail_top;
            if (place(s, i, at))
                result = solve(s, from, to);
            if (result == FAILED)
                undo(s, mark);
        }
        s->candidates_top = base;
        const int stays = result == FAILED && !forced;
        const int alive = stays && raise(s, raised ? raised : s->candidates + base, on_floor);
        free(raised);
        if (!alive)
            break;
        s->nodes++;
        if (s->nodes >= s->limit || s->nodes >= s->end)
            result = LIMIT;
    }
    if (result == FAILED && !s->failed_memory)
        *known = key;
    return result;
}

static void *make(Search *s, size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size);
    if (made == NULL)
        s->failed_memory = 1;
    return made;
}

static void reorder(Search *s, int restart)
{
    /* The weights of life, size and area, and of chance, by turns. */
    double longest = 1, largest = 1;
    for (int i = 0; i < s->n; i++) {
        if (s->last[i] - s->first[i] > longest)
            longest = s->last[i] - s->first[i];
        if ((double)s->size[i] > largest)
            largest = (double)s->size[i];
    }
    const double chance = restart < 3 ? 0.0 : 0.5;
    for (int i = 0; i < s->n; i++) {
        const double life = (s->last[i] - s->first[i]) / longest, size = (double)s->size[i] / largest;
        const double kinds[3] = {life, life * size, size};
        s->score[i] = 0.9 * kinds[restart % 3] + chance * uniform(s);
    }
}

/* 1 1 2 1 1 2 4 1 1 2 ...: short and long restarts by turns, whatever the right length is. */
static int64_t luby(int k)
{
    for (;;) {
        int bits = 1;
        while ((1 << bits) - 1 < k)
            bits++;
        if ((1 << bits) - 1 == k)
            return (int64_t)1 << (bits - 1);
        k -= (1 << (bits - 1)) - 1;
    }
}

/* 1 and offsets below the capacity, 0 if there are none, -1 where the limits ended it, -2 without memory. */
int edgec_pack(int n, int sections, const int *first, const int *last, const int64_t *size, const int *near_at,
               const int *near, const int64_t *apart, const int *alive_at, const int *alive, const int *twin, int shared,
               const int *shared_item, const int *shared_section, const int64_t *shared_bytes, int64_t capacity,
               int64_t node_limit, double seconds, uint64_t seed, int64_t *offsets, int64_t *nodes)
{
    Search s = {.n = n,
                .sections = sections,
                .first = first,
                .last = last,
                .size = size,
                .near_at = near_at,
                .near = near,
                .apart = apart,
                .alive_at = alive_at,
                .twin = twin,
                .short_pairs = shared > 0,
                .capacity = capacity,
                .trail_size = 1 << 16,
                .candidates_size = (size_t)n * 4 + 16,
                .random = mix(seed),
                .salt = mix((uint64_t)capacity),
                .end = node_limit,
                .bump = 1,
                .until = wall() + seconds};
    size_t spans = 0;
    for (int i = 0; i < n; i++)
        spans += (size_t)(last[i] - first[i]);
    s.lowest = make(&s, (size_t)n, sizeof *s.lowest);
    s.offset = offsets;
    s.placed = make(&s, (size_t)n, 1);
    s.floor = make(&s, (size_t)sections, sizeof *s.floor);
    s.total = make(&s, (size_t)sections, sizeof *s.total);
    s.left = make(&s, (size_t)sections, sizeof *s.left);
    s.crossing = make(&s, (size_t)sections + 1, sizeof *s.crossing);
    s.share = make(&s, (size_t)n, sizeof *s.share);
    s.shares = make(&s, spans, sizeof *s.shares);
    s.alive = make(&s, (size_t)alive_at[sections], sizeof *s.alive);
    s.trail = make(&s, s.trail_size, sizeof *s.trail);
    s.candidates = make(&s, s.candidates_size, sizeof *s.candidates);
    s.lies = make(&s, (size_t)n, 1);
    s.touched = make(&s, (size_t)sections, sizeof *s.touched);
    s.weight = make(&s, (size_t)sections, sizeof *s.weight);
    s.score = make(&s, (size_t)n, sizeof *s.score);
    s.table = make(&s, (size_t)1 << TABLE_BITS, sizeof *s.table);
    int result = NO_MEMORY;
    if (!s.failed_memory) {
        memcpy(s.alive, alive, (size_t)alive_at[sections] * sizeof *alive);
        int64_t *next = s.shares;
        for (int i = 0; i < n; i++) {
            s.share[i] = next;
            for (int t = first[i]; t < last[i]; t++)
                *next++ = size[i];
        }
        for (int k = 0; k < shared; k++)
            s.share[shared_item[k]][shared_section[k] - first[shared_item[k]]] -= shared_bytes[k];
        for (size_t k = 0; k < spans; k++)
            if (s.shares[k] < 0)
                s.shares[k] = 0;
        int fits = 1;
        for (int i = 0; i < n; i++) {
            count(&s, i, 1);
            fits = fits && size[i] <= capacity;
        }
        for (int t = 0; t < sections; t++) {
            fits = fits && s.total[t] <= capacity;
        }
        result = fits ? LIMIT : FAILED;
        for (int restart = 0; result == LIMIT && s.nodes < s.end; restart++) {
            reorder(&s, restart);
            s.limit = s.nodes + 3000 * luby(restart + 1);
            s.candidates_top = 0;
            result = solve(&s, 0, sections);
            if (result == LIMIT)
                undo(&s, 0);
        }
    }
    *nodes = s.nodes;
    void *all[] = {s.weight, s.alive, s.lowest,   s.placed, s.floor,  s.total,      s.left,  s.crossing, s.share,
                   s.shares,   s.trail,  s.lies,   s.candidates, s.touched,   s.score, s.table};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        free(all[k]);
    return result;
}
