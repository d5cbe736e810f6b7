#include "datasets/alphabet.h"

#include <gtest/gtest.h>

#include <cctype>
#include <random>

namespace stroma {
namespace {

TEST(Alphabet, CodesFollowTheOrderOfTheLettersInEitherCase) {
  for (const Alphabet* alphabet : {&dna_alphabet(), &rna_alphabet(), &protein_alphabet()}) {
    for (int i = 0; i < alphabet->size(); ++i) {
      const char letter = alphabet->letters()[i];
      EXPECT_EQ(alphabet->code(letter), i) << alphabet->name() << letter;
      EXPECT_EQ(alphabet->code(static_cast<char>(std::tolower(letter))), i);
    }
  }
  EXPECT_EQ(dna_alphabet().letters(), "ACGT");
  EXPECT_EQ(rna_alphabet().letters(), "ACGU");
  EXPECT_EQ(protein_alphabet().letters(), "ACDEFGHIKLMNPQRSTVWY");
}

TEST(Alphabet, EveryOtherByteIsUnknown) {
  for (const Alphabet* alphabet : {&dna_alphabet(), &protein_alphabet()}) {
    for (int byte = -128; byte < 128; ++byte) {
      const char letter = static_cast<char>(byte);
      const bool known = alphabet->letters().find(static_cast<char>(std::toupper(
                             static_cast<unsigned char>(letter)))) != std::string::npos;
      EXPECT_EQ(alphabet->contains(letter), known && letter != 0) << byte;
    }
  }
}

TEST(Alphabet, UAndTAreOneLetterInRnaAndOnRequestInDna) {
  EXPECT_EQ(rna_alphabet().code('T'), rna_alphabet().code('u'));
  EXPECT_EQ(dna_alphabet().code('U'), dna_alphabet().size());
  EXPECT_EQ(dna_alphabet(true).code('u'), dna_alphabet().code('T'));
  EXPECT_EQ(dna_alphabet(true).letters(), "ACGT");
}

TEST(Alphabet, MayHaveItsLettersInAnotherOrderAndCodesAmongThem) {
  const Alphabet dna = dna_alphabet().in_order("ATCGN");
  EXPECT_EQ(encode(dna, "acgtnNR-"), (std::vector<uint8_t>{0, 2, 3, 1, 4, 4, 5, 5}));
  EXPECT_EQ(dna.name(), "DNA");
  EXPECT_FALSE(dna.is_ambiguity('N'));
  EXPECT_TRUE(dna.is_ambiguity('R'));
  const Alphabet rna = rna_alphabet().in_order("UGCA");
  EXPECT_EQ(encode(rna, "TUAC"), (std::vector<uint8_t>{0, 0, 3, 2}));
  const Alphabet same = protein_alphabet().in_order(protein_alphabet().letters());
  for (int byte = -128; byte < 128; ++byte) {
    const char letter = static_cast<char>(byte);
    EXPECT_EQ(same.code(letter), protein_alphabet().code(letter)) << byte;
  }
}

TEST(Alphabet, KnowsAmbiguityCodesFromGarbage) {
  for (const char letter : std::string("RYSWKMBDHVNn-.")) {
    EXPECT_TRUE(dna_alphabet().is_ambiguity(letter)) << letter;
  }
  for (const char letter : std::string("ACGTacgtUX7*")) {
    EXPECT_FALSE(dna_alphabet().is_ambiguity(letter)) << letter;
  }
  for (const char letter : std::string("XBZJUO*x-")) {
    EXPECT_TRUE(protein_alphabet().is_ambiguity(letter)) << letter;
  }
  EXPECT_EQ(dna_alphabet().describe('n'), "the ambiguity code N");
  EXPECT_EQ(dna_alphabet().describe('U'), "the letter U");
  EXPECT_EQ(dna_alphabet().describe('7'), "the character '7'");
  EXPECT_EQ(dna_alphabet().describe('-'), "the gap '-'");
  EXPECT_EQ(protein_alphabet().describe('*'), "the stop '*'");
  EXPECT_EQ(dna_alphabet().describe('\x07'), "the byte 0x07");
}

TEST(Alphabet, FindsUnknownLettersAndTheFirstOfThem) {
  const std::vector<Sequence> sequences = {{"a", "ACGT"}, {"b", "ACNTN", 12}, {"c", "-"}};
  const UnknownLetters unknown = find_unknown(dna_alphabet(), sequences);
  EXPECT_EQ(unknown.count, 3);
  EXPECT_EQ(unknown.sequence, 1);
  EXPECT_EQ(unknown.position, 2);
  EXPECT_EQ(describe(dna_alphabet(), unknown, sequences),
            "3 letters outside the DNA alphabet ACGT, the first the ambiguity code N at position 3 "
            "of 'b' (line 12)");
  EXPECT_EQ(find_unknown(dna_alphabet(), std::span(sequences).first(1)).count, 0);
}

TEST(Alphabet, EncodesWithTheUnknownCodeForOtherLetters) {
  EXPECT_EQ(encode(dna_alphabet(), "ACgtN"), (std::vector<uint8_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(encode(dna_alphabet(), "").empty());
}

TEST(Alphabet, ComplementSwapsTheBasesThatACodeStandsFor) {
  const std::vector<std::pair<char, std::string>> meanings = {
      {'A', "A"},   {'C', "C"},   {'G', "G"},   {'T', "T"},   {'R', "AG"},
      {'Y', "CT"},  {'S', "CG"},  {'W', "AT"},  {'K', "GT"},  {'M', "AC"},
      {'B', "CGT"}, {'D', "AGT"}, {'H', "ACT"}, {'V', "ACG"}, {'N', "ACGT"}};
  const auto bases_of = [&](char code) {
    for (const auto& [letter, bases] : meanings) {
      if (letter == code) return bases;
    }
    return std::string();
  };
  for (const auto& [letter, bases] : meanings) {
    std::string other;  // A↔T and C↔G turn the alphabetical order around
    for (const char base : bases)
      other.insert(other.begin(), "TGCA"[std::string("ACGT").find(base)]);
    EXPECT_EQ(bases_of(complement(letter)), other) << letter;
    EXPECT_EQ(complement(static_cast<char>(std::tolower(letter))),
              std::tolower(complement(letter)));
  }
  EXPECT_EQ(complement('U'), 'A');
  EXPECT_EQ(complement('-'), '-');
}

TEST(Alphabet, ReverseComplementTwiceIsTheSequence) {
  EXPECT_EQ(reverse_complement("AACGTN"), "NACGTT");
  std::mt19937 random(3);
  for (const int length : {0, 1, 2, 17, 1000}) {
    std::string bases;
    for (int i = 0; i < length; ++i) bases += "ACGTRYSWKMBDHVNacgtn-"[random() % 21];
    EXPECT_EQ(reverse_complement(reverse_complement(bases)), bases);
  }
}

TEST(Foreign, IsTheFirstLetterThatNotEvenACodeStandsFor) {
  const std::vector<Sequence> sequences = {{"a", "ACGN-"}, {"b", "RJACX"}};
  const auto found = find_foreign(dna_alphabet(), sequences);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->sequence, 1);
  EXPECT_EQ(found->letter, 'J');
  EXPECT_FALSE(find_foreign(dna_alphabet(), std::span(sequences).first(1)).has_value());
}

}  // namespace
}  // namespace stroma
