// The first convolution, straight from letters. One-hot exists only as mathematics: with
//   x[p, n, a] = ((letter at p of n is a) − mean[p, a]) · inverse_sd[p, a]
// the product with a one-hot row is a row of the weights, and standardisation folds into a table of
// such rows, one for each (position, tap, letter). Each output is then a sum of kernel_size rows.
// A letter code ≥ `letters` (an unknown letter) is a one-hot row of zeros.
#pragma once

#include <cstdint>

#include "kernels/context.h"
#include "kernels/conv1d.h"

namespace stroma::kernels {

/// A batch of windows into one array of letter codes: window n is codes[starts[n] … + length).
struct LetterWindows {
  const uint8_t* codes;   // letter codes of all sequences, one after the other
  const int64_t* starts;  // [batch]
};

/// Standardisation of the one-hot input, both [length, letters]; both nullptr for none.
template <class T>
struct Standardization {
  const T* mean = nullptr;
  const T* inverse_sd = nullptr;
};

template <class T>
struct Conv1dLettersForward {
  Conv1dShape shape;  // in_channels: the number of letters; groups: 1
  LetterWindows windows;
  Standardization<T> standardization;
  const T* weight;  // [out_channels, letters, kernel_size]
  const T* bias;    // [out_channels], or nullptr
  bool relu;        // output max(y, 0)
  T* output;        // [out_length, batch, out_channels]

  void check() const {
    shape.check();
    STROMA_ASSERT(shape.groups == 1, "a convolution over letters has one group");
    STROMA_ASSERT(windows.codes && windows.starts && weight && output,
                  "windows, weight and output are there");
    STROMA_ASSERT(!standardization.mean == !standardization.inverse_sd,
                  "standardisation has a mean and a deviation, or neither");
  }
};

template <class T>
struct Conv1dLettersBackward {
  Conv1dShape shape;
  LetterWindows windows;
  Standardization<T> standardization;
  bool relu;             // the forward pass output max(y, 0)
  const T* output;       // [out_length, batch, out_channels]; read only if `relu`
  const T* output_grad;  // [out_length, batch, out_channels]
  T* weight_grad;  // [out_channels, letters, kernel_size], added to; nullptr where nobody asks
  T* bias_grad;    // [out_channels], added to; nullptr where nobody asks

  void check() const {
    shape.check();
    STROMA_ASSERT(shape.groups == 1, "a convolution over letters has one group");
    STROMA_ASSERT(windows.codes && windows.starts && output_grad && (!relu || output),
                  "windows, the output's gradient and, with ReLU, the output are there");
    STROMA_ASSERT(!standardization.mean == !standardization.inverse_sd,
                  "standardisation has a mean and a deviation, or neither");
  }
};

template <class T>
void conv1d_letters_forward(const Cpu&, const Conv1dLettersForward<T>&);
template <class T>
void conv1d_letters_backward(const Cpu&, const Conv1dLettersBackward<T>&);

void conv1d_letters_forward(const Cuda&, const Conv1dLettersForward<float>&);
void conv1d_letters_backward(const Cuda&, const Conv1dLettersBackward<float>&);

/// The same input written out, for models whose first layer is not a convolution and for
/// explanation: output [length, batch, letters].
template <class T>
struct OneHot {
  int64_t length, batch, letters;
  LetterWindows windows;
  Standardization<T> standardization;
  T* output;
};

template <class T>
void one_hot(const Cpu&, const OneHot<T>&);
void one_hot(const Cuda&, const OneHot<float>&);

}  // namespace stroma::kernels
