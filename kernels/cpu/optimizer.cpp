// SGD and Adam on the CPU: one pass over all parameters. Operations are in PyTorch's order, so that
// float results agree to rounding; what is the same for all elements is computed once in double.
#include "kernels/optimizer.h"

#include <cmath>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t grain = 1 << 14;

}  // namespace

template <class T>
void adam_step(const Cpu&, const Adam<T>& a) {
  const double learning_rate = *a.learning_rate;
  const auto t = static_cast<double>(*a.step + 1);
  const auto step_size = static_cast<T>(learning_rate / (1 - std::pow(a.beta1, t)));
  const auto correction2 = static_cast<T>(std::sqrt(1 - std::pow(a.beta2, t)));
  const auto toward = static_cast<T>(1 - a.beta1);  // how far the mean moves to the gradient
  const auto beta2 = static_cast<T>(a.beta2);
  const auto new_share2 = static_cast<T>(1 - a.beta2);
  const auto epsilon = static_cast<T>(a.epsilon);
  const T gradient_scale = a.gradient_scale != nullptr ? *a.gradient_scale : T{1};
  const auto added_decay = static_cast<T>(a.decoupled ? 0 : a.weight_decay);
  const auto shrink = static_cast<T>(a.decoupled ? 1 - learning_rate * a.weight_decay : 1);
  in_chunks(a.count, grain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const T g = a.gradients[i] * gradient_scale + added_decay * a.parameters[i];
      const T m = a.first_moment[i] + toward * (g - a.first_moment[i]);
      const T v = a.second_moment[i] * beta2 + new_share2 * g * g;
      a.first_moment[i] = m;
      a.second_moment[i] = v;
      a.parameters[i] =
          a.parameters[i] * shrink - step_size * m / (std::sqrt(v) / correction2 + epsilon);
    }
  });
}

template <class T>
void sgd_step(const Cpu&, const Sgd<T>& s) {
  const auto learning_rate = static_cast<T>(*s.learning_rate);
  // The first update takes the gradient as it is, whatever the buffer holds.
  const bool first = *s.step == 0;
  const auto momentum = static_cast<T>(s.momentum);
  const auto weight_decay = static_cast<T>(s.weight_decay);
  const T gradient_scale = s.gradient_scale != nullptr ? *s.gradient_scale : T{1};
  in_chunks(s.count, grain, [=](int64_t begin, int64_t end) {
    const auto gradient = [&s, gradient_scale, weight_decay](int64_t i) {
      return s.gradients[i] * gradient_scale + weight_decay * s.parameters[i];
    };
    if (s.momentum_buffer == nullptr) {
#pragma omp simd
      for (int64_t i = begin; i < end; ++i) s.parameters[i] -= learning_rate * gradient(i);
      return;
    }
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      const T g = gradient(i);
      const T velocity = first ? g : momentum * s.momentum_buffer[i] + g;
      s.momentum_buffer[i] = velocity;
      s.parameters[i] -= learning_rate * velocity;
    }
  });
}

template <class T>
void clip_scale(const Cpu&, const T* sum_of_squares, double max_norm, T* scale) {
  const double factor = max_norm / (std::sqrt(static_cast<double>(*sum_of_squares)) + 1e-6);
  *scale = static_cast<T>(factor > 1 ? 1 : factor);  // NaN stays NaN
}

#define STROMA_INSTANTIATE(T)                             \
  template void adam_step<T>(const Cpu&, const Adam<T>&); \
  template void sgd_step<T>(const Cpu&, const Sgd<T>&);   \
  template void clip_scale<T>(const Cpu&, const T*, double, T*);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
