#include "kernels/cuda/elements.h"
#include "kernels/gelu.h"

namespace stroma::kernels {
namespace {

constexpr float root = 0.797884561f;  // √(2/π)

/// Φ(x); erfc keeps the digits of what is near 0.
__device__ float normal_distribution(float x) { return 0.5f * erfcf(-0.707106781f * x); }

__device__ float tanh_of(float x) { return tanhf(root * (x + 0.044715f * x * x * x)); }

struct Forward {
  Gelu<float> p;
  __device__ void operator()(int64_t i) const {
    const float x = p.input[i];
    p.output[i] = p.approximate ? 0.5f * x * (1 + tanh_of(x)) : x * normal_distribution(x);
  }
};

struct Backward {
  GeluBackward<float> p;
  __device__ void operator()(int64_t i) const {
    const float x = p.input[i];
    float slope;
    if (p.approximate) {
      const float t = tanh_of(x), inner = root * (1 + 3 * 0.044715f * x * x);
      slope = 0.5f * (1 + t + x * (1 - t * t) * inner);
    } else {
      slope = normal_distribution(x) + x * 0.5f * root * expf(-0.5f * x * x);
    }
    p.input_grad[i] = p.output_grad[i] * slope;
  }
};

}  // namespace

void gelu(const Cuda& cuda, const Gelu<float>& p) { for_each_element(cuda, p.count, Forward{p}); }

void gelu_backward(const Cuda& cuda, const GeluBackward<float>& p) {
  for_each_element(cuda, p.count, Backward{p});
}

}  // namespace stroma::kernels
