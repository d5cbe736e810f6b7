#include "datasets/simulate_bases.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "datasets/alphabet.h"
#include "datasets/genetic_code.h"
#include "engine/random.h"

namespace stroma {
namespace {

constexpr std::string_view dna_letters = "ACGT";

// Of 1000 amino acids in plastid proteins, about, in the order of the protein alphabet
// ACDEFGHIKLMNPQRSTVWY.
constexpr std::array<int, 20> amino_acid_weights = {60, 10, 37, 50, 60, 70, 22, 85, 60, 105,
                                                    24, 50, 42, 37, 55, 70, 52, 60, 18, 38};

char draw_base(CountedRandom& random, int gc_per_mille) {
  const int gc = gc_per_mille, at = 1000 - gc_per_mille;
  return dna_letters[random.weighted(std::array{at, gc, gc, at})];
}

/// The codons of each amino acid, those that end in A or T more often.
std::string codon_for(CountedRandom& random, char amino_acid) {
  constexpr std::array<int, 4> third_base = {34, 13, 12, 41};  // A, C, G, T
  std::array<int, 64> weights = {};
  const GeneticCode& code = *find_genetic_code(11);
  std::string codon(3, 'A');
  const auto spell = [&codon](size_t index) {
    codon[0] = dna_letters[index / 16];
    codon[1] = dna_letters[index / 4 % 4];
    codon[2] = dna_letters[index % 4];
  };
  for (size_t index = 0; index < weights.size(); ++index) {
    spell(index);
    if (code.translate(codon) == amino_acid) weights[index] = third_base[index % 4];
  }
  spell(random.weighted(weights));
  return codon;
}

}  // namespace

int64_t CountedRandom::below(int64_t bound) {
  if (drawn_ % 4 == 0) {
    block_ = random_block(seed_, static_cast<uint32_t>(RandomStream::simulate), 0, drawn_ / 4);
  }
  const uint64_t word = block_.word[drawn_++ % 4];
  return static_cast<int64_t>(word * static_cast<uint64_t>(bound) >> 32);
}

size_t CountedRandom::weighted(std::span<const int> weights) {
  int64_t left = below(std::accumulate(weights.begin(), weights.end(), int64_t{0}));
  size_t index = 0;
  while (left >= weights[index]) left -= weights[index++];
  return index;
}

IntergenicBases::IntergenicBases(CountedRandom& random) : random_(random) {
  for (int i = 0; i < 8; ++i) {
    elements_.push_back(stroma::random_bases(random, random.between(18, 30), 450));
  }
}

std::string IntergenicBases::draw(int64_t length) {
  std::string bases;
  while (static_cast<int64_t>(bases.size()) < length) {
    bases += random_bases(random_.between(15, 70));
    bases += structure();
    gc_per_mille_ += static_cast<int>(random_.between(-40, 40));
    gc_per_mille_ = std::clamp(gc_per_mille_, 160, 420);
  }
  bases.resize(static_cast<size_t>(length));
  return bases;
}

std::string IntergenicBases::random_bases(int64_t length) {
  std::string bases;
  for (int64_t i = 0; i < length; ++i) {
    // A tenth of the bases repeat the one before, which makes the short runs of AT-rich genomes.
    bases +=
        !bases.empty() && random_.below(10) == 0 ? bases.back() : draw_base(random_, gc_per_mille_);
  }
  return bases;
}

/// One element of longer range, shorter than a window, so that it tells little about the gene.
std::string IntergenicBases::structure() {
  switch (random_.below(6)) {
    case 0: {
      const char base = "AT"[random_.below(2)];
      return std::string(static_cast<size_t>(random_.between(6, 14)), base);
    }
    case 1: {
      const std::string unit = random_bases(random_.between(2, 7));
      std::string repeat;
      for (int64_t copies = random_.between(2, 4); copies > 0; --copies) repeat += unit;
      return repeat;
    }
    case 2: {
      const std::string stem = random_bases(random_.between(8, 14));
      return stem + random_bases(random_.between(4, 8)) + reverse_complement(stem);
    }
    case 3: {
      const std::string& element =
          elements_[static_cast<size_t>(random_.below(static_cast<int64_t>(elements_.size())))];
      return random_.below(2) ? element : reverse_complement(element);
    }
    default:
      return "";
  }
}

std::string random_bases(CountedRandom& random, int64_t length, int gc_per_mille) {
  std::string bases;
  for (int64_t i = 0; i < length; ++i) bases += draw_base(random, gc_per_mille);
  return bases;
}

// In these functions there is one draw a statement, because the order of draws within an
// expression would be the compiler's.

std::string leader(CountedRandom& random, bool protein) {
  std::string bases = "TTGACA";
  bases += random_bases(random, random.between(16, 18), 280);
  bases += "TATAAT";
  bases += random_bases(random, random.between(5, 40), 280);
  if (protein) {
    bases += "AGGAG";
    bases += random_bases(random, random.between(5, 9), 200);
  }
  return bases;
}

std::string coding_bases(CountedRandom& random, int64_t amino_acids) {
  std::string bases = "ATG";
  for (int64_t i = 1; i < amino_acids; ++i) {
    bases += codon_for(random, protein_alphabet().letters()[random.weighted(amino_acid_weights)]);
  }
  constexpr std::array<std::string_view, 3> stops = {"TAA", "TAG", "TGA"};
  return bases.append(stops[random.weighted(std::array{6, 2, 2})]);
}

std::string transfer_rna(CountedRandom& random, std::string_view anticodon) {
  const auto stem = [&random](int64_t length) { return random_bases(random, length, 550); };
  const auto arm = [](const std::string& strand, const std::string& loop) {
    return strand + loop + reverse_complement(strand);
  };
  const std::string acceptor = stem(7);
  std::string bases = acceptor + "TA";
  bases += arm(stem(4), "AGTTGGTTA");
  bases += "A";
  bases += arm(stem(5), "CT" + std::string(anticodon) + "AA");
  bases += stem(5);
  bases += arm(stem(5), "TTCGAAT");
  bases += reverse_complement(acceptor);
  return bases += stem(1);
}

std::string intron(CountedRandom& random, IntergenicBases& intergenic) {
  return "GTGCG" + intergenic.draw(random.between(300, 700)) + "AT";
}

}  // namespace stroma
