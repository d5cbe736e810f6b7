// Convolution along a sequence, as PyTorch's Conv1d but over [length, batch, channels]:
//   y[t, n, o] = b[o] + Σ_k Σ_i w[o, i, k] · x[t·stride − padding + k·dilation, n, i]
// with zeros outside the input, and i over the channels of o's group.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

struct Conv1dShape {
  int64_t length, batch, in_channels, out_channels, kernel_size;
  int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
  int64_t end_padding = 0;  // zeros after the input beyond those of `padding`

  int64_t padded_length() const { return length + 2 * padding + end_padding; }
  int64_t out_length() const {
    return (padded_length() - dilation * (kernel_size - 1) - 1) / stride + 1;
  }

  void check() const {
    STROMA_ASSERT(length >= 1 && batch >= 1 && in_channels >= 1 && out_channels >= 1 &&
                      kernel_size >= 1 && stride >= 1 && padding >= 0 && end_padding >= 0 &&
                      dilation >= 1,
                  "a convolution has no empty extent");
    STROMA_ASSERT(groups >= 1 && in_channels % groups == 0 && out_channels % groups == 0,
                  "groups divide the channels");
    STROMA_ASSERT(padded_length() > dilation * (kernel_size - 1),
                  "the kernel fits the padded input");
  }
};

template <class T>
struct Conv1dForward {
  Conv1dShape shape;
  const T* input;   // [length, batch, in_channels]
  const T* weight;  // [out_channels, in_channels / groups, kernel_size]
  const T* bias;    // [out_channels], or nullptr
  T* output;        // [out_length, batch, out_channels]

  void check() const {
    shape.check();
    STROMA_ASSERT(input && weight && output, "input, weight and output are there");
  }
};

template <class T>
struct Conv1dBackward {
  Conv1dShape shape;
  const T* input;        // [length, batch, in_channels]; read for weight_grad alone
  const T* weight;       // [out_channels, in_channels / groups, kernel_size]; for input_grad alone
  const T* output_grad;  // [out_length, batch, out_channels]
  T* input_grad;         // as input, written; nullptr where nobody asks
  T* weight_grad;        // as weight, added to; nullptr where nobody asks
  T* bias_grad;          // [out_channels], added to; nullptr where nobody asks

  void check() const {
    shape.check();
    STROMA_ASSERT(output_grad && (!input_grad || weight) && (!weight_grad || input),
                  "what the gradients that are asked for are made of is there");
  }
};

template <class T>
void conv1d_forward(const Cpu&, const Conv1dForward<T>&);
template <class T>
void conv1d_backward(const Cpu&, const Conv1dBackward<T>&);

void conv1d_forward(const Cuda&, const Conv1dForward<float>&);
void conv1d_backward(const Cuda&, const Conv1dBackward<float>&);

}  // namespace stroma::kernels
