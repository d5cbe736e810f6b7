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

struct EluForward {
  ActivationForward<float> a;
  __device__ void operator()(int64_t i) const {
    const float x = a.input[i];
    a.output[i] = x < 0 ? a.alpha * expm1f(x) : x;
  }
};

/// max(x, 0) + ln(1 + e^-|x|)
struct SoftplusForward {
  ActivationForward<float> a;
  __device__ void operator()(int64_t i) const {
    const float x = a.input[i], tail = log1pf(expf(-fabsf(x)));
    a.output[i] = x > 0 ? x + tail : tail;
  }
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

struct EluBackward {
  ActivationBackward<float> a;
  __device__ void operator()(int64_t i) const {
    const float y = a.output[i], dy = a.output_grad[i];
    a.input_grad[i] = y < 0 ? dy * (y + a.alpha) : dy;
  }
};

struct SoftplusBackward {
  ActivationBackward<float> a;
  __device__ void operator()(int64_t i) const {
    a.input_grad[i] = a.output_grad[i] * -expm1f(-a.output[i]);
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
    case Activation::elu:
      return for_each_element(cuda, a.count, EluForward{a});
    case Activation::softplus:
      return for_each_element(cuda, a.count, SoftplusForward{a});
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
    case Activation::elu:
      return for_each_element(cuda, a.count, EluBackward{a});
    case Activation::softplus:
      return for_each_element(cuda, a.count, SoftplusBackward{a});
  }
  throw Error("unknown activation");
}

}  // namespace stroma::kernels
