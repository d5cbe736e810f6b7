// Features as GenBank has them from the lines of a GFF3 file, where each part is a line and names
// are inherited.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "datasets/gff3_lines.h"
#include "datasets/record.h"

namespace stroma {

struct Gff3Feature {
  std::string sequence;  // that it lies in
  Feature feature;
};

struct Gff3Molecule {
  int64_t length;
  bool circular;
};

/// The features of `lines`, in their order; `molecule_of` describes the sequence of a name.
std::vector<Gff3Feature> gff3_features(
    const std::vector<Gff3Line>& lines,
    const std::function<Gff3Molecule(const std::string&)>& molecule_of);

}  // namespace stroma
