/* A group of four bytes of x in every lane, on x86-64. Vectors of any length include this behind their edgec_vector,
   edgec_input and edgec_all. */
#ifndef EDGEC_LANES_X86_H
#define EDGEC_LANES_X86_H

typedef edgec_vector edgec_spreads;
typedef edgec_vector edgec_packed;
typedef struct {
  uint8_t bytes[4];
} edgec_four;

/* gcc keeps in other registers, and in memory, what neighbouring windows share, if it sees that it is loaded. */
EDGEC_INLINE edgec_vector edgec_spread(const edgec_input *x)
{
#if defined(__clang__)
  int32_t group;
  __builtin_memcpy(&group, x, 4);
  return edgec_all(group);
#else
  edgec_vector all;
  __asm__("vpbroadcastd %1, %0" : "=v"(all) : "m"(*(const edgec_four *)(const void *)x));
  return all;
#endif
}

#endif
