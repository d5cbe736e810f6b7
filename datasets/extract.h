// The sequences of the plastome study from annotated records: what lies upstream of each gene, and
// the proteins.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/record.h"

namespace stroma {

/// Which of several genes with one upstream sequence or one name are kept.
enum class Unique {
  sequence,  // the first of each upstream sequence; a name used again becomes name.2, name.3, …
  name,      // the first of each name
  none,      // all, under their names
};

/// Ids are the genes' names, lines those of their features. A name is /gene, else /locus_tag, else
/// /protein_id, with '-' for white space. Order: that of the features.
struct Extraction {
  std::vector<Sequence> sequences;
  // Features left out:
  int64_t too_near = 0;   // less than the wanted length before the gene on a linear record
  int64_t elsewhere = 0;  // they start in another record
  int64_t unnamed = 0;
  int64_t too_short = 0;  // proteins under the wanted length
  int64_t repeated = 0;   // their sequence or name, whichever is to be unique, came before
};

/// A sentence for each reason for which features were left out.
std::vector<std::string> describe_left_out(const Extraction& extraction);

/// The `length` bases before the start of each gene feature, on the gene's strand, over the origin
/// of a circular record. A gene of several parts starts at the first in biological order. Throws
/// Error for a record without features and where no gene is left.
Extraction extract_upstream(std::span<const Record> records, int64_t length = 300,
                            Unique unique = Unique::sequence);

/// The /translation of each CDS that has `min_length` amino acids or more; of each name the first.
/// Throws Error for a record without features and where no protein is left.
Extraction extract_proteins(std::span<const Record> records, int64_t min_length = 100);

}  // namespace stroma
