// For tests that read GenBank files of one small record, as editors, old releases and careless
// scripts write them.
#pragma once

#include <fmt/format.h>

#include <string>

#include "datasets/genbank.h"
#include "tests/datasets/files.h"

namespace stroma {

inline constexpr const char* origin = "ORIGIN\n        1 acgtacgtac gt\n//\n";

inline Record read_one(const std::string& text) {
  const auto records = parse_genbank(text, "in.gb");
  EXPECT_EQ(records.size(), 1u);
  return records.at(0);
}

inline std::string genbank_error(const std::string& text) {
  return error_of([&] { parse_genbank(text, "in.gb"); });
}

inline Record with_locus(const std::string& locus) { return read_one(locus + "\n" + origin); }

/// A record of 12 bp with a table of features.
inline Record with_features(const std::string& features) {
  return read_one("LOCUS       X 12 bp\nFEATURES             Location/Qualifiers\n" + features +
                  origin);
}

}  // namespace stroma
