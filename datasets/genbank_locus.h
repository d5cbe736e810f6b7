// The first line of a GenBank record, in the forms in which databases and plasmid editors write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stroma {

struct Locus {
  std::string name;               // blanks in it are '_'
  std::optional<int64_t> length;  // bases or amino acids; none where the line gives none
  bool circular = false;
  bool protein = false;
  bool master = false;        // its length counts records ("rc"), not bases
  bool run_together = false;  // name and length are one word, the name, until split_name
};

/// Reads "LOCUS NAME 123 bp DNA circular …"; the unit, the length and what follows may be missing,
/// and capitals do not matter. Throws Error, which begins with `where`, for a line without a name
/// or with a unit and no number before it.
Locus parse_locus(std::string_view line, const std::string& where);

/// Splits a name that runs into the length, which is known: NODE_1_cov_3.412 of 12 bp is
/// NODE_1_cov_3.4. Throws Error where it does not end with the length.
void split_name(Locus& locus, int64_t length, const std::string& where);

}  // namespace stroma
