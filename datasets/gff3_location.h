// The location, as text, of a feature whose parts are lines of a GFF3 file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/gff3_lines.h"

namespace stroma {

/// Sorts the parts of a feature, the first base of its product first: along their strand, over the
/// origin of a circle where they meet there; where they lie on both strands or are spliced from
/// several transcripts, by their attribute "part", else as in the file.
void sort_biologically(std::vector<const Gff3Line*>& parts, int64_t length, bool circular);

/// The location of sorted parts in the grammar of GenBank. Ends past the end of a circle run over
/// its origin.
std::string gff3_location(const std::vector<const Gff3Line*>& parts, int64_t length, bool circular);

}  // namespace stroma
