// What memory alone scores: tables of the examples that a model has seen, without any learning. An
// accuracy says little without this beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace stroma {

/// The label that k-mers vote for, for each example of `asked`. A k-mer has a vote, divided among
/// the labels of the examples of `seen` that it occurs in by how often it does; the votes of an
/// example's k-mers are added, and the largest sum wins. k-mers are of any letters; an example of
/// fewer letters than k has none. Equal sums go to the label that comes first, and where no k-mer
/// is known the commonest label of `seen` wins. Both are indices into Dataset::examples; `seen` is
/// not empty, k at least 1.
std::vector<int32_t> vote_of_kmers(const Dataset& dataset, const std::vector<int32_t>& seen,
                                   const std::vector<int32_t>& asked, int64_t k);

/// The label that most examples of `seen` of just the same letters have, weighed by class: one of
/// class c counts 1 / n_c, as under class weights. What is equal or not known is decided as above.
std::vector<int32_t> look_up(const Dataset& dataset, const std::vector<int32_t>& seen,
                             const std::vector<int32_t>& asked);

/// Shares of examples that memory alone is right on.
struct MemoryBaseline {
  int64_t k = 0;                       // letters of the k-mers that vote
  double vote = 0;                     // by vote_of_kmers
  std::optional<double> look_up = {};  // by look_up, of whole sequences

  /// The figure to stand beside an accuracy: of whole sequences the look-up's.
  double accuracy() const { return look_up.value_or(vote); }
};

struct MemoryOptions {
  int64_t k = 12;                // at most Dataset::length is used
  bool whole_sequences = false;  // then there is a look-up too
};

/// None where `seen` or `asked` is empty. Of several labels a sequence each distinct set of them is
/// a label here, so that all of it must be right.
std::optional<MemoryBaseline> memory_baseline(const Dataset& dataset,
                                              const std::vector<int32_t>& seen,
                                              const std::vector<int32_t>& asked,
                                              const MemoryOptions& options);

/// "0.9689 by a vote of 12-mers", "0.9333 by look-up, 0.8667 by a vote of 12-mers".
std::string describe(const MemoryBaseline& memory);

}  // namespace stroma
