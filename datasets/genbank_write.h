// GenBank flat files, written.
#pragma once

#include <ostream>
#include <string>

#include "datasets/record.h"

namespace stroma {

/// A location in the grammar of GenBank; parse_location reads it back to the same spans.
std::string location_text(const Location& location);

/// The record as NCBI lays it out, locations as they stand. Values of /codon_start and
/// /transl_table stand without quotes.
void write_genbank(std::ostream& out, const Record& record);

}  // namespace stroma
