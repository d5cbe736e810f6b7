// With one-hot input a tap of the convolution picks the row of the weights that belongs to its
// letter. With standardised input it picks that row times inverse_sd[p, letter], and
//   −Σ_a w[o, a, k] · mean[p, a] · inverse_sd[p, a],
// which no letter changes, becomes part of the bias of the output position. So an output is a bias
// and kernel_size scaled rows of a table of [tap, letter] that fits the first-level cache.
#include "kernels/conv1d_letters.h"

#include <algorithm>
#include <array>

#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

// Output channels of one task of the backward pass: a cache line, a vector register.
constexpr int64_t channel_block = 16;

/// The letter at position `p` of window `n`; ≥ the number of letters if unknown.
int64_t letter_at(const LetterWindows& windows, int64_t n, int64_t p) {
  return windows.codes[windows.starts[n] + p];
}

/// inverse_sd[p, letter], or 1 without standardisation.
template <class T>
T factor_of(const Standardization<T>& standardization, int64_t letters, int64_t p, int64_t letter) {
  return standardization.mean ? standardization.inverse_sd[p * letters + letter] : T(1);
}

/// The part of an output at position t that no letter changes; table: [tap, letter, out].
template <class T>
void position_bias(const Conv1dLettersForward<T>& c, const T* table, int64_t t, T* bias) {
  const Conv1dShape& s = c.shape;
  const int64_t letters = s.in_channels, out = s.out_channels;
  if (c.bias) {
    std::copy_n(c.bias, out, bias);
  } else {
    std::fill_n(bias, out, T(0));
  }
  if (!c.standardization.mean) return;
  for (int64_t tap = 0; tap < s.kernel_size; ++tap) {
    const int64_t p = t * s.stride - s.padding + tap * s.dilation;
    if (p < 0 || p >= s.length) continue;
    for (int64_t letter = 0; letter < letters; ++letter) {
      const int64_t at = p * letters + letter;
      const T offset = -c.standardization.mean[at] * c.standardization.inverse_sd[at];
      const T* row = table + (tap * letters + letter) * out;
      for (int64_t o = 0; o < out; ++o) bias[o] += offset * row[o];
    }
  }
}

template <class T>
void forward_position(const Conv1dLettersForward<T>& c, const T* table, const T* bias, int64_t t) {
  const Conv1dShape& s = c.shape;
  const int64_t letters = s.in_channels, out = s.out_channels;
  for (int64_t n = 0; n < s.batch; ++n) {
    T* y = c.output + (t * s.batch + n) * out;
    std::copy_n(bias, out, y);
    for (int64_t tap = 0; tap < s.kernel_size; ++tap) {
      const int64_t p = t * s.stride - s.padding + tap * s.dilation;
      if (p < 0 || p >= s.length) continue;
      const int64_t letter = letter_at(c.windows, n, p);
      if (letter >= letters) continue;
      const T factor = factor_of(c.standardization, letters, p, letter);
      const T* row = table + (tap * letters + letter) * out;
#pragma omp simd
      for (int64_t o = 0; o < out; ++o) y[o] += factor * row[o];
    }
    if (c.relu) {
#pragma omp simd
      for (int64_t o = 0; o < out; ++o) y[o] = y[o] < 0 ? T(0) : y[o];
    }
  }
}

/// A number for each of a block of output channels.
template <class T>
using Block = std::array<T, channel_block>;

template <class T>
void add(Block<T>& sum, const Block<T>& term) {
#pragma omp simd
  for (int64_t j = 0; j < channel_block; ++j) sum[j] += term[j];
}

/// The gradients of `width` channels before ReLU, zeros beyond.
template <class T>
Block<T> load_gradient(const Conv1dLettersBackward<T>& c, int64_t at, int64_t width) {
  const T* dy = c.output_grad + at;
  const T* y = c.output + at;
  Block<T> gradient{};
  if (width < channel_block) {
    for (int64_t j = 0; j < width; ++j) gradient[j] = !c.relu || y[j] > 0 ? dy[j] : T(0);
  } else if (c.relu) {  // constant widths keep the block in registers
#pragma omp simd
    for (int64_t j = 0; j < channel_block; ++j) gradient[j] = y[j] > 0 ? dy[j] : T(0);
  } else {
    std::copy_n(dy, channel_block, gradient.begin());
  }
  return gradient;
}

/// Adds one position's sums by letter [letters + 1] to the whole sum [letters], with what
/// standardisation makes of a one and of a zero:
///   dw[o, a, k] += inverse_sd[p, a] · (Σ_{n with a at p} g[t, n, o] − mean[p, a] · Σ_n g[t, n, o])
template <class T>
void fold_position(const Standardization<T>& standardization, int64_t letters, int64_t p,
                   const Block<T>* by_letter, Block<T>* total) {
  Block<T> all{};
  for (int64_t letter = 0; letter <= letters; ++letter) add(all, by_letter[letter]);
  for (int64_t letter = 0; letter < letters; ++letter) {
    const T mean = standardization.mean[p * letters + letter];
    const T factor = standardization.inverse_sd[p * letters + letter];
#pragma omp simd
    for (int64_t j = 0; j < channel_block; ++j) {
      total[letter][j] += factor * (by_letter[letter][j] - mean * all[j]);
    }
  }
}

/// The gradients of the weights and the bias of channels [first, first + width): each gradient of
/// an output is loaded once and added to the row of the letter at each tap, an unknown letter's to
/// the last row. With standardisation the rows are one position's and fold into the whole sum.
/// total, at_position: [tap, letters + 1] blocks
template <class T>
void block_gradient(const Conv1dLettersBackward<T>& c, int64_t first, int64_t width,
                    Block<T>* total, Block<T>* at_position) {
  const Conv1dShape& s = c.shape;
  const int64_t letters = s.in_channels, rows = letters + 1;
  const bool standardized = c.standardization.mean != nullptr;
  Block<T>* sums = standardized ? at_position : total;
  Block<T> bias_sum{};
  std::fill_n(total, s.kernel_size * rows, Block<T>{});
  for (int64_t t = 0; t < s.out_length(); ++t) {
    if (standardized) std::fill_n(at_position, s.kernel_size * rows, Block<T>{});
    // The taps that read inside the input, as [from, to).
    const int64_t start = t * s.stride - s.padding;
    const int64_t from = start >= 0 ? 0 : (-start + s.dilation - 1) / s.dilation;
    const int64_t to =
        c.weight_grad ? std::min(s.kernel_size,
                                 start < s.length ? (s.length - 1 - start) / s.dilation + 1 : 0)
                      : from;
    for (int64_t n = 0; n < s.batch; ++n) {
      const Block<T> gradient = load_gradient(c, (t * s.batch + n) * s.out_channels + first, width);
      add(bias_sum, gradient);
      for (int64_t tap = from; tap < to; ++tap) {
        const int64_t letter = letter_at(c.windows, n, start + tap * s.dilation);
        add(sums[tap * rows + std::min(letter, letters)], gradient);
      }
    }
    for (int64_t tap = from; standardized && tap < to; ++tap) {
      fold_position(c.standardization, letters, start + tap * s.dilation, at_position + tap * rows,
                    total + tap * rows);
    }
  }
  for (int64_t j = 0; j < width; ++j) {
    if (c.bias_grad) c.bias_grad[first + j] += bias_sum[j];
    if (!c.weight_grad) continue;
    T* grad = c.weight_grad + (first + j) * letters * s.kernel_size;
    for (int64_t letter = 0; letter < letters; ++letter) {
      for (int64_t tap = 0; tap < s.kernel_size; ++tap) {
        grad[letter * s.kernel_size + tap] += total[tap * rows + letter][j];
      }
    }
  }
}

}  // namespace

template <class T>
void conv1d_letters_forward(const Cpu& cpu, const Conv1dLettersForward<T>& c) {
  c.check();
  const Conv1dShape& s = c.shape;
  const int64_t letters = s.in_channels, out = s.out_channels;
  Workspace<T, Cpu> table_workspace(cpu, s.kernel_size * letters * out);
  T* table = table_workspace.data();  // [tap, letter, out]
  for (int64_t tap = 0; tap < s.kernel_size; ++tap) {
    for (int64_t letter = 0; letter < letters; ++letter) {
      for (int64_t o = 0; o < out; ++o) {
        table[(tap * letters + letter) * out + o] =
            c.weight[(o * letters + letter) * s.kernel_size + tap];
      }
    }
  }
  Workspace<T, Cpu> bias_workspace(cpu, s.out_length() * out);
  T* biases = bias_workspace.data();  // [out_length, out]
  in_pieces(s.out_length(), [&](int64_t t) {
    T* bias = biases + t * out;
    position_bias(c, table, t, bias);
    forward_position(c, table, bias, t);
  });
}

template <class T>
void conv1d_letters_backward(const Cpu& cpu, const Conv1dLettersBackward<T>& c) {
  c.check();
  const Conv1dShape& s = c.shape;
  const int64_t table = s.kernel_size * (s.in_channels + 1);
  const int64_t blocks = (s.out_channels + channel_block - 1) / channel_block;
  Workspace<Block<T>, Cpu> workspace(cpu, blocks * 2 * table);
  Block<T>* tables = workspace.data();  // [blocks, 2, tap, letters + 1]
  in_pieces(blocks, [&](int64_t block) {
    const int64_t first = block * channel_block;
    Block<T>* total = tables + block * 2 * table;
    block_gradient(c, first, std::min(channel_block, s.out_channels - first), total, total + table);
  });
}

template <class T>
void one_hot(const Cpu&, const OneHot<T>& o) {
  in_pieces(o.length, [&](int64_t position) {
    for (int64_t n = 0; n < o.batch; ++n) {
      T* x = o.output + (position * o.batch + n) * o.letters;
      const int64_t letter = letter_at(o.windows, n, position);
      for (int64_t a = 0; a < o.letters; ++a) {
        x[a] = a == letter ? T(1) : T(0);
        if (o.standardization.mean) {
          const int64_t at = position * o.letters + a;
          x[a] = (x[a] - o.standardization.mean[at]) * o.standardization.inverse_sd[at];
        }
      }
    }
  });
}

#define STROMA_INSTANTIATE(T)                                                            \
  template void conv1d_letters_forward<T>(const Cpu&, const Conv1dLettersForward<T>&);   \
  template void conv1d_letters_backward<T>(const Cpu&, const Conv1dLettersBackward<T>&); \
  template void one_hot<T>(const Cpu&, const OneHot<T>&);
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
#undef STROMA_INSTANTIATE

}  // namespace stroma::kernels
