#include "augment/kmers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <sstream>
#include <type_traits>

#include "datasets/labelled_csv.h"
#include "engine/dispatch.h"
#include "kernels/kmers.h"
#include "kernels/memory.h"

namespace stroma {
namespace {

constexpr int64_t block_letters = 1 << 23;

void check_k(const Alphabet& alphabet, int k) {
  const int longest = kernels::longest_kmer(alphabet.size());
  if (k >= 1 && k <= longest) return;
  throw Error(fmt::format("k = {} is out of range; {} k-mers have 1 to {} letters", k,
                          alphabet.name(), longest));
}

/// Sequences as the kernels read them.
struct Text {
  std::vector<uint8_t> codes;  // each sequence followed by a code that is no letter
  std::vector<int64_t> starts = {0};
};

void append(Text& text, std::span<const Sequence> sequences, const Alphabet& alphabet) {
  for (const Sequence& sequence : sequences) {
    const std::vector<uint8_t> codes = encode(alphabet, sequence.letters);
    text.codes.insert(text.codes.end(), codes.begin(), codes.end());
    text.codes.push_back(static_cast<uint8_t>(alphabet.size()));
    text.starts.push_back(std::ssize(text.codes));
  }
}

/// A copy of an array in a device's memory.
template <class T, class Context>
class Uploaded : public kernels::Workspace<T, Context> {
 public:
  Uploaded(const Context& context, const std::vector<T>& values)
      : kernels::Workspace<T, Context>(context, std::ssize(values)) {
    kernels::copy_bytes(context, this->data(), values.data(), values.size() * sizeof(T));
  }
};

template <class T, class Context>
std::vector<T> downloaded(const Context& context, const T* values, int64_t count) {
  std::vector<T> result(count);
  kernels::copy_bytes(context, result.data(), values, count * sizeof(T));
  return result;
}

/// Consecutive sequences.
struct Block {
  int64_t first, last;
};

std::vector<Block> blocks_of(std::span<const Sequence> sequences, int64_t most) {
  std::vector<Block> blocks;
  int64_t letters = 0;
  for (int64_t i = 0; i < std::ssize(sequences); ++i) {
    letters += std::ssize(sequences[i].letters) + 1;
    const bool full = blocks.empty() || letters > block_letters || i - blocks.back().first == most;
    if (full) {
      blocks.push_back({i, i});
      letters = std::ssize(sequences[i].letters) + 1;
    }
    blocks.back().last = i + 1;
  }
  return blocks;
}

/// The pairs of a sequence of `rows` with a later one of `columns`, into `shared`.
void compute_tile(std::span<const Sequence> sequences, const Alphabet& alphabet, Block rows,
                  Block columns, const SharedKmerOptions& options, const Device& device,
                  SharedKmers& shared) {
  const auto part = [&](Block block) {
    return sequences.subspan(block.first, block.last - block.first);
  };
  const bool same = rows.first == columns.first;
  Text text;
  append(text, part(rows), alphabet);
  if (!same) append(text, part(columns), alphabet);
  if (std::ssize(text.codes) > std::numeric_limits<uint32_t>::max()) {
    throw Error(fmt::format("'{}' and '{}' have more than 2^32 letters together; divide them",
                            sequences[rows.first].id, sequences[columns.first].id));
  }
  const int64_t height = rows.last - rows.first, width = columns.last - columns.first;
  on_device(device, [&](const auto& context) {
    Uploaded codes(context, text.codes);
    Uploaded starts(context, text.starts);
    kernels::Workspace<int64_t, std::decay_t<decltype(context)>> tile(context, height * width);
    kernels::shared_kmers(context, {.text = {.codes = codes.data(),
                                             .count = std::ssize(text.codes),
                                             .alphabet_size = alphabet.size()},
                                    .starts = starts.data(),
                                    .sequences = std::ssize(text.starts) - 1,
                                    .rows = height,
                                    .first_column = same ? 0 : height,
                                    .min_k = options.min_k,
                                    .max_k = options.max_k,
                                    .shared = tile.data()});
    const std::vector<int64_t> counts = downloaded(context, tile.data(), height * width);
    for (int64_t r = 0; r < height; ++r) {
      const int64_t a = rows.first + r, c = same ? r + 1 : 0;
      std::copy(counts.begin() + r * width + c, counts.begin() + (r + 1) * width,
                shared.counts.begin() + shared.row(a) + columns.first + c - a - 1);
    }
  });
}

}  // namespace

KmerCounts count_kmers(std::span<const Sequence> sequences, const Alphabet& alphabet, int k,
                       bool canonical, const Device& device) {
  check_k(alphabet, k);
  if (canonical && alphabet.size() != 4) {
    throw Error("a protein has no reverse complement; count its k-mers as they are");
  }
  Text text;
  append(text, sequences, alphabet);
  const int64_t letters = std::ssize(text.codes);
  KmerCounts result;
  result.k = k;
  on_device(device, [&](const auto& context) {
    using Context = std::decay_t<decltype(context)>;
    Uploaded codes(context, text.codes);
    kernels::Workspace<uint64_t, Context> kmers(context, letters);
    kernels::Workspace<int64_t, Context> counts(context, letters), distinct(context, 1);
    kernels::count_kmers(
        context,
        {.text = {.codes = codes.data(), .count = letters, .alphabet_size = alphabet.size()},
         .k = k,
         .canonical = canonical,
         .kmers = kmers.data(),
         .counts = counts.data(),
         .distinct = distinct.data()});
    const int64_t found = downloaded(context, distinct.data(), 1)[0];
    result.kmers = downloaded(context, kmers.data(), found);
    result.counts = downloaded(context, counts.data(), found);
  });
  return result;
}

void write_kmer_counts(std::ostream& out, const KmerCounts& counts, const Alphabet& alphabet) {
  const int bits = kernels::kmer_letter_bits(alphabet.size());
  const uint64_t mask = (uint64_t{1} << bits) - 1;
  std::string kmer(counts.k, '\0');
  for (size_t i = 0; i < counts.kmers.size(); ++i) {
    uint64_t packed = counts.kmers[i];
    for (int p = counts.k; p-- > 0; packed >>= bits) kmer[p] = alphabet.letters()[packed & mask];
    out << kmer << '\t' << counts.counts[i] << '\n';
  }
}

SharedKmers shared_kmers(std::span<const Sequence> sequences, const Alphabet& alphabet,
                         const SharedKmerOptions& options, const Device& device) {
  check_k(alphabet, options.min_k);
  check_k(alphabet, options.max_k);
  if (options.min_k > options.max_k) {
    throw Error(fmt::format("k from {} to {} are none; give minimum ≤ maximum", options.min_k,
                            options.max_k));
  }
  SharedKmers shared{.sequences = std::ssize(sequences), .counts = {}};
  shared.counts.resize(shared.sequences * (shared.sequences - 1) / 2);
  const std::vector<Block> blocks = blocks_of(sequences, options.tile);
  for (size_t rows = 0; rows < blocks.size(); ++rows) {
    for (size_t columns = rows; columns < blocks.size(); ++columns) {
      compute_tile(sequences, alphabet, blocks[rows], blocks[columns], options, device, shared);
    }
  }
  return shared;
}

void write_shared_kmers(std::ostream& out, const SharedKmers& shared,
                        std::span<const Sequence> sequences) {
  std::vector<std::string> names;
  for (const Sequence& sequence : sequences) {
    std::ostringstream name;
    write_csv_field(name, sequence.id);
    names.push_back(name.str());
  }
  out << "Sequence1,Sequence2,Total Common K-mers\n";
  for (int64_t a = 0; a < shared.sequences; ++a) {
    for (int64_t b = a + 1; b < shared.sequences; ++b) {
      out << names[a] << ',' << names[b] << ',' << shared.of(a, b) << '\n';
    }
  }
}

}  // namespace stroma
