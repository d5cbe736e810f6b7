// k-mers of letters as the input of a model. With `letters` letters the k-mer of the codes
// c₀ … c_{k−1} is number
//   m = Σᵢ cᵢ · letters^(k−1−i),
// so that numbers sort as words do, in the order of the letters. What holds a code ≥ `letters`, an
// unknown letter or padding, is no k-mer.
#pragma once

#include <cstdint>

#include "kernels/conv1d_letters.h"

namespace stroma::kernels {

/// The places in windows of `length` letters where k letters begin, `stride` from one to the next.
struct KmerShape {
  int64_t length, batch, letters;
  int64_t k, stride = 1;

  int64_t positions() const { return (length - k) / stride + 1; }
  void check() const {
    STROMA_ASSERT(k >= 1 && k <= length && stride >= 1, "a k-mer fits the window, and they move");
  }
};

/// output[t, n] = 1 + m of the k-mer at position t · stride of window n, 0 where there is none.
struct KmerTokens {
  KmerShape shape;
  LetterWindows windows;
  int32_t* output;  // [positions, batch]
};

void kmer_tokens(const Cpu&, const KmerTokens&);
void kmer_tokens(const Cuda&, const KmerTokens&);

/// output[n, f] = how many k-mers of window n are feature f; with `normalize` divided by the number
/// of all its k-mers, unless it has none.
template <class T>
struct KmerCounts {
  KmerShape shape;  // of stride 1
  LetterWindows windows;
  const int32_t* feature;  // [letters^k], of each k-mer; nullptr: k-mer m is feature m
  int64_t features;
  bool normalize;
  T* output;  // [batch, features], written
};

template <class T>
void kmer_counts(const Cpu&, const KmerCounts<T>&);
void kmer_counts(const Cuda&, const KmerCounts<float>&);

}  // namespace stroma::kernels
