// k-mers of sequences: how often each occurs, and how many any two sequences have in common.
//
// A k-mer is k letters in a row of one sequence. It is packed into a number, the first letter in
// the highest bits, so that numbers sort as words do: kmer = Σ code[p + i] · 2^(bits (k − 1 − i)).
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/context.h"

namespace stroma::kernels {

/// Bits of a packed letter: 2 for the four bases, 5 for the twenty amino acids.
constexpr int kmer_letter_bits(int alphabet_size) {
  return std::bit_width(static_cast<unsigned>(alphabet_size - 1));
}

/// The longest k-mer: 31 bases, 12 amino acids. One value above all k-mers stays free.
constexpr int longest_kmer(int alphabet_size) { return 62 / kmer_letter_bits(alphabet_size); }

/// Sequences as codes, end to end, each followed by a code that is no letter: no k-mer holds one.
struct KmerText {
  const uint8_t* codes;  // [count]
  int64_t count;
  int alphabet_size;  // codes 0 … alphabet_size − 1 are letters; at least 2
};

/// The k-mers of all sequences together: each that occurs, and how often.
struct CountKmers {
  KmerText text;
  int k;           // 1 … longest_kmer(alphabet_size)
  bool canonical;  // each k-mer counts as the smaller of itself and its reverse complement; of four
                   // letters, of which 3 − code pairs with code
  uint64_t* kmers;    // [text.count], the first *distinct written, ascending
  int64_t* counts;    // [text.count], the first *distinct written
  int64_t* distinct;  // [1], written
};

void count_kmers(const Cpu&, const CountKmers&);
void count_kmers(const Cuda&, const CountKmers&);

/// shared[r, c] = Σ over k = min_k … max_k, Σ over all k-mers, of min(how often in r, how often in
/// c), for the rows r and the columns c: the multiset intersections that Abbasi-Vineh et al.
/// cluster by (Sci Rep 15, 27079, 2025). Two sets of sequences with rows = first_column give a tile
/// of a larger matrix; one set with first_column = 0 its own matrix above the diagonal.
struct SharedKmers {
  KmerText text;          // under 2^32 codes
  const int64_t* starts;  // [sequences + 1]: sequence s is codes[starts[s] … starts[s + 1])
  int64_t sequences;
  int64_t rows;          // the sequences [0, rows) are rows, at most 2^31 − 1,
  int64_t first_column;  // [first_column, sequences) are columns
  int min_k, max_k;      // 1 ≤ min_k ≤ max_k ≤ longest_kmer(alphabet_size)
  int64_t* shared;       // [rows, sequences − first_column], written; 0 where c ≤ r
};

void shared_kmers(const Cpu&, const SharedKmers&);
void shared_kmers(const Cuda&, const SharedKmers&);

}  // namespace stroma::kernels
