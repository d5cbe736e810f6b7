// The protein of a CDS feature, by the rules of the INSDC feature table.
#pragma once

#include <string>

#include "datasets/record.h"

namespace stroma {

struct CdsTranslation {
  std::string amino_acids;
  std::string doubt;  // a clause: why the protein may be another one; "" where nothing says so
};

/// What a CDS codes for, by its location, /transl_table, /codon_start and each /transl_except; its
/// /translation is not read. A codon that may begin a protein gives M at a 5' end that is complete.
/// Bases after the last whole codon count for nothing, and a stop at the end is dropped. Throws
/// Error, with file and line, for a qualifier with a wrong value, a part in another record, no
/// whole codon, and a stop before the end.
CdsTranslation translate_cds(const Record& record, const Feature& cds);

}  // namespace stroma
