// SGD and Adam on the GPU: one launch over all parameters of a model. Operations are in the CPU's
// order; what is the same for all elements is computed in double.
#include <cmath>

#include "kernels/cuda/elements.h"
#include "kernels/optimizer.h"

namespace stroma::kernels {
namespace {

constexpr int adam_block = 256;
constexpr int adam_elements = 4;  // of a thread

/// Adam's constants as the elements need them.
struct AdamConstants {
  float toward, beta2, new_share2, epsilon, added_decay;
};

struct AdamShared {
  double power[2];  // β₁ᵗ, β₂ᵗ
};

/// The update of kernels/optimizer.h for parameters [count].
///
/// Blocks of 256 threads, four elements a thread: each loads its 16 numbers, whole lines a warp,
/// before it waits for βᵗ. That is a power in double, as slow as the loads; the first two threads
/// of a block take one each, at the same time. *step lies on the device, so that a recorded launch
/// stays right.
__global__ void __launch_bounds__(adam_block)
    adam_kernel(const Adam<float> a, const AdamConstants constants) {
  AdamShared& shared = *shared_memory<AdamShared>();
  const auto t = static_cast<double>(*a.step + 1);
  const double learning_rate = *a.learning_rate;
  const float gradient_scale = a.gradient_scale != nullptr ? *a.gradient_scale : 1;
  const int64_t first = int64_t{blockIdx.x} * (adam_block * adam_elements) + threadIdx.x;
  float p[adam_elements], g[adam_elements], m[adam_elements], v[adam_elements];
#pragma unroll
  for (int k = 0; k < adam_elements; ++k) {
    const int64_t i = first + k * adam_block;
    if (i >= a.count) break;
    p[k] = a.parameters[i];
    g[k] = a.gradients[i];
    m[k] = a.first_moment[i];
    v[k] = a.second_moment[i];
  }
  if (threadIdx.x < 2) shared.power[threadIdx.x] = pow(threadIdx.x == 0 ? a.beta1 : a.beta2, t);
  cg::this_thread_block().sync();
  const auto step_size = static_cast<float>(learning_rate / (1 - shared.power[0]));
  const auto correction2 = static_cast<float>(sqrt(1 - shared.power[1]));
  const auto shrink = static_cast<float>(a.decoupled ? 1 - learning_rate * a.weight_decay : 1);
#pragma unroll
  for (int k = 0; k < adam_elements; ++k) {
    const int64_t i = first + k * adam_block;
    if (i >= a.count) break;
    const float gradient = g[k] * gradient_scale + constants.added_decay * p[k];
    const float mean = m[k] + constants.toward * (gradient - m[k]);
    const float square = v[k] * constants.beta2 + constants.new_share2 * gradient * gradient;
    a.first_moment[i] = mean;
    a.second_moment[i] = square;
    a.parameters[i] =
        p[k] * shrink - step_size * mean / (sqrtf(square) / correction2 + constants.epsilon);
  }
}

/// A thread a parameter.
struct SgdUpdate {
  Sgd<float> s;
  float momentum, weight_decay;
  __device__ void operator()(int64_t i) const {
    const float gradient_scale = s.gradient_scale != nullptr ? *s.gradient_scale : 1;
    const float p = s.parameters[i];
    float update = s.gradients[i] * gradient_scale + weight_decay * p;
    if (s.momentum_buffer != nullptr) {
      // The first update takes the gradient as it is, whatever the buffer holds.
      if (*s.step != 0) update = momentum * s.momentum_buffer[i] + update;
      s.momentum_buffer[i] = update;
    }
    s.parameters[i] = p - *s.learning_rate * update;
  }
};

/// One thread.
struct ClipScale {
  const float* sum_of_squares;
  double max_norm;
  float* scale;
  __device__ void operator()(int64_t) const {
    const double factor = max_norm / (sqrt(static_cast<double>(*sum_of_squares)) + 1e-6);
    *scale = static_cast<float>(factor > 1 ? 1 : factor);  // NaN stays NaN
  }
};

}  // namespace

void adam_step(const Cuda& cuda, const Adam<float>& a) {
  constexpr int64_t elements = adam_block * adam_elements;
  if (a.count == 0) return;
  const AdamConstants constants{
      .toward = static_cast<float>(1 - a.beta1),
      .beta2 = static_cast<float>(a.beta2),
      .new_share2 = static_cast<float>(1 - a.beta2),
      .epsilon = static_cast<float>(a.epsilon),
      .added_decay = static_cast<float>(a.decoupled ? 0 : a.weight_decay)};
  launch<adam_kernel>({.grid = static_cast<unsigned>((a.count + elements - 1) / elements),
                       .block = adam_block,
                       .shared_bytes = sizeof(AdamShared),
                       .stream = cuda.stream},
                      a, constants);
}

void sgd_step(const Cuda& cuda, const Sgd<float>& s) {
  for_each_element(
      cuda, s.count,
      SgdUpdate{s, static_cast<float>(s.momentum), static_cast<float>(s.weight_decay)});
}

void clip_scale(const Cuda& cuda, const float* sum_of_squares, double max_norm, float* scale) {
  for_each_element(cuda, 1, ClipScale{sum_of_squares, max_norm, scale});
}

}  // namespace stroma::kernels
