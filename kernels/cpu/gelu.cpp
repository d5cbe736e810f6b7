#include "kernels/gelu.h"

#include <cmath>
#include <numbers>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/vector_math.h"

namespace stroma::kernels {
namespace {

/// Φ(x) to 7.5e-8: Abramowitz & Stegun 7.1.26 for the error function, which vectorises.
inline float normal_distribution(float x) {
  const float magnitude = std::fabs(x);
  const float t = 1.0f / (1.0f + 0.3275911f / std::numbers::sqrt2_v<float> * magnitude);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const float tail = 0.5f * p * t * vector_math::fast_exp(-0.5f * x * x);  // Φ(−|x|)
  return x < 0 ? tail : 1.0f - tail;
}
inline double normal_distribution(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

template <class T>
T normal_density(T x) {
  return std::numbers::inv_sqrtpi_v<T> / std::numbers::sqrt2_v<T> *
         vector_math::fast_exp(T(-0.5) * x * x);
}

template <class T>
constexpr T root = std::numbers::sqrt2_v<T>* std::numbers::inv_sqrtpi_v<T>;  // √(2/π)

/// u, and u′.
template <class T>
T bent(T x) {
  return root<T> * (x + T(0.044715) * x * x * x);
}
template <class T>
T bent_slope(T x) {
  return root<T> * (1 + T(3 * 0.044715) * x * x);
}

}  // namespace

template <class T>
void gelu(const Cpu&, const Gelu<T>& p) {
  const T* const x = p.input;
  if (p.approximate) {
    return for_each_element(p.count, p.output, [=](int64_t i) {
      return x[i] * T(0.5) * (1 + vector_math::fast_tanh(bent(x[i])));
    });
  }
  for_each_element(p.count, p.output, [=](int64_t i) { return x[i] * normal_distribution(x[i]); });
}

template <class T>
void gelu_backward(const Cpu&, const GeluBackward<T>& p) {
  const T *const x = p.input, *const dy = p.output_grad;
  if (p.approximate) {
    return for_each_element(p.count, p.input_grad, [=](int64_t i) {
      const T t = vector_math::fast_tanh(bent(x[i]));
      return dy[i] * T(0.5) * (1 + t + x[i] * (1 - t * t) * bent_slope(x[i]));
    });
  }
  for_each_element(p.count, p.input_grad, [=](int64_t i) {
    return dy[i] * (normal_distribution(x[i]) + x[i] * normal_density(x[i]));
  });
}

template void gelu<float>(const Cpu&, const Gelu<float>&);
template void gelu<double>(const Cpu&, const Gelu<double>&);
template void gelu_backward<float>(const Cpu&, const GeluBackward<float>&);
template void gelu_backward<double>(const Cpu&, const GeluBackward<double>&);

}  // namespace stroma::kernels
