#include "datasets/genetic_code.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>

namespace stroma {
namespace {

// https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi. The numbers that are missing are
// missing there.
constexpr std::array codes = {
    GeneticCode{1, "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "---M------**--*----M---------------M----------------------------"},
    GeneticCode{2, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
                "----------**--------------------MMMM----------**---M------------"},
    GeneticCode{3, "FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------**----------------------MM---------------M------------"},
    GeneticCode{4, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "--MM------**-------M------------MMMM---------------M------------"},
    GeneticCode{5, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSSSVVVVAAAADDEEGGGG",
                "---M------**--------------------MMMM---------------M------------"},
    GeneticCode{6, "FFLLSSSSYYQQCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "--------------*--------------------M----------------------------"},
    GeneticCode{9, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
                "----------**-----------------------M---------------M------------"},
    GeneticCode{10, "FFLLSSSSYY**CCCWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------**-----------------------M----------------------------"},
    GeneticCode{11, "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "---M------**--*----M------------MMMM---------------M------------"},
    GeneticCode{12, "FFLLSSSSYY**CC*WLLLSPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------**--*----M---------------M----------------------------"},
    GeneticCode{13, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSSGGVVVVAAAADDEEGGGG",
                "---M------**----------------------MM---------------M------------"},
    GeneticCode{14, "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
                "-----------*-----------------------M----------------------------"},
    GeneticCode{15, "FFLLSSSSYY*QCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------*---*--------------------M----------------------------"},
    GeneticCode{16, "FFLLSSSSYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------*---*--------------------M----------------------------"},
    GeneticCode{21, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNNKSSSSVVVVAAAADDEEGGGG",
                "----------**-----------------------M---------------M------------"},
    GeneticCode{22, "FFLLSS*SYY*LCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "------*---*---*--------------------M----------------------------"},
    GeneticCode{23, "FF*LSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "--*-------**--*-----------------M--M---------------M------------"},
    GeneticCode{24, "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
                "---M------**-------M---------------M---------------M------------"},
    GeneticCode{25, "FFLLSSSSYY**CCGWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "---M------**-----------------------M---------------M------------"},
    GeneticCode{26, "FFLLSSSSYY**CC*WLLLAPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------**--*----M---------------M----------------------------"},
    GeneticCode{27, "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "--------------*--------------------M----------------------------"},
    GeneticCode{28, "FFLLSSSSYYQQCCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------**--*--------------------M----------------------------"},
    GeneticCode{29, "FFLLSSSSYYYYCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "--------------*--------------------M----------------------------"},
    GeneticCode{30, "FFLLSSSSYYEECC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "--------------*--------------------M----------------------------"},
    GeneticCode{31, "FFLLSSSSYYEECCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "----------**-----------------------M----------------------------"},
    GeneticCode{32, "FFLLSSSSYY*WCC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
                "---M------*---*----M------------MMMM---------------M------------"},
    GeneticCode{33, "FFLLSSSSYYY*CCWWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSSKVVVVAAAADDEEGGGG",
                "---M-------*-------M---------------M---------------M------------"},
};

/// Which of TCAG (bits 0 to 3) a letter may be; none for what is no base.
unsigned readings(char letter) {
  constexpr std::string_view by_bits = "-TCYAWMHGKSBRDVN";
  const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  const size_t bits = by_bits.find(upper == 'U' ? 'T' : upper);
  return bits == by_bits.npos ? 0 : static_cast<unsigned>(bits);
}

/// The letter for what is `a` or `b`.
char either(char a, char b) {
  constexpr std::array<std::string_view, 3> groups = {"DNB", "EQZ", "ILJ"};
  if (a == b) return a;
  for (const std::string_view group : groups) {
    if (group.find(a) != group.npos && group.find(b) != group.npos) return group.back();
  }
  return 'X';
}

/// What all readings of the codon are in `row`, put together by either(); 'X' where there are none.
char read(std::string_view row, std::string_view codon) {
  const std::array<unsigned, 3> bases = {readings(codon[0]), readings(codon[1]),
                                         readings(codon[2])};
  if (std::all_of(bases.begin(), bases.end(), std::has_single_bit<unsigned>)) {
    return row[16 * std::countr_zero(bases[0]) + 4 * std::countr_zero(bases[1]) +
               std::countr_zero(bases[2])];
  }
  char result = '\0';
  for (size_t i = 0; i < row.size(); ++i) {
    if ((bases[0] >> i / 16 & bases[1] >> i / 4 % 4 & bases[2] >> i % 4 & 1) == 0) continue;
    result = result == '\0' ? row[i] : either(result, row[i]);
  }
  return result == '\0' ? 'X' : result;
}

}  // namespace

char GeneticCode::translate(std::string_view codon) const { return read(amino_acids, codon); }
bool GeneticCode::is_start(std::string_view codon) const { return read(ends, codon) == 'M'; }
bool GeneticCode::is_stop(std::string_view codon) const { return read(ends, codon) == '*'; }

const GeneticCode* find_genetic_code(int table) {
  const auto* found = std::find_if(codes.begin(), codes.end(),
                                   [&](const GeneticCode& code) { return code.table == table; });
  return found == codes.end() ? nullptr : &*found;
}

std::string translate(std::string_view bases, const GeneticCode& code) {
  std::string protein;
  protein.reserve(bases.size() / 3);
  for (size_t i = 0; i + 3 <= bases.size(); i += 3) protein += code.translate(bases.substr(i, 3));
  return protein;
}

}  // namespace stroma
