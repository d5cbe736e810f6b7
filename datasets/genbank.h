// GenBank flat files: annotated sequences, one or several records a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/genbank_location.h"

namespace stroma {

struct Qualifier {
  std::string key;    // "gene" of /gene="psbA"
  std::string value;  // without its quotes; "" for a flag such as /pseudo
};

struct Feature {
  std::string key;  // "gene", "CDS", …
  Location location;
  std::vector<Qualifier> qualifiers;
  int64_t line = 0;  // in the file, from 1

  /// The value of the first qualifier `qualifier`, or nullptr.
  const std::string* find(std::string_view qualifier) const;
};

struct GenBankRecord {
  std::string file;  // as in messages
  int64_t line = 0;  // of its LOCUS
  std::string name;  // LOCUS
  std::string definition;
  std::string accession;
  std::string version;
  std::string organism;
  bool circular = false;
  std::vector<Feature> features;
  std::string letters;  // upper case
};

/// The records of a plain or compressed file, in order. Throws Error, with file and line, for
/// anything that is not GenBank, not whole, or without its sequence.
std::vector<GenBankRecord> read_genbank(const std::filesystem::path& path);

/// The same from memory; `file` is the name in messages.
std::vector<GenBankRecord> parse_genbank(std::string_view text, const std::string& file);

}  // namespace stroma
