#include "layers/encoding.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/complements.h"

namespace stroma {
namespace {

/// Tokens are numbered in 32 bits, and an embedding has a row for each; counts are a row of floats
/// an example.
constexpr int64_t most_tokens = 1 << 24, most_counts = 1 << 20;

/// base^exponent, or `limit` + 1 where it is more than that.
int64_t power_up_to(int64_t base, int64_t exponent, int64_t limit) {
  int64_t result = 1;
  for (int64_t i = 0; i < exponent && result <= limit; ++i) result *= base;
  return std::min(result, limit + 1);
}

void refuse_without_effect(TomlReader& table, const toml::table& root, const Encoding& encoding) {
  const auto refuse = [&](const char* key, bool has_effect, const char* what, InputKind kind) {
    if (has_effect || !root.contains(key)) return;
    table.fail(key, fmt::format("'{}' is about {}; say encoding = \"{}\", or leave it out", key,
                                what, to_string(kind)));
  };
  const bool tokens = encoding.kind == InputKind::kmer_tokens;
  const bool counts = encoding.kind == InputKind::kmer_counts;
  refuse("k", tokens || counts, "k-mers", InputKind::kmer_tokens);
  refuse("stride", tokens, "k-mer tokens", InputKind::kmer_tokens);
  refuse("canonical", counts, "k-mer counts", InputKind::kmer_counts);
  refuse("normalize", counts, "k-mer counts", InputKind::kmer_counts);
}

/// Throws Error where a letter has no complement among the letters.
void check_complements(TomlReader& table, const std::string& letters) {
  for (const char letter : letters) {
    if (complement_in(letters, letter) != std::string::npos) continue;
    table.fail("canonical",
               fmt::format("'canonical' takes a k-mer and its reverse complement for one, and of "
                           "the letters {} that of {} is none; leave it out",
                           letters, letter));
  }
}

}  // namespace

std::size_t complement_in(const std::string& letters, char letter) {
  const std::size_t place = base_codes.find(letter);
  if (place == std::string_view::npos) {
    return letter == '-' || letter == '.' ? letters.find(letter) : std::string::npos;
  }
  const char other = complement_codes[place];
  const std::size_t found = letters.find(other);
  return found == std::string::npos && other == 'T' ? letters.find('U') : found;
}

Encoding read_encoding(TomlReader& table, const toml::table& root, const std::string& letters) {
  Encoding encoding;
  if (std::string word; table.read("encoding", word, names_of<InputKind>())) {
    encoding.kind = named<InputKind>(word);
  }
  if (encoding.kind == InputKind::one_hot) {
    table.read("k", encoding.k, 1);
  } else {
    table.require("k", encoding.k, 1);
  }
  table.read("stride", encoding.stride, 1);
  table.read("canonical", encoding.canonical);
  table.read("normalize", encoding.normalize);
  refuse_without_effect(table, root, encoding);
  if (encoding.canonical) check_complements(table, letters);
  return encoding;
}

std::string misfit_of(const Encoding& encoding, const std::string& letters, int64_t length) {
  if (encoding.kind == InputKind::one_hot) return "";
  if (length > 0 && encoding.k > length) {
    return fmt::format(
        "a k-mer of {} letters is longer than the {} of an example; take a smaller "
        "k",
        encoding.k, length);
  }
  const bool tokens = encoding.kind == InputKind::kmer_tokens;
  const int64_t most = tokens ? most_tokens : most_counts;
  if (power_up_to(std::ssize(letters), encoding.k, most) <= most) return "";
  return fmt::format(
      "there are {}^{} k-mers of {} letters, and {} can be at most {}; take a "
      "smaller k",
      letters.size(), encoding.k, encoding.k, tokens ? "a vocabulary" : "the counts of an example",
      most);
}

int64_t kmers_of(const Encoding& encoding, const std::string& letters) {
  return power_up_to(std::ssize(letters), encoding.k, most_tokens);
}

int64_t features_of(const Encoding& encoding, const std::string& letters) {
  const int64_t all = kmers_of(encoding, letters);
  if (!encoding.canonical) return all;
  // Two k-mers are one, but for those that are their own reverse complement: their first half says
  // what the second is, and a letter in the middle is its own complement.
  int64_t alone = power_up_to(std::ssize(letters), encoding.k / 2, most_tokens);
  if (encoding.k % 2 == 1) {
    alone *= std::count_if(letters.begin(), letters.end(), [&](const char& letter) {
      return complement_in(letters, letter) == static_cast<std::size_t>(&letter - letters.data());
    });
  }
  return (all + alone) / 2;
}

}  // namespace stroma
