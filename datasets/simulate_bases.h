// The building blocks of the demo genome: random bases that look like those of a plastid.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/philox.h"

namespace stroma {

/// Random integers in the order of their counter. Integers only, because the compiler may contract
/// floating-point arithmetic differently for another machine.
class CountedRandom {
 public:
  explicit CountedRandom(uint64_t seed) : seed_(seed) {}

  /// 0 … bound − 1, where 1 ≤ bound < 2^32.
  int64_t below(int64_t bound);

  /// low … high.
  int64_t between(int64_t low, int64_t high) { return low + below(high - low + 1); }

  /// An index, as likely as its weight.
  size_t weighted(std::span<const int> weights);

 private:
  uint64_t seed_;
  uint64_t drawn_ = 0;
  PhiloxWords block_ = {};
};

/// Bases between genes: composition that drifts along the way, runs of A and T, tandem repeats,
/// hairpins and copies of a few short elements that recur over the genome.
class IntergenicBases {
 public:
  explicit IntergenicBases(CountedRandom& random);

  std::string draw(int64_t length);

 private:
  std::string random_bases(int64_t length);
  std::string structure();

  CountedRandom& random_;
  int gc_per_mille_ = 280;
  std::vector<std::string> elements_;  // the dispersed repeats, 18 … 30 bases
};

/// `length` independent bases, `gc_per_mille` of 1000 G or C.
std::string random_bases(CountedRandom& random, int64_t length, int gc_per_mille);

/// The bases before a gene on its strand: the −35 and −10 boxes of a plastid promoter and, for a
/// protein, a ribosome binding site.
std::string leader(CountedRandom& random, bool protein);

/// ATG, `amino_acids` − 1 codons and a stop.
std::string coding_bases(CountedRandom& random, int64_t amino_acids);

/// A cloverleaf with the anticodon in its loop.
std::string transfer_rna(CountedRandom& random, std::string_view anticodon);

/// GTGCG … AT, as group II introns begin and end.
std::string intron(CountedRandom& random, IntergenicBases& intergenic);

}  // namespace stroma
