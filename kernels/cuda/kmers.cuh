// The k-mers of a text on the GPU, packed by a thread a position.
#pragma once

#include "kernels/cuda/cuda.h"
#include "kernels/kmers.h"

namespace stroma::kernels {

/// The k-mers of a text by the position of their first letter.
struct Kmers {
  Kmers(const KmerText& of, int length, bool smaller_strand)
      : text(of),
        k(length),
        bits(kmer_letter_bits(of.alphabet_size)),
        canonical(smaller_strand),
        none(uint64_t{1} << (bits * k)) {}

  /// The k-mer that begins at p; `none`, above all k-mers, where there is none.
  __device__ uint64_t operator[](int64_t p) const {
    if (p + k > text.count) return none;
    uint64_t kmer = 0, reverse = 0;
    for (int i = 0; i < k; ++i) {
      const uint64_t code = text.codes[p + i];
      if (code >= static_cast<uint64_t>(text.alphabet_size)) return none;
      kmer = kmer << bits | code;
      reverse |= (3 - code) << (2 * i);
    }
    return canonical && reverse < kmer ? reverse : kmer;
  }

  KmerText text;
  int k, bits;
  bool canonical;
  uint64_t none;
};

/// keys[p] is the k-mer at p and, where asked for, positions[p] = p.
struct Pack {
  Kmers kmers;
  uint64_t* keys;
  uint32_t* positions;
  __device__ void operator()(int64_t p) const {
    keys[p] = kmers[p];
    if (positions != nullptr) positions[p] = static_cast<uint32_t>(p);
  }
};

}  // namespace stroma::kernels
