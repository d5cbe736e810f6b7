#include "kernels/cuda/elements.h"
#include "kernels/leaky_relu.h"

namespace stroma::kernels {
namespace {

struct Forward {
  LeakyRelu<float> p;
  __device__ void operator()(int64_t i) const {
    const float x = p.input[i];
    p.output[i] = x < 0 ? p.slope * x : x;  // a NaN stays a NaN
  }
};

struct Backward {
  LeakyReluBackward<float> p;
  __device__ void operator()(int64_t i) const {
    const float dy = p.output_grad[i];
    p.input_grad[i] = p.input[i] < 0 ? p.slope * dy : dy;
  }
};

}  // namespace

void leaky_relu(const Cuda& cuda, const LeakyRelu<float>& p) {
  for_each_element(cuda, p.count, Forward{p});
}

void leaky_relu_backward(const Cuda& cuda, const LeakyReluBackward<float>& p) {
  for_each_element(cuda, p.count, Backward{p});
}

}  // namespace stroma::kernels
