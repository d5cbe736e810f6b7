#include "kernels/activation.h"
#include "kernels/cuda/elements.h"
#include "kernels/error.h"

namespace stroma::kernels {
namespace {

struct ReluForward {
  ActivationForward<float> a;
  __device__ void operator()(int64_t i) const {
    const float x = a.input[i];
    a.output[i] = x < 0 ? 0 : x;  // a NaN stays a NaN
  }
};

struct TanhForward {
  ActivationForward<float> a;
  __device__ void operator()(int64_t i) const { a.output[i] = tanhf(a.input[i]); }
};

struct SigmoidForward {
  ActivationForward<float> a;
  __device__ void operator()(int64_t i) const { a.output[i] = 1 / (1 + expf(-a.input[i])); }
};

struct ReluBackward {
  ActivationBackward<float> a;
  __device__ void operator()(int64_t i) const {
    a.input_grad[i] = a.output[i] > 0 ? a.output_grad[i] : 0;
  }
};

struct TanhBackward {
  ActivationBackward<float> a;
  __device__ void operator()(int64_t i) const {
    const float y = a.output[i];
    a.input_grad[i] = a.output_grad[i] * (1 - y * y);
  }
};

struct SigmoidBackward {
  ActivationBackward<float> a;
  __device__ void operator()(int64_t i) const {
    const float y = a.output[i];
    a.input_grad[i] = a.output_grad[i] * y * (1 - y);
  }
};

}  // namespace

void activation_forward(const Cuda& cuda, const ActivationForward<float>& a) {
  switch (a.kind) {
    case Activation::relu:
      return for_each_element(cuda, a.count, ReluForward{a});
    case Activation::tanh:
      return for_each_element(cuda, a.count, TanhForward{a});
    case Activation::sigmoid:
      return for_each_element(cuda, a.count, SigmoidForward{a});
  }
  throw Error("unknown activation");
}

void activation_backward(const Cuda& cuda, const ActivationBackward<float>& a) {
  switch (a.kind) {
    case Activation::relu:
      return for_each_element(cuda, a.count, ReluBackward{a});
    case Activation::tanh:
      return for_each_element(cuda, a.count, TanhBackward{a});
    case Activation::sigmoid:
      return for_each_element(cuda, a.count, SigmoidBackward{a});
  }
  throw Error("unknown activation");
}

}  // namespace stroma::kernels
