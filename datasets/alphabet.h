// Letters and their codes: DNA, RNA and protein alphabets, which letters are ambiguity codes, and
// the complement of a strand.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"
#include "engine/letters.h"

namespace stroma {

class Alphabet {
 public:
  /// "DNA", "RNA" or "protein".
  const std::string& name() const { return name_; }

  /// The letters in the order of their codes, in upper case.
  const std::string& letters() const { return letters_; }

  int size() const { return static_cast<int>(letters_.size()); }

  /// 0 … size() − 1, or size() for a letter outside the alphabet. Case does not matter.
  uint8_t code(char letter) const { return codes_[static_cast<unsigned char>(letter)]; }

  bool contains(char letter) const { return code(letter) < size(); }

  /// True for a letter that IUPAC defines but that is none of letters(): N, R, … in DNA and RNA;
  /// X, B, …, the stop * in protein; the gaps - and . in all.
  bool is_ambiguity(char letter) const;

  /// The same alphabet with its letters in another order, and with codes for several letters that
  /// are letters of their own there: "ATCGN" of DNA. `letters` holds each of letters() once.
  Alphabet in_order(const std::string& letters) const;

  /// Words for a message: "the ambiguity code N", "the letter J", "the character '7'".
  std::string describe(char letter) const;

 private:
  friend const Alphabet& dna_alphabet(bool);
  friend const Alphabet& rna_alphabet();
  friend const Alphabet& protein_alphabet();
  explicit Alphabet(const LetterSet& set);
  void add_synonym(char letter, char of);

  std::string name_;
  std::string letters_;
  std::string ambiguities_;
  std::array<uint8_t, 256> codes_;
};

/// ACGT; with `u_is_t`, U reads as T.
const Alphabet& dna_alphabet(bool u_is_t = false);

/// ACGU; T reads as U, as in the many RNA files that are written in DNA letters.
const Alphabet& rna_alphabet();

/// ACDEFGHIKLMNPQRSTVWY.
const Alphabet& protein_alphabet();

/// The codes of `letters`, one byte each; letters outside the alphabet become size().
std::vector<uint8_t> encode(const Alphabet& alphabet, std::string_view letters);

/// The letters outside an alphabet.
struct UnknownLetters {
  int64_t count = 0;
  // The first of them; without meaning where count is 0.
  int64_t sequence = 0;  // index
  int64_t position = 0;  // from 0
  char letter = 0;
};

UnknownLetters find_unknown(const Alphabet& alphabet, std::span<const Sequence> sequences);

/// A letter that is not even an ambiguity code: the sequences are of another alphabet.
struct ForeignLetter {
  int64_t sequence;  // index
  char letter;
};

/// The first one, if any.
std::optional<ForeignLetter> find_foreign(const Alphabet& alphabet,
                                          std::span<const Sequence> sequences);

/// Whether all letters are amino acids or codes for them, and so many are no bases that they are no
/// DNA under a header.
bool look_like_proteins(std::span<const Sequence> sequences);

/// One sentence on `unknown`, which is not empty, for an error or a warning: how many, the first of
/// them, its sequence and position (from 1) and
/// where known its line.
std::string describe(const Alphabet& alphabet, const UnknownLetters& unknown,
                     std::span<const Sequence> sequences);

/// The base on the other strand, IUPAC codes included (N ↔ N, R ↔ Y, …); case is kept, U reads as
/// T, and what is no base stays as it is.
char complement(char base);

std::string reverse_complement(std::string_view bases);

}  // namespace stroma
