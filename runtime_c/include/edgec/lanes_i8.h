/* Sums of products of bytes in vectors of hosts. Kernels are written once, over what one of these headers has:

   EDGEC_SUMS, EDGEC_GROUP   lanes of a vector of sums; products that join a lane at a time
   edgec_input, edgec_weight x in scratch, and weights: groups of as many are read as EDGEC_GROUP says
   edgec_spread, edgec_dot   a group of x in every lane, and its products with groups of weights added to sums
   edgec_widen               bytes of x as edgec_input
   edgec_rescaled, edgec_store_codes  codes of sums, to the bit those of requantize.h for shifts of 33 and more */
#ifndef EDGEC_LANES_I8_H
#define EDGEC_LANES_I8_H

#if defined(__AVX512VNNI__)
#include "edgec/lanes_vnni.h"
#endif

#endif
