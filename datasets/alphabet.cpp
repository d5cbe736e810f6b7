#include "datasets/alphabet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/complements.h"

namespace stroma {
namespace {

char upper(char letter) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
}

std::array<char, 256> make_complements() {
  std::array<char, 256> table;
  for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<char>(i);
  for (size_t i = 0; i < base_codes.size(); ++i) {
    table[static_cast<unsigned char>(base_codes[i])] = complement_codes[i];
    table[static_cast<unsigned char>(std::tolower(base_codes[i]))] =
        static_cast<char>(std::tolower(complement_codes[i]));
  }
  return table;
}

}  // namespace

Alphabet::Alphabet(const LetterSet& set)
    : name_(set.name), letters_(set.letters), ambiguities_(set.codes) {
  codes_.fill(static_cast<uint8_t>(letters_.size()));
  for (const char letter : letters_) add_synonym(letter, letter);
}

void Alphabet::add_synonym(char letter, char of) {
  const auto value = static_cast<uint8_t>(letters_.find(of));
  codes_[static_cast<unsigned char>(letter)] = value;
  codes_[static_cast<unsigned char>(std::tolower(letter))] = value;
}

Alphabet Alphabet::in_order(const std::string& letters) const {
  Alphabet other = *this;
  other.letters_ = letters;
  for (uint8_t& code : other.codes_) {
    const std::size_t place = code < size() ? letters.find(letters_[code]) : letters.size();
    code = static_cast<uint8_t>(place);
  }
  for (const char letter : letters) other.add_synonym(letter, letter);
  return other;
}

bool Alphabet::is_ambiguity(char letter) const {
  return !contains(letter) && ambiguities_.find(upper(letter)) != std::string::npos;
}

std::string Alphabet::describe(char letter) const {
  const auto byte = static_cast<unsigned char>(letter);
  if (letter == '-' || letter == '.') return fmt::format("the gap '{}'", letter);
  if (letter == '*' && is_ambiguity(letter)) return "the stop '*'";
  if (is_ambiguity(letter)) return fmt::format("the ambiguity code {}", upper(letter));
  if (std::isalpha(byte)) return fmt::format("the letter {}", upper(letter));
  if (std::isprint(byte)) return fmt::format("the character '{}'", letter);
  return fmt::format("the byte 0x{:02X}", byte);
}

const Alphabet& dna_alphabet(bool u_is_t) {
  static const Alphabet strict(dna_letters);
  static const Alphabet with_u = [] {
    Alphabet alphabet = strict;
    alphabet.add_synonym('U', 'T');
    return alphabet;
  }();
  return u_is_t ? with_u : strict;
}

const Alphabet& rna_alphabet() {
  static const Alphabet alphabet = [] {
    Alphabet rna(rna_letters);
    rna.add_synonym('T', 'U');
    return rna;
  }();
  return alphabet;
}

const Alphabet& protein_alphabet() {
  static const Alphabet alphabet(protein_letters);
  return alphabet;
}

std::vector<uint8_t> encode(const Alphabet& alphabet, std::string_view letters) {
  std::vector<uint8_t> codes(letters.size());
  for (size_t i = 0; i < letters.size(); ++i) codes[i] = alphabet.code(letters[i]);
  return codes;
}

UnknownLetters find_unknown(const Alphabet& alphabet, std::span<const Sequence> sequences) {
  UnknownLetters unknown;
  for (size_t s = 0; s < sequences.size(); ++s) {
    const std::string& letters = sequences[s].letters;
    const auto known = [&](char letter) { return alphabet.contains(letter); };
    const int64_t count =
        std::ssize(letters) - std::count_if(letters.begin(), letters.end(), known);
    if (count > 0 && unknown.count == 0) {
      const auto first = std::find_if_not(letters.begin(), letters.end(), known);
      unknown.sequence = static_cast<int64_t>(s);
      unknown.position = first - letters.begin();
      unknown.letter = *first;
    }
    unknown.count += count;
  }
  return unknown;
}

std::optional<ForeignLetter> find_foreign(const Alphabet& alphabet,
                                          std::span<const Sequence> sequences) {
  for (int64_t s = 0; s < std::ssize(sequences); ++s) {
    for (const char letter : sequences[s].letters) {
      if (!alphabet.contains(letter) && !alphabet.is_ambiguity(letter)) return {{s, letter}};
    }
  }
  return {};
}

bool look_like_proteins(std::span<const Sequence> sequences) {
  const Alphabet& amino_acids = protein_alphabet();
  const Alphabet& bases = dna_alphabet(true);
  int64_t letters = 0, no_bases = 0;
  for (const Sequence& sequence : sequences) {
    for (const char letter : sequence.letters) {
      if (!amino_acids.contains(letter) && !amino_acids.is_ambiguity(letter)) return false;
      no_bases += !bases.contains(letter) && !bases.is_ambiguity(letter);
    }
    letters += std::ssize(sequence.letters);
  }
  constexpr int64_t share = 10;  // E, F, I, L, P and Q are a third of most proteins
  return no_bases * share > letters;
}

std::string describe(const Alphabet& alphabet, const UnknownLetters& unknown,
                     std::span<const Sequence> sequences) {
  const Sequence& sequence = sequences[static_cast<size_t>(unknown.sequence)];
  return fmt::format(
      "{} letter{} outside the {} alphabet {}, the first {} at position {} of '{}'{}",
      unknown.count, unknown.count == 1 ? "" : "s", alphabet.name(), alphabet.letters(),
      alphabet.describe(unknown.letter), unknown.position + 1, sequence.id,
      sequence.line ? fmt::format(" (line {})", sequence.line) : "");
}

char complement(char base) {
  static const std::array<char, 256> table = make_complements();
  return table[static_cast<unsigned char>(base)];
}

std::string reverse_complement(std::string_view bases) {
  std::string result(bases.rbegin(), bases.rend());
  for (char& base : result) base = complement(base);
  return result;
}

}  // namespace stroma
