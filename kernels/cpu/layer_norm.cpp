// Layer normalisation on the CPU: a row is read while it is in cache, for its mean, its deviation
// and what comes of them. Sums over rows, the gradients of weight and bias, are made of the sums of
// blocks of rows in their order, whoever did which.
#include "kernels/layer_norm.h"

#include <algorithm>
#include <cmath>

#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t block_elements = 1 << 14;  // some microseconds of work

int64_t rows_of_block(int64_t channels) { return std::max<int64_t>(1, block_elements / channels); }

template <class T>
void normalize_row(const LayerNorm<T>& p, int64_t row) {
  const int64_t channels = p.channels;
  const T* const x = p.input + row * channels;
  T* const y = p.output + row * channels;
  T sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < channels; ++c) sum += x[c];
  const T mean = sum / static_cast<T>(channels);
  T squares = 0;
#pragma omp simd reduction(+ : squares)
  for (int64_t c = 0; c < channels; ++c) squares += (x[c] - mean) * (x[c] - mean);
  const T inverse_sd = 1 / std::sqrt(squares / static_cast<T>(channels) + p.epsilon);
#pragma omp simd
  for (int64_t c = 0; c < channels; ++c) {
    y[c] = (x[c] - mean) * inverse_sd * p.weight[c] + p.bias[c];
  }
  p.mean[row] = mean;
  p.inverse_sd[row] = inverse_sd;
}

/// One row's gradient of the input, where it is asked for. sums: [2, channels], to which the row's
/// shares of dweight and dbias are added while it is read, or nullptr.
template <class T>
void backward_of_row(const LayerNormBackward<T>& p, int64_t row, T* sums) {
  const int64_t channels = p.channels;
  const T* const x = p.input + row * channels;
  const T* const dy = p.output_grad + row * channels;
  const T mean = p.mean[row], inverse_sd = p.inverse_sd[row];
  if (sums != nullptr) {
    T* const weight_sums = sums;
    T* const bias_sums = sums + channels;
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) {
      weight_sums[c] += dy[c] * ((x[c] - mean) * inverse_sd);
      bias_sums[c] += dy[c];
    }
  }
  if (p.input_grad == nullptr) return;
  const T* const w = p.weight;
  T* const dx = p.input_grad + row * channels;
  constexpr int64_t lanes = 32;  // sums that do not wait for each other
  T plain[lanes] = {}, along[lanes] = {};
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
#pragma omp simd
    for (int64_t j = 0; j < lanes; ++j) {
      const T g = dy[c + j] * w[c + j];
      plain[j] += g;
      along[j] += g * (x[c + j] - mean);
    }
  }
  for (int64_t j = 0; c + j < channels; ++j) {
    const T g = dy[c + j] * w[c + j];
    plain[j] += g;
    along[j] += g * (x[c + j] - mean);
  }
  T sum = 0, product = 0;
#pragma omp simd reduction(+ : sum, product)
  for (int64_t j = 0; j < lanes; ++j) {
    sum += plain[j];
    product += along[j];
  }
  const T share = 1 / static_cast<T>(channels);
  const T shift = sum * share, slope = product * share * inverse_sd * inverse_sd;
#pragma omp simd
  for (int64_t i = 0; i < channels; ++i) {
    dx[i] = inverse_sd * (dy[i] * w[i] - shift - (x[i] - mean) * slope);
  }
}

}  // namespace

template <class T>
void layer_norm(const Cpu&, const LayerNorm<T>& p) {
  in_chunks(p.rows, rows_of_block(p.channels), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) normalize_row(p, row);
  });
}

template <class T>
void layer_norm_backward(const Cpu& cpu, const LayerNormBackward<T>& p) {
  p.check();
  const int64_t grain = rows_of_block(p.channels), blocks = (p.rows + grain - 1) / grain;
  const bool sums_asked = p.weight_grad != nullptr || p.bias_grad != nullptr;
  Workspace<T, Cpu> workspace(cpu, sums_asked ? blocks * 2 * p.channels : 0);
  T* const sums = workspace.data();  // [blocks, 2, channels]
  in_chunks(p.rows, grain, [&](int64_t begin, int64_t end) {
    T* const block_sums = sums + begin / grain * 2 * p.channels;
    if (sums_asked) std::fill_n(block_sums, 2 * p.channels, T(0));
    for (int64_t row = begin; row < end; ++row) {
      backward_of_row(p, row, sums_asked ? block_sums : nullptr);
    }
  });
  for (int64_t block = 0; sums_asked && block < blocks; ++block) {
    const T* const block_sums = sums + block * 2 * p.channels;
    for (int64_t c = 0; p.weight_grad != nullptr && c < p.channels; ++c) {
      p.weight_grad[c] += block_sums[c];
    }
    for (int64_t c = 0; p.bias_grad != nullptr && c < p.channels; ++c) {
      p.bias_grad[c] += block_sums[p.channels + c];
    }
  }
}

template void layer_norm<float>(const Cpu&, const LayerNorm<float>&);
template void layer_norm<double>(const Cpu&, const LayerNorm<double>&);
template void layer_norm_backward<float>(const Cpu&, const LayerNormBackward<float>&);
template void layer_norm_backward<double>(const Cpu&, const LayerNormBackward<double>&);

}  // namespace stroma::kernels
