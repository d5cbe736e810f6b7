// The lines of a GFF3 file, each for itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stroma {

/// A feature line, of a text that outlives it. Attributes stay as they are until somebody asks: a
/// genome has millions.
struct Gff3Line {
  int64_t number = 0;
  std::string sequence;
  std::string type;
  int64_t begin = 0;  // from 0
  int64_t end = 0;    // one past the last
  bool complement = false;
  int phase = -1;               // -1 where the line gives none
  std::string_view attributes;  // KEY=VALUE;KEY=VALUE
  std::string problem;          // what cannot be read, a clause; "" where all can

  /// The value of the first attribute `key` as written, "" where there is none.
  std::string_view raw(std::string_view key) const;
  /// The same decoded: %2C is a comma.
  std::string value(std::string_view key) const;
  /// The values of "Parent".
  std::vector<std::string> parents() const;
};

struct Gff3Region {  // ##sequence-region
  int64_t number = 0;
  std::string sequence;
  int64_t end = 0;
};

struct Gff3File {
  std::vector<Gff3Line> lines;
  std::vector<Gff3Region> regions;
  std::optional<std::string_view> fasta;  // what follows ##FASTA
  int64_t fasta_line = 0;                 // the lines before it
};

/// Throws Error, with file and line, where the text is not GFF3.
Gff3File read_gff3_lines(std::string_view text, const std::string& file);

}  // namespace stroma
