/* Convolutions and dense layers of bytes on hosts: rows with their padding, and tiles of products. */
#ifndef EDGEC_PRODUCTS_I8_H
#define EDGEC_PRODUCTS_I8_H

#include "edgec/padded_i8.h"
#include "edgec/tiles_i8.h"

#endif
