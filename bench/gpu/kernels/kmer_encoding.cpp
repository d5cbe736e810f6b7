// The 6-mers of windows of 40 letters as tokens, and their 4-mers counted.
#include "kernels/kmer_encoding.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

std::vector<Case> cases(int64_t batch) {
  const int64_t length = dna_model::length, letters = dna_model::letters;
  const int64_t last_start = dna_model::all_letters - length + 1;
  Case tokens("kmer_tokens", fmt::format("{} x {}, k 6", batch, length));
  {
    const KmerShape s{.length = length, .batch = batch, .letters = letters, .k = 6};
    const auto codes = tokens.integers<uint8_t>(dna_model::all_letters, letters);
    const auto starts = tokens.integers<int64_t>(batch, last_start);
    const auto output = tokens.output<int32_t>(s.positions() * batch);
    tokens.leave_out(dna_model::all_letters - std::min(dna_model::all_letters, batch * length));
    tokens.run([=](const auto& context, const auto& at) {
      kmer_tokens(context, {s, {at(codes), at(starts)}, at(output)});
    });
  }
  Case counts("kmer_counts", fmt::format("{} x {}, k 4", batch, length));
  {
    const KmerShape s{.length = length, .batch = batch, .letters = letters, .k = 4};
    const auto codes = counts.integers<uint8_t>(dna_model::all_letters, letters);
    const auto starts = counts.integers<int64_t>(batch, last_start);
    const auto output = counts.output<float>(batch * 256);
    counts.leave_out(dna_model::all_letters - std::min(dna_model::all_letters, batch * length));
    counts.run([=](const auto& context, const auto& at) {
      kmer_counts(context, KmerCounts<float>{.shape = s,
                                             .windows = {at(codes), at(starts)},
                                             .feature = nullptr,
                                             .features = 256,
                                             .normalize = false,
                                             .output = at(output)});
    });
  }
  return {tokens, counts};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
