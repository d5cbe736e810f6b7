// k-mers of sequences: how often each occurs, and how many any two sequences have in common (the
// label-free half of Abbasi-Vineh et al., Sci Rep 15, 27079, 2025). A k-mer that would hold a
// letter outside the alphabet is none.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "datasets/alphabet.h"
#include "datasets/dataset.h"
#include "engine/tensor.h"

namespace stroma {

/// The k-mers of some sequences together, each that occurs, in the order of their letters.
struct KmerCounts {
  int k = 0;
  Tensor kmers;   // [distinct], int64 on the CPU: packed as in kernels/kmers.h, ascending
  Tensor counts;  // [distinct], int64 on the CPU

  /// How many k-mers there are in all.
  int64_t total() const;
};

/// With `canonical` a k-mer and its reverse complement are one, and the smaller of them stands for
/// both. Throws Error for k out of 1 … 31 (12 for proteins), and for a canonical protein.
KmerCounts count_kmers(std::span<const Sequence> sequences, const Alphabet& alphabet, int k,
                       bool canonical, const Device& device);

/// `KMER<tab>COUNT` a line.
void write_kmer_counts(std::ostream& out, const KmerCounts& counts, const Alphabet& alphabet);

/// How many k-mers any two of some sequences share.
struct SharedKmers {
  int64_t sequences = 0;
  std::vector<int64_t> counts;  // of the pairs (0, 1), (0, 2), …, (1, 2), …

  /// Of sequences a < b.
  int64_t of(int64_t a, int64_t b) const { return counts[row(a) + b - a - 1]; }
  /// Where the pairs (a, a + 1), (a, a + 2), … begin.
  int64_t row(int64_t a) const { return a * (2 * sequences - a - 1) / 2; }
};

struct SharedKmerOptions {
  int min_k = 5;
  int max_k = 12;
  int64_t tile = 4096;  // sequences along a side of the tiles that are computed at a time
};

/// Σ over k = min_k … max_k and over k-mers of min(count in one, count in the other), for each
/// pair. What the device holds is bounded: of each tile its letters (2^23 a side, unless one
/// sequence has more) at some 90 bytes each, and 8 bytes a pair. Throws Error for k out of range.
SharedKmers shared_kmers(std::span<const Sequence> sequences, const Alphabet& alphabet,
                         const SharedKmerOptions& options, const Device& device);

/// The published form: the header `Sequence1,Sequence2,Total Common K-mers`, a line a pair.
void write_shared_kmers(std::ostream& out, const SharedKmers& shared,
                        std::span<const Sequence> sequences);

}  // namespace stroma
