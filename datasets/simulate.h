// The demo genome: a made-up plastid genome with genes of every kind, for trying the program
// without data of one's own.
#pragma once

#include <cstdint>
#include <string>

#include "datasets/record.h"

namespace stroma {

/// An annotated circular record that looks like a plastome: AT-rich, its intergenic parts of
/// drifting composition with tandem repeats, hairpins and dispersed short repeats; protein, tRNA
/// and rRNA genes on both strands, with plastid codon usage and a promoter before each; genes with
/// introns, one that is trans-spliced and one over the origin. `genes` is 5 or more. The same seed
/// gives the same record on every machine.
Record simulate_record(int64_t genes = 100, uint64_t seed = 7);

/// The same as the text of a GenBank file.
std::string simulate(int64_t genes = 100, uint64_t seed = 7);

}  // namespace stroma
