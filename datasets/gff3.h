// GFF3 annotations beside their FASTA sequences
// (https://github.com/The-Sequence-Ontology/Specifications/blob/master/gff3.md), in the styles of
// NCBI, Ensembl, JGI, Prokka and Bakta.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/record.h"

namespace stroma {

/// A record for each of `sequences` with the features of `text` that lie in it, or, where
/// `sequences` is empty, for each sequence of its ##FASTA section. `file` is the name in messages.
///
/// The lines of a CDS become one feature, its parts in biological order; the exons of a transcript
/// its location. Keys and qualifiers are those of GenBank: "gene" for every kind of gene, /gene,
/// /locus_tag (also of what a feature is part of), /product, /protein_id, /codon_start (from the
/// phase), /transl_table, /pseudo, ….
///
/// Throws Error, with file and line, for what is not GFF3, and where no feature or not all of its
/// sequence is among the sequences. What cannot be read in a line is its feature's problem.
std::vector<Record> parse_gff3(std::string_view text, const std::string& file,
                               std::vector<Sequence> sequences = {});

}  // namespace stroma
