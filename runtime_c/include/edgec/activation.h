/* The activation functions of recurrent layers, chosen by a number. */
#ifndef EDGEC_ACTIVATION_H
#define EDGEC_ACTIVATION_H

#include "edgec/clamp.h"
#include "edgec/elu.h"
#include "edgec/sigmoid.h"
#include "edgec/softplus.h"
#include "edgec/tanh.h"

enum edgec_activation_kind {
  EDGEC_AFFINE,
  EDGEC_ELU,
  EDGEC_HARD_SIGMOID,
  EDGEC_LEAKY_RELU,
  EDGEC_RELU,
  EDGEC_SCALED_TANH,
  EDGEC_SIGMOID,
  EDGEC_SOFTPLUS,
  EDGEC_SOFTSIGN,
  EDGEC_TANH,
  EDGEC_THRESHOLDED_RELU
};

typedef struct {
  enum edgec_activation_kind kind;
  float alpha;
  float beta;
} edgec_activation;

EDGEC_INLINE float edgec_activate_f32(edgec_activation function, float x)
{
  switch (function.kind) {
    case EDGEC_AFFINE:
      return x * function.alpha + function.beta;
    case EDGEC_ELU:
      return edgec_elu_scalar_f32(function.alpha, x);
    case EDGEC_HARD_SIGMOID:
      return edgec_clamp_f32(x * function.alpha + function.beta, 0.0f, 1.0f);
    case EDGEC_LEAKY_RELU:
      return x < 0.0f ? x * function.alpha : x;
    case EDGEC_RELU:
      return x < 0.0f ? 0.0f : x;
    case EDGEC_SCALED_TANH:
      return function.alpha * edgec_tanh_scalar_f32(x * function.beta);
    case EDGEC_SIGMOID:
      return edgec_sigmoid_scalar_f32(x);
    case EDGEC_SOFTPLUS:
      return edgec_softplus_scalar_f32(x);
    case EDGEC_SOFTSIGN:
      return x / (1.0f + (x < 0.0f ? -x : x));
    case EDGEC_TANH:
      return edgec_tanh_scalar_f32(x);
    case EDGEC_THRESHOLDED_RELU:
      return x > function.alpha ? x : 0.0f;
  }
  return x;
}

#endif
