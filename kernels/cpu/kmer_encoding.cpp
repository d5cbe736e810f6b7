#include "kernels/kmer_encoding.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

/// The number of the k-mer that begins at `codes`, −1 where there is none.
int64_t kmer_number(const uint8_t* codes, const KmerShape& s) {
  int64_t number = 0;
  for (int64_t i = 0; i < s.k; ++i) {
    if (codes[i] >= s.letters) return -1;
    number = number * s.letters + codes[i];
  }
  return number;
}

}  // namespace

void kmer_tokens(const Cpu&, const KmerTokens& p) {
  const KmerShape& s = p.shape;
  s.check();
  in_chunks(s.positions(), std::max<int64_t>(1, 4096 / (s.batch * s.k)),
            [&](int64_t begin, int64_t end) {
              for (int64_t t = begin; t < end; ++t) {
                for (int64_t n = 0; n < s.batch; ++n) {
                  const uint8_t* codes = p.windows.codes + p.windows.starts[n] + t * s.stride;
                  p.output[t * s.batch + n] = static_cast<int32_t>(1 + kmer_number(codes, s));
                }
              }
            });
}

template <class T>
void kmer_counts(const Cpu&, const KmerCounts<T>& p) {
  const KmerShape& s = p.shape;
  s.check();
  in_pieces(s.batch, [&](int64_t n) {
    const uint8_t* codes = p.windows.codes + p.windows.starts[n];
    T* const counts = p.output + n * p.features;
    std::fill_n(counts, p.features, T(0));
    int64_t all = 0;
    for (int64_t t = 0; t < s.positions(); ++t) {
      const int64_t kmer = kmer_number(codes + t, s);
      if (kmer < 0) continue;
      const int64_t feature = p.feature ? p.feature[kmer] : kmer;
      STROMA_ASSERT(feature >= 0 && feature < p.features, "a k-mer is one of the features");
      counts[feature] += 1;
      ++all;
    }
    if (!p.normalize || all == 0) return;
    for (int64_t f = 0; f < p.features; ++f) counts[f] /= static_cast<T>(all);
  });
}

template void kmer_counts<float>(const Cpu&, const KmerCounts<float>&);
template void kmer_counts<double>(const Cpu&, const KmerCounts<double>&);

}  // namespace stroma::kernels
