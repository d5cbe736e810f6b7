// The sequences of the plastome study from an annotated genome: what lies upstream of each gene,
// and the proteins.
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

struct UpstreamOptions {
  int64_t length = 300;
  Unique unique = Unique::sequence;
  // Before which features: a key such as "CDS" or "tRNA", or "auto" for gene features, in a genome
  // that has none for CDS.
  std::string feature = "auto";
  bool strict = false;  // a feature that cannot be read is an error
};

struct ProteinOptions {
  int64_t min_length = 100;
  bool strict = false;  // a CDS that cannot be read or translated is an error
};

/// Ids are the genes' names, lines those of their features, `record` the id of their record. A name
/// is /gene, else /locus_tag, /protein_id, /product or /label, with '-' for white space. Order:
/// that of the features.
struct Extraction {
  std::vector<Sequence> sequences;
  std::vector<std::string> notes;  // sentences on single features, each with its file and line
  int64_t translated = 0;          // proteins made from their bases
  // Features left out:
  int64_t too_near = 0;    // less than the wanted length before the gene on a linear record
  int64_t elsewhere = 0;   // they start in another record
  int64_t unreadable = 0;  // each is in `notes`, or counted there
  int64_t pseudo = 0;      // CDS of pseudogenes
  int64_t unnamed = 0;
  int64_t too_short = 0;  // proteins under the wanted length
  int64_t repeated = 0;   // their sequence or name, whichever is to be unique, came before
};

/// The notes, and a sentence for each further reason for which features were left out.
std::vector<std::string> describe_left_out(const Extraction& extraction);

/// Adds what came out of another genome, in which a repeat of a name or sequence of the first is
/// none.
void append(Extraction& extraction, Extraction other);

/// The bases before the start of each gene of a genome, the records of one file: on the gene's
/// strand, over the origin of a circular record. A gene of several parts starts at the first in
/// biological order. Throws Error for a genome without such features, or of proteins, and where no
/// gene is left.
Extraction extract_upstream(std::span<const Record> genome, const UpstreamOptions& options = {});

/// The /translation of each CDS of a genome, or where it has none what the CDS codes for
/// (datasets/translate.h), if it has the wanted length; of each name the first. A protein record is
/// a protein itself, under its id. Throws Error for a genome without either and where no protein is
/// left.
Extraction extract_proteins(std::span<const Record> genome, const ProteinOptions& options = {});

}  // namespace stroma
