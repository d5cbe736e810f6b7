// The k-mers of a batch of letters, as tokens for an embedding or as counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layers/layer.h"

namespace stroma {

/// [positions, batch] int32, for each place where k letters begin, `stride` from one to the next:
/// 1 + the k-mer's number, the first letter counting most (kernels/kmer_encoding.h), or 0 where a
/// letter is unknown or padding.
Tensor kmer_tokens(const LetterBatch& batch, int64_t letters, int64_t k, int64_t stride);

/// How k-mers are counted.
struct KmerFeatures {
  int64_t k = 0;
  int64_t count = 0;       // of features
  Tensor of_kmer = {};     // [letters^k] int32: the feature of each; undefined: they are as many
  bool normalize = false;  // shares of the k-mers of an example, of which some or none are unknown
};

/// [batch, features] of `dtype`: how often each occurs.
Tensor kmer_counts(const LetterBatch& batch, int64_t letters, const KmerFeatures& features,
                   DType dtype);

/// The feature of each k-mer where it and its reverse complement are one: in the order of the
/// smaller of both. Each of `letters` has its complement among them.
std::vector<int32_t> canonical_features(const std::string& letters, int64_t k);

}  // namespace stroma
