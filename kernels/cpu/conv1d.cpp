// Time-major layout makes one tap of a stride-1 convolution a plain matrix product: a block of
// consecutive positions, batch included, is a block of consecutive rows. So the output is cut into
// chunks of positions that stay in cache, each chunk starts as the bias, and every tap adds a
// product to it. The input gradient is the mirror image over chunks of input positions; the weight
// gradient takes one product a tap over all positions. Dilation only moves where a tap reads,
// groups only offset columns, and a stride above 1 makes one product a position instead of one a
// chunk.
#include "kernels/conv1d.h"

#include <algorithm>

#include "kernels/cpu/product.h"
#include "kernels/memory.h"
#include "kernels/parallel.h"
#include "kernels/reduce.h"

namespace stroma::kernels {
namespace {

struct Range {
  int64_t first, last;  // [first, last)
};

/// The outputs t whose tap reads an input position in [from, to):
/// from ≤ t·stride − padding + tap·dilation < to.
Range outputs_reading(const Conv1dShape& s, int64_t tap, int64_t from, int64_t to) {
  const auto first_at_or_after = [&](int64_t position) {
    const int64_t distance = position + s.padding - tap * s.dilation;
    const int64_t t = distance <= 0 ? 0 : (distance + s.stride - 1) / s.stride;
    return std::min(t, s.out_length());
  };
  return {first_at_or_after(from), first_at_or_after(to)};
}

int64_t input_position(const Conv1dShape& s, int64_t tap, int64_t t) {
  return t * s.stride - s.padding + tap * s.dilation;
}

/// How many outputs of a range one product covers.
int64_t run_length(const Conv1dShape& s, const Range& outputs) {
  return s.stride == 1 ? outputs.last - outputs.first : 1;
}

/// Positions a chunk, for a sequence of `length`: enough rows for an efficient product, few enough
/// that the chunk stays in cache and that every core gets some.
int64_t chunk_positions(const Conv1dShape& s, int64_t length) {
  return std::max<int64_t>(1, std::min(128 / s.batch, length / 8));
}

// Input channels that one task of the weight gradient covers.
constexpr int64_t channel_block = 16;
// Output channels that move together between PyTorch's weight layout and a product's operand.
constexpr int64_t transpose_block = 16;

/// The weights as operands of the forward products: [in / groups, kernel_size, out].
template <class T>
void pack_forward(const Conv1dShape& s, const T* weight, T* packed) {
  const int64_t columns = s.in_channels / s.groups * s.kernel_size;
  in_chunks(s.out_channels, transpose_block, [=](int64_t begin, int64_t end) {
    for (int64_t column = 0; column < columns; ++column) {
      for (int64_t o = begin; o < end; ++o) {
        packed[column * s.out_channels + o] = weight[o * columns + column];
      }
    }
  });
}

/// The weights as operands of the input gradient's products: [out, kernel_size, in / groups].
template <class T>
void pack_backward(const Conv1dShape& s, const T* weight, T* packed) {
  const int64_t in = s.in_channels / s.groups, taps = s.kernel_size;
  in_chunks(s.out_channels, transpose_block, [=](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t i = 0; i < in; ++i) {
          packed[(o * taps + tap) * in + i] = weight[(o * in + i) * taps + tap];
        }
      }
    }
  });
}

template <class T>
void input_gradient(const Cpu& cpu, const Conv1dBackward<T>& c) {
  const Conv1dShape& s = c.shape;
  const int64_t in = s.in_channels / s.groups, out = s.out_channels / s.groups;
  Workspace<T, Cpu> workspace(cpu, s.out_channels * s.kernel_size * in);
  T* packed = workspace.data();
  pack_backward(s, c.weight, packed);
  in_chunks(s.length, chunk_positions(s, s.length), [&](int64_t begin, int64_t end) {
    const int64_t row = s.batch * s.in_channels;
    std::fill(c.input_grad + begin * row, c.input_grad + end * row, T(0));
    for (int64_t tap = 0; tap < s.kernel_size; ++tap) {
      const Range outputs = outputs_reading(s, tap, begin, end);
      const int64_t run = run_length(s, outputs);
      for (int64_t t = outputs.first; t < outputs.last; t += run) {
        const int64_t position = input_position(s, tap, t);
        for (int64_t group = 0; group < s.groups; ++group) {
          product(Gemm<T>{.m = run * s.batch,
                          .n = in,
                          .k = out,
                          .a = c.output_grad + t * s.batch * s.out_channels + group * out,
                          .lda = s.out_channels,
                          .b = packed + (group * out * s.kernel_size + tap) * in,
                          .ldb = s.kernel_size * in,
                          .beta = 1,
                          .c = c.input_grad + position * row + group * in,
                          .ldc = s.in_channels});
        }
      }
    }
  });
}

template <class T>
void weight_gradient(const Cpu& cpu, const Conv1dBackward<T>& c) {
  const Conv1dShape& s = c.shape;
  const int64_t in = s.in_channels / s.groups, out = s.out_channels / s.groups;
  const int64_t taps = s.kernel_size;
  Workspace<T, Cpu> workspace(cpu, s.in_channels * taps * out);
  T* sums = workspace.data();  // [in_channels, kernel_size, out / groups]
  // A task: a block of input channels of one group, all taps, all positions.
  const int64_t blocks = (in + channel_block - 1) / channel_block;
  in_pieces(s.groups * blocks, [&](int64_t task) {
    const int64_t group = task / blocks;
    const int64_t first = group * in + task % blocks * channel_block;
    const int64_t last = std::min(first + channel_block, (group + 1) * in);
    T* block_sums = sums + first * taps * out;
    std::fill(block_sums, sums + last * taps * out, T(0));
    for (int64_t tap = 0; tap < taps; ++tap) {
      const Range outputs = outputs_reading(s, tap, 0, s.length);
      const int64_t run = run_length(s, outputs);
      for (int64_t t = outputs.first; t < outputs.last; t += run) {
        const int64_t position = input_position(s, tap, t);
        product(Gemm<T>{.transpose_a = true,
                        .m = last - first,
                        .n = out,
                        .k = run * s.batch,
                        .a = c.input + position * s.batch * s.in_channels + first,
                        .lda = s.in_channels,
                        .b = c.output_grad + t * s.batch * s.out_channels + group * out,
                        .ldb = s.out_channels,
                        .beta = 1,
                        .c = block_sums + tap * out,
                        .ldc = taps * out});
      }
    }
    const int64_t columns = (last - first) * taps;
    for (int64_t o = 0; o < out; ++o) {
      T* grad = c.weight_grad + ((group * out + o) * in + first - group * in) * taps;
      for (int64_t column = 0; column < columns; ++column) {
        grad[column] += block_sums[column * out + o];
      }
    }
  });
}

}  // namespace

template <class T>
void conv1d_forward(const Cpu& cpu, const Conv1dForward<T>& c) {
  c.check();
  const Conv1dShape& s = c.shape;
  const int64_t in = s.in_channels / s.groups, out = s.out_channels / s.groups;
  Workspace<T, Cpu> workspace(cpu, in * s.kernel_size * s.out_channels);
  T* packed = workspace.data();
  pack_forward(s, c.weight, packed);
  in_chunks(s.out_length(), chunk_positions(s, s.out_length()), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin * s.batch; row < end * s.batch; ++row) {
      T* y = c.output + row * s.out_channels;
      if (c.bias) {
        std::copy_n(c.bias, s.out_channels, y);
      } else {
        std::fill_n(y, s.out_channels, T(0));
      }
    }
    for (int64_t tap = 0; tap < s.kernel_size; ++tap) {
      const Range reading = outputs_reading(s, tap, 0, s.length);
      const Range outputs{std::max(begin, reading.first), std::min(end, reading.last)};
      const int64_t run = run_length(s, outputs);
      for (int64_t t = outputs.first; t < outputs.last; t += run) {
        const int64_t position = input_position(s, tap, t);
        for (int64_t group = 0; group < s.groups; ++group) {
          product(Gemm<T>{.m = run * s.batch,
                          .n = out,
                          .k = in,
                          .a = c.input + position * s.batch * s.in_channels + group * in,
                          .lda = s.in_channels,
                          .b = packed + tap * s.out_channels + group * out,
                          .ldb = s.kernel_size * s.out_channels,
                          .beta = 1,
                          .c = c.output + t * s.batch * s.out_channels + group * out,
                          .ldc = s.out_channels});
        }
      }
    }
  });
}

template <class T>
void conv1d_backward(const Cpu& cpu, const Conv1dBackward<T>& c) {
  c.check();
  const Conv1dShape& s = c.shape;
  if (c.input_grad) input_gradient(cpu, c);
  if (c.weight_grad) weight_gradient(cpu, c);
  if (c.bias_grad) {
    add_column_sums(cpu, c.output_grad, s.out_length() * s.batch, s.out_channels, s.out_channels,
                    c.bias_grad);
  }
}

template void conv1d_forward<float>(const Cpu&, const Conv1dForward<float>&);
template void conv1d_forward<double>(const Cpu&, const Conv1dForward<double>&);
template void conv1d_backward<float>(const Cpu&, const Conv1dBackward<float>&);
template void conv1d_backward<double>(const Cpu&, const Conv1dBackward<double>&);

}  // namespace stroma::kernels
