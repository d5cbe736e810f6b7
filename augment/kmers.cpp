#include "augment/kmers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <iterator>
#include <limits>
#include <new>
#include <numeric>

#include "engine/dispatch.h"
#include "engine/text.h"
#include "kernels/kmers.h"
#include "kernels/parallel.h"

namespace stroma {
namespace {

constexpr int64_t block_letters = 1 << 23;

void check_k(const Alphabet& alphabet, int k) {
  const int longest = kernels::longest_kmer(alphabet.size());
  if (k >= 1 && k <= longest) return;
  throw Error(fmt::format("k = {} is out of range; {} k-mers have 1 to {} letters", k,
                          alphabet.name(), longest));
}

/// Sequences as the kernels read them, on a device.
struct Text {
  Tensor codes;   // [letters and an end for each sequence], uint8
  Tensor starts;  // [sequences + 1], int64

  kernels::KmerText view(const Alphabet& alphabet) const {
    return {
        .codes = codes.data<uint8_t>(), .count = codes.count(), .alphabet_size = alphabet.size()};
  }
};

/// The sequences of both spans, one after the other, each followed by a code that is no letter.
Text encode(std::span<const Sequence> first, std::span<const Sequence> second,
            const Alphabet& alphabet, const Device& device) {
  std::vector<int64_t> starts = {0};
  for (const auto part : {first, second}) {
    for (const Sequence& sequence : part) {
      starts.push_back(starts.back() + std::ssize(sequence.letters) + 1);
    }
  }
  Tensor codes = Tensor::empty({starts.back()}, DType::uint8);
  uint8_t* code = codes.data<uint8_t>();
  for (const auto part : {first, second}) {
    for (const Sequence& sequence : part) {
      for (const char letter : sequence.letters) *code++ = alphabet.code(letter);
      *code++ = static_cast<uint8_t>(alphabet.size());
    }
  }
  return {codes.to(device), Tensor::of(starts, {std::ssize(starts)}, device)};
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
  const Text text =
      encode(part(rows), same ? std::span<const Sequence>() : part(columns), alphabet, device);
  if (text.codes.count() > std::numeric_limits<uint32_t>::max()) {
    throw Error(fmt::format("'{}' and '{}' have more than 2^32 letters together; divide them",
                            sequences[rows.first].id, sequences[columns.first].id));
  }
  const int64_t height = rows.last - rows.first, width = columns.last - columns.first;
  Tensor tile = Tensor::empty({height, width}, DType::int64, device);
  on_device(device, [&](const auto& context) {
    kernels::shared_kmers(context, {.text = text.view(alphabet),
                                    .starts = text.starts.data<int64_t>(),
                                    .sequences = text.starts.count() - 1,
                                    .rows = height,
                                    .first_column = same ? 0 : height,
                                    .min_k = options.min_k,
                                    .max_k = options.max_k,
                                    .shared = tile.data<int64_t>()});
  });
  const Tensor on_host = tile.to({});
  const int64_t* counts = on_host.data<int64_t>();
  for (int64_t r = 0; r < height; ++r) {
    const int64_t a = rows.first + r, c = same ? r + 1 : 0;
    std::copy(counts + r * width + c, counts + (r + 1) * width,
              shared.counts.begin() + shared.row(a) + columns.first + c - a - 1);
  }
}

/// The letters of packed k-mers, four at a time: DNA of 31 letters takes eight steps.
class Unpacker {
 public:
  explicit Unpacker(const Alphabet& alphabet)
      : bits_(kernels::kmer_letter_bits(alphabet.size())), fours_(std::size_t{1} << 4 * bits_) {
    for (std::size_t packed = 0; packed < fours_.size(); ++packed) {
      for (int p = 0; p < 4; ++p) {
        const std::size_t code = packed >> (3 - p) * bits_ & ((1u << bits_) - 1);
        fours_[packed][p] = code < alphabet.letters().size() ? alphabet.letters()[code] : '?';
      }
    }
  }

  /// Writes the k letters, and up to 3 of anything behind them.
  void write(uint64_t packed, int k, char* letters) const {
    const int64_t steps = (k + 3) / 4;
    packed <<= bits_ * (4 * steps - k);
    for (int64_t step = 0; step < steps; ++step) {
      const uint64_t four = packed >> 4 * bits_ * (steps - 1 - step) & (fours_.size() - 1);
      std::memcpy(letters + 4 * step, fours_[four].data(), 4);
    }
  }

 private:
  int64_t bits_;
  std::vector<std::array<char, 4>> fours_;  // by the packed codes
};

/// The lines of the distinct k-mers [first, last).
void make_lines(const KmerCounts& counts, const Unpacker& unpacker, int64_t first, int64_t last,
                std::string& lines) {
  const int64_t* kmers = counts.kmers.data<int64_t>();
  const int64_t* count = counts.counts.data<int64_t>();
  constexpr int64_t most_digits = 19;
  lines.resize((last - first) * (counts.k + 1 + most_digits + 1));
  char* line = lines.data();
  for (int64_t i = first; i < last; ++i) {
    unpacker.write(kmers[i], counts.k, line);
    line += counts.k;
    *line++ = '\t';
    line = std::to_chars(line, line + most_digits, count[i]).ptr;
    *line++ = '\n';
  }
  lines.resize(line - lines.data());
}

}  // namespace

int64_t KmerCounts::total() const {
  const int64_t* count = counts.data<int64_t>();
  return std::accumulate(count, count + counts.count(), int64_t{0});
}

KmerCounts count_kmers(std::span<const Sequence> sequences, const Alphabet& alphabet, int k,
                       bool canonical, const Device& device) {
  check_k(alphabet, k);
  if (canonical && alphabet.size() != 4) {
    throw Error("a protein has no reverse complement; count its k-mers as they are");
  }
  const Text text = encode(sequences, {}, alphabet, device);
  const Shape most = {text.codes.count()};
  Tensor kmers = Tensor::empty(most, DType::int64, device);
  Tensor counts = Tensor::empty(most, DType::int64, device);
  Tensor distinct = Tensor::empty({1}, DType::int64, device);
  on_device(device, [&](const auto& context) {
    kernels::count_kmers(context, {.text = text.view(alphabet),
                                   .k = k,
                                   .canonical = canonical,
                                   .kmers = reinterpret_cast<uint64_t*>(kmers.data<int64_t>()),
                                   .counts = counts.data<int64_t>(),
                                   .distinct = distinct.data<int64_t>()});
  });
  const int64_t found = distinct.item<int64_t>();
  return {k, kmers.rows(0, found).to({}), counts.rows(0, found).to({})};
}

void write_kmer_counts(std::ostream& out, const KmerCounts& counts, const Alphabet& alphabet) {
  // Whole genomes have some hundred million lines: the threads make them, some thousand at a time.
  constexpr int64_t lines = 1 << 13, parts = 64;
  const Unpacker unpacker(alphabet);
  std::vector<std::string> texts(parts);
  const int64_t distinct = counts.kmers.count();
  for (int64_t first = 0; first < distinct; first += parts * lines) {
    kernels::in_pieces(parts, [&](int64_t part) {
      const int64_t begin = std::min(distinct, first + part * lines);
      make_lines(counts, unpacker, begin, std::min(distinct, begin + lines), texts[part]);
    });
    for (const std::string& text : texts) out << text;
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
  const int64_t pairs = shared.sequences * (shared.sequences - 1) / 2;
  try {
    shared.counts.resize(pairs);
  } catch (const std::bad_alloc&) {
    throw Error(
        fmt::format("{} sequences are {} pairs, whose counts need {} GiB of memory; give "
                    "fewer sequences",
                    shared.sequences, pairs, (pairs >> 27) + 1));
  }
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
  for (const Sequence& sequence : sequences) names.push_back(csv_field(sequence.id));
  out << "Sequence1,Sequence2,Total Common K-mers\n";
  std::string lines;
  for (int64_t a = 0; a < shared.sequences; ++a) {
    lines.clear();
    for (int64_t b = a + 1; b < shared.sequences; ++b) {
      fmt::format_to(std::back_inserter(lines), "{},{},{}\n", names[a], names[b], shared.of(a, b));
    }
    out << lines;
  }
}

}  // namespace stroma
