// How letters become numbers before the first layer: what `encoding` and its keys say in a spec.
#pragma once

#include <cstdint>
#include <string>

#include "engine/names.h"
#include "layers/toml_reader.h"

namespace stroma {

enum class InputKind { one_hot, kmer_tokens, kmer_counts };
template <>
struct NamesOf<InputKind> {
  static constexpr const char* kind = "encoding";
  static constexpr const char* all[] = {"one_hot", "kmer_tokens", "kmer_counts"};
};

struct Encoding {
  InputKind kind = InputKind::one_hot;
  int64_t k = 0;           // of k-mers
  int64_t stride = 1;      // of tokens: positions from one to the next
  bool canonical = false;  // of counts: a k-mer and its reverse complement are one
  bool normalize = false;  // of counts: shares of all k-mers
};

/// The keys of a spec's root that are about its encoding, for a model of these letters.
Encoding read_encoding(TomlReader& table, const toml::table& root, const std::string& letters);

/// Why there are no such k-mers of `length` letters, 0 for a length that is not known; "" where
/// there are.
std::string misfit_of(const Encoding& encoding, const std::string& letters, int64_t length);

/// letters^k of an encoding that fits.
int64_t kmers_of(const Encoding& encoding, const std::string& letters);

/// The number of features of canonical counts, or of all.
int64_t features_of(const Encoding& encoding, const std::string& letters);

/// The place in `letters` of the base on the other strand, npos where it is none of them.
std::size_t complement_in(const std::string& letters, char letter);

}  // namespace stroma
