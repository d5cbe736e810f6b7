// Annotated sequences as all readers of them give them: GenBank, EMBL, GFF3 beside FASTA.
#pragma once

#include <cstdint>
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
  std::string key;       // "gene", "CDS", …
  std::string location;  // as in the file, without blanks: not yet read, see location_of
  std::vector<Qualifier> qualifiers = {};
  int64_t line = 0;          // in the file, from 1
  std::string problem = {};  // what in its text cannot be read, a clause; "" where all can

  /// The value of the first qualifier `qualifier`, or nullptr.
  const std::string* find(std::string_view qualifier) const;
};

struct Record {
  std::string file;  // as in messages
  int64_t line = 0;  // where it begins, from 1
  std::string id;    // its version, or its name where it has none; distinct within a file
  std::string name;  // LOCUS
  std::string definition;
  std::string accession;
  std::string version;
  std::string organism;
  bool circular = false;
  bool protein = false;
  std::vector<Feature> features;
  std::string letters;  // upper case
};

/// Where a feature lies. Throws Error, with file and line, where the location is none or reaches
/// out of the record, and where the feature has a problem: so that one which nobody uses does no
/// harm.
Location location_of(const Record& record, const Feature& feature);

}  // namespace stroma
