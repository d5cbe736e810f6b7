// Batch normalisation on the CPU. Rows are the channels of a position of a sequence. A block of
// them stays in cache while its sums are made; the blocks are joined in their order, whoever did
// which. Deviations are from the block's own mean, joined as Chan, Golub & LeVeque (1979) do it, so
// that one reading of memory loses no digits of a small deviation from a large mean.
#include "kernels/batch_norm1d.h"

#include <algorithm>
#include <cmath>

#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

int64_t rows_of_block(int64_t channels) {
  return std::max<int64_t>(1, (1 << 13) / channels);  // 32 KiB, what a core's first cache holds
}

/// The rows of [length, batch, channels], in blocks.
struct Rows {
  template <class Parameters>
  explicit Rows(const Parameters& p)
      : lengths(p.lengths),
        batch(p.batch),
        count(p.length * p.batch),
        grain(rows_of_block(p.channels)),
        blocks((count + grain - 1) / grain) {}

  bool is_padding(int64_t row) const { return lengths && row / batch >= lengths[row % batch]; }

  /// Calls f(row) for each row of [begin, end) that is no padding; returns how many there are.
  template <class F>
  int64_t each(int64_t begin, int64_t end, const F& f) const {
    int64_t found = 0;
    for (int64_t row = begin; row < end; ++row) {
      if (is_padding(row)) continue;
      f(row);
      ++found;
    }
    return found;
  }

  const int32_t* lengths;
  int64_t batch, count, grain, blocks;
};

/// The mean [channels] and the sum of squared deviations [channels] of a block of rows; returns how
/// many they are of. Sums are of distances from the first row, which are no larger than need be.
template <class T>
int64_t block_statistics(const Rows& rows, int64_t begin, int64_t end, int64_t channels,
                         const T* input, T* mean, T* squares) {
  std::fill_n(mean, channels, T(0));
  std::fill_n(squares, channels, T(0));
  const T* first = nullptr;
  const int64_t count = rows.each(begin, end, [&](int64_t row) {
    const T* const x = input + row * channels;
    if (first == nullptr) first = x;
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) mean[c] += x[c] - first[c];
  });
  if (count == 0) return 0;
  const T share = 1 / static_cast<T>(count);
  for (int64_t c = 0; c < channels; ++c) mean[c] = first[c] + mean[c] * share;
  rows.each(begin, end, [&](int64_t row) {
    const T* const x = input + row * channels;
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) squares[c] += (x[c] - mean[c]) * (x[c] - mean[c]);
  });
  return count;
}

/// Joins the statistics of a block to those of `before` values.
template <class T>
void join(int64_t before, T* mean, T* squares, int64_t count, const T* block_mean,
          const T* block_squares, int64_t channels) {
  const T all = static_cast<T>(before + count);
  const T part = static_cast<T>(count) / all;
  const T between = static_cast<T>(before) * part;
#pragma omp simd
  for (int64_t c = 0; c < channels; ++c) {
    const T difference = block_mean[c] - mean[c];
    mean[c] += difference * part;
    squares[c] += block_squares[c] + difference * difference * between;
  }
}

/// Writes p.mean and, in place of p.inverse_sd, the sum of squared deviations; returns N.
template <class T>
int64_t statistics(const Cpu& cpu, const BatchNorm1d<T>& p) {
  const Rows rows(p);
  Workspace<T, Cpu> workspace(cpu, rows.blocks * 2 * p.channels);
  Workspace<int64_t, Cpu> counts_workspace(cpu, rows.blocks);
  T* const of_blocks = workspace.data();            // [blocks, 2, channels]
  int64_t* const counts = counts_workspace.data();  // [blocks]
  in_chunks(rows.count, rows.grain, [&](int64_t begin, int64_t end) {
    const int64_t block = begin / rows.grain;
    T* const mean = of_blocks + block * 2 * p.channels;
    counts[block] =
        block_statistics(rows, begin, end, p.channels, p.input, mean, mean + p.channels);
  });
  std::fill_n(p.mean, p.channels, T(0));
  std::fill_n(p.inverse_sd, p.channels, T(0));
  int64_t count = 0;
  for (int64_t block = 0; block < rows.blocks; ++block) {
    if (counts[block] == 0) continue;
    const T* const mean = of_blocks + block * 2 * p.channels;
    join(count, p.mean, p.inverse_sd, counts[block], mean, mean + p.channels, p.channels);
    count += counts[block];
  }
  return count;
}

/// Sums of the gradient [channels] and of the gradient times x − μ [channels], over a block.
template <class T>
void block_sums(const BatchNorm1dBackward<T>& p, const Rows& rows, int64_t begin, int64_t end,
                T* sums) {
  T* const plain = sums;
  T* const along = sums + p.channels;
  std::fill_n(sums, 2 * p.channels, T(0));
  rows.each(begin, end, [&](int64_t row) {
    const T* const x = p.input + row * p.channels;
    const T* const dy = p.output_grad + row * p.channels;
#pragma omp simd
    for (int64_t c = 0; c < p.channels; ++c) {
      plain[c] += dy[c];
      along[c] += dy[c] * (x[c] - p.mean[c]);
    }
  });
}

}  // namespace

template <class T>
void batch_norm1d(const Cpu& cpu, const BatchNorm1d<T>& p) {
  const int64_t channels = p.channels;
  const int64_t count = p.training ? statistics(cpu, p) : 0;
  const bool of_batch = count > 1;
  *p.share = of_batch ? 1 / static_cast<T>(count) : T(0);
  if (of_batch) ++*p.batches;
  Workspace<T, Cpu> workspace(cpu, channels);
  T* const slope = workspace.data();  // [channels]: weight / √(σ² + ε)
  for (int64_t c = 0; c < channels; ++c) {
    T variance = p.running_variance[c];
    if (of_batch) {
      const T squares = p.inverse_sd[c], unbiased = squares / static_cast<T>(count - 1);
      variance = squares * *p.share;
      p.running_mean[c] = (1 - p.momentum) * p.running_mean[c] + p.momentum * p.mean[c];
      p.running_variance[c] = (1 - p.momentum) * p.running_variance[c] + p.momentum * unbiased;
    } else {
      p.mean[c] = p.running_mean[c];
    }
    p.inverse_sd[c] = 1 / std::sqrt(variance + p.epsilon);
    slope[c] = p.weight[c] * p.inverse_sd[c];
  }
  const Rows rows(p);
  in_chunks(rows.count, rows.grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const x = p.input + row * channels;
      T* const y = p.output + row * channels;
      if (rows.is_padding(row)) {
        std::fill_n(y, channels, T(0));
        continue;
      }
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) y[c] = (x[c] - p.mean[c]) * slope[c] + p.bias[c];
    }
  });
}

template <class T>
void batch_norm1d_backward(const Cpu& cpu, const BatchNorm1dBackward<T>& p) {
  p.check();
  const Rows rows(p);
  const int64_t channels = p.channels;
  Workspace<T, Cpu> workspace(cpu, (2 * rows.blocks + 3) * channels);
  T* const total = workspace.data();      // [2, channels]
  T* const slope = total + 2 * channels;  // [channels]
  T* const of_blocks = slope + channels;  // [blocks, 2, channels]
  in_chunks(rows.count, rows.grain, [&](int64_t begin, int64_t end) {
    block_sums(p, rows, begin, end, of_blocks + begin / rows.grain * 2 * channels);
  });
  std::fill_n(total, 2 * channels, T(0));
  for (int64_t block = 0; block < rows.blocks; ++block) {
    const T* const sums = of_blocks + block * 2 * channels;
#pragma omp simd
    for (int64_t i = 0; i < 2 * channels; ++i) total[i] += sums[i];
  }
  for (int64_t c = 0; c < channels; ++c) {
    const T along = total[channels + c] * p.inverse_sd[c];
    if (p.weight_grad != nullptr) p.weight_grad[c] += along;
    if (p.bias_grad != nullptr) p.bias_grad[c] += total[c];
    total[c] *= *p.share;
    total[channels + c] = along * *p.share * p.inverse_sd[c];
    slope[c] = p.weight[c] * p.inverse_sd[c];
  }
  if (p.input_grad == nullptr) return;
  in_chunks(rows.count, rows.grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const x = p.input + row * channels;
      const T* const dy = p.output_grad + row * channels;
      T* const dx = p.input_grad + row * channels;
      if (rows.is_padding(row)) {
        std::fill_n(dx, channels, T(0));
        continue;
      }
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        dx[c] = slope[c] * (dy[c] - total[c] - (x[c] - p.mean[c]) * total[channels + c]);
      }
    }
  });
}

template void batch_norm1d<float>(const Cpu&, const BatchNorm1d<float>&);
template void batch_norm1d<double>(const Cpu&, const BatchNorm1d<double>&);
template void batch_norm1d_backward<float>(const Cpu&, const BatchNorm1dBackward<float>&);
template void batch_norm1d_backward<double>(const Cpu&, const BatchNorm1dBackward<double>&);

}  // namespace stroma::kernels
