// Padded sequences on the GPU.
#include "kernels/cuda/elements.h"
#include "kernels/sequence_lengths.h"

namespace stroma::kernels {
namespace {

struct Slide {
  SlideLengths s;
  __device__ void operator()(int64_t n) const {
    const int64_t room = s.input[n] + 2 * s.padding - s.reach;
    const bool fits = s.input[n] > 0 && room >= 0;
    s.output[n] = fits ? static_cast<int32_t>(room / s.stride + 1) : 0;
  }
};

struct Mask {
  MaskPositions<float> m;
  __device__ void operator()(int64_t row, int64_t c) const {
    const bool padding = row / m.batch >= m.lengths[row % m.batch];
    const int64_t i = row * m.channels + c;
    m.output[i] = padding ? m.value : m.input[i];
  }
};

struct Select {
  SelectAt<float> s;
  __device__ void operator()(int64_t n, int64_t c) const {
    const int64_t last = s.lengths[n] - 1;
    STROMA_ASSERT(last < s.length, "no sequence is longer than all positions");
    s.output[n * s.channels + c] = last < 0 ? 0 : s.input[(last * s.batch + n) * s.channels + c];
  }
};

struct SelectBackward {
  SelectAtBackward<float> s;
  __device__ void operator()(int64_t row, int64_t c) const {
    const int64_t n = row % s.batch;
    const bool last = row / s.batch == s.lengths[n] - 1;
    s.input_grad[row * s.channels + c] = last ? s.output_grad[n * s.channels + c] : 0;
  }
};

}  // namespace

void slide_lengths(const Cuda& cuda, const SlideLengths& s) {
  s.check();
  for_each_element(cuda, s.batch, Slide{s});
}

void mask_positions(const Cuda& cuda, const MaskPositions<float>& m) {
  for_each_of_rows(cuda, m.length * m.batch, m.channels, Mask{m});
}

void select_at(const Cuda& cuda, const SelectAt<float>& s) {
  for_each_of_rows(cuda, s.batch, s.channels, Select{s});
}

void select_at_backward(const Cuda& cuda, const SelectAtBackward<float>& s) {
  for_each_of_rows(cuda, s.length * s.batch, s.channels, SelectBackward{s});
}

}  // namespace stroma::kernels
