#include "datasets/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "datasets/alphabet.h"
#include "datasets/genbank_write.h"
#include "datasets/genetic_code.h"
#include "datasets/simulate_bases.h"
#include "engine/random.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::array<std::string_view, 80> protein_genes = {
    "psbA",  "psaA",  "rps12", "rbcL",  "atpB",  "atpF",  "ycf3",  "clpP",  "psaB",  "psbB",
    "psbC",  "psbD",  "atpA",  "atpE",  "atpI",  "petA",  "petB",  "petD",  "rpl2",  "rpl16",
    "rps16", "rpoA",  "rpoB",  "rpoC1", "rpoC2", "rps2",  "rps3",  "rps4",  "rps7",  "rps8",
    "rps11", "rps14", "rps15", "rps18", "rps19", "rpl14", "rpl20", "rpl22", "rpl23", "rpl32",
    "rpl33", "rpl36", "ndhA",  "ndhB",  "ndhC",  "ndhD",  "ndhE",  "ndhF",  "ndhG",  "ndhH",
    "ndhI",  "ndhJ",  "ndhK",  "accD",  "ccsA",  "cemA",  "matK",  "ycf1",  "ycf2",  "ycf4",
    "psaC",  "psaI",  "psaJ",  "psbE",  "psbF",  "psbH",  "psbI",  "psbJ",  "psbK",  "psbL",
    "psbM",  "psbN",  "psbT",  "psbZ",  "petG",  "petL",  "petN",  "atpH",  "infA",  "tufA"};

constexpr std::array<std::string_view, 29> transfer_rnas = {
    "trnA-UGC", "trnC-GCA", "trnD-GUC", "trnE-UUC", "trnF-GAA", "trnG-GCC", "trnG-UCC", "trnH-GUG",
    "trnI-CAU", "trnI-GAU", "trnK-UUU", "trnL-CAA", "trnL-UAA", "trnL-UAG", "trnM-CAU", "trnN-GUU",
    "trnP-UGG", "trnQ-UUG", "trnR-ACG", "trnR-UCU", "trnS-GCU", "trnS-GGA", "trnS-UGA", "trnT-GGU",
    "trnT-UGU", "trnV-GAC", "trnV-UAC", "trnW-CCA", "trnY-GUA"};

struct RibosomalRna {
  std::string_view name;
  int64_t length;
};
constexpr std::array<RibosomalRna, 4> ribosomal_rnas = {
    {{"rrn16", 1491}, {"rrn23", 2810}, {"rrn4.5", 103}, {"rrn5", 121}}};

/// A stretch of the genome with exons of one gene, on the strand of the gene: leader, exon, intron,
/// exon, …
struct Piece {
  std::string bases;
  std::vector<Span> exons;  // within bases
  size_t gene = 0;
};

struct Gene {
  std::string name;
  std::string key;  // CDS, tRNA, rRNA
  bool trans_spliced = false;
  bool over_origin = false;
  std::vector<Span> exons;  // in the genome, in biological order
};

void append_exon(Piece& piece, std::string_view bases) {
  const auto begin = static_cast<int64_t>(piece.bases.size());
  piece.bases += bases;
  piece.exons.push_back({begin, static_cast<int64_t>(piece.bases.size()), false, ""});
}

/// Amino acids of a protein: 60 … 600, around half of all genes with 100 or more.
int64_t draw_protein_length(CountedRandom& random) {
  constexpr std::array<int64_t, 5> bounds = {60, 100, 200, 350, 601};
  const size_t bin = random.weighted(std::array{24, 38, 24, 14});
  return random.between(bounds[bin], bounds[bin + 1] - 1);
}

/// Genes and their pieces, from which the genome is then laid out.
class Builder {
 public:
  Builder(int64_t genes, uint64_t seed) : seed_(seed), random_(seed), intergenic_(random_) {
    const int64_t transfer = std::min<int64_t>(transfer_rnas.size(), genes * 29 / 100);
    const int64_t ribosomal = std::min<int64_t>(ribosomal_rnas.size(), genes * 4 / 100);
    for (int64_t i = 0; i < genes - transfer - ribosomal; ++i) add_protein(i);
    for (int64_t i = 0; i < transfer; ++i) add_transfer_rna(i);
    for (int64_t i = 0; i < ribosomal; ++i) {
      Piece& piece = add_gene(std::string(ribosomal_rnas[i].name), "rRNA");
      append_exon(piece, random_bases(random_, ribosomal_rnas[i].length, 520));
    }
  }

  Record build() {
    lay_out();
    rotate();
    return annotate();
  }

 private:
  Piece& add_gene(std::string name, const char* key) {
    genes_.push_back({.name = std::move(name), .key = key, .exons = {}});
    pieces_.push_back({.bases = leader(random_, std::string_view(key) == "CDS"),
                       .exons = {},
                       .gene = genes_.size() - 1});
    return pieces_.back();
  }

  /// Number 0 lies over the origin, number 1 is trans-spliced; every sixth from number 2 has an
  /// intron, and every second of these two.
  void add_protein(int64_t number) {
    const auto named = static_cast<int64_t>(protein_genes.size());
    add_gene(number < named ? std::string(protein_genes[number])
                            : fmt::format("orf{}", number - named + 1),
             "CDS");
    const std::string bases = coding_bases(random_, draw_protein_length(random_));
    int64_t exons = 1;
    if (number == 1 || number % 12 == 2) exons = 2;
    if (number % 12 == 8) exons = 3;
    size_t begin = 0;
    for (int64_t exon = 1; exon <= exons; ++exon) {
      // Exons end anywhere within a codon.
      const size_t end =
          exon == exons ? bases.size() : begin + static_cast<size_t>(random_.between(20, 80));
      if (exon == 2 && number == 1) {
        pieces_.push_back({.bases = "", .exons = {}, .gene = genes_.size() - 1});
      } else if (exon > 1) {
        pieces_.back().bases += intron(random_, intergenic_);
      }
      append_exon(pieces_.back(), std::string_view(bases).substr(begin, end - begin));
      begin = end;
    }
    genes_.back().over_origin = number == 0;
    genes_.back().trans_spliced = number == 1;
  }

  void add_transfer_rna(int64_t number) {
    const std::string_view name = transfer_rnas[number];
    Piece& piece = add_gene(std::string(name), "tRNA");
    std::string anticodon(name.substr(5));
    std::replace(anticodon.begin(), anticodon.end(), 'U', 'T');
    const std::string bases = transfer_rna(random_, anticodon);
    if (number % 6 != 0) return append_exon(piece, bases);
    append_exon(piece, std::string_view(bases).substr(0, 37));  // behind the anticodon
    piece.bases += intron(random_, intergenic_);
    append_exon(piece, std::string_view(bases).substr(37));
  }

  /// The pieces in random order on random strands, neighbours often on one strand, with 300 bases
  /// and more between them so that no two genes share what lies upstream.
  void lay_out() {
    const auto count = static_cast<int64_t>(pieces_.size());
    bool reverse = false;
    for (const int32_t index : shuffled_indices(count, seed_, RandomStream::simulate, 1)) {
      const Piece& piece = pieces_[static_cast<size_t>(index)];
      if (random_.below(4) == 0) reverse = !reverse;
      letters_ += intergenic_.draw(random_.between(300, 800));
      place(piece, reverse);
    }
  }

  void place(const Piece& piece, bool reverse) {
    const auto begin = static_cast<int64_t>(letters_.size());
    letters_ += reverse ? reverse_complement(piece.bases) : piece.bases;
    const auto end = static_cast<int64_t>(letters_.size());
    std::vector<Span> exons;
    for (const Span& exon : piece.exons) {
      exons.push_back(reverse ? Span{end - exon.end, end - exon.begin, true, ""}
                              : Span{begin + exon.begin, begin + exon.end, false, ""});
    }
    // The pieces of the trans-spliced gene come in any order; its first begins with the leader.
    std::vector<Span>& all = genes_[piece.gene].exons;
    all.insert(piece.exons.front().begin > 0 ? all.begin() : all.end(), exons.begin(), exons.end());
  }

  /// Moves the origin into the first gene.
  void rotate() {
    const Span exon = genes_.front().exons.front();
    const int64_t shift = (exon.begin + exon.end) / 2;
    const auto size = static_cast<int64_t>(letters_.size());
    std::rotate(letters_.begin(), letters_.begin() + shift, letters_.end());
    for (Gene& gene : genes_) {
      std::vector<Span> exons;
      for (Span span : gene.exons) {
        span.begin = (span.begin + size - shift) % size;
        span.end = (span.end + size - shift) % size;
        if (span.begin < span.end) {
          exons.push_back(span);
          continue;
        }
        const Span before{span.begin, size, span.complement, ""};
        const Span behind{0, span.end, span.complement, ""};
        exons.push_back(span.complement ? behind : before);
        exons.push_back(span.complement ? before : behind);
      }
      gene.exons = exons;
    }
  }

  Record annotate() {
    Record record;
    record.name = "SIMULATED";
    record.accession = "SIMULATED";
    record.version = fmt::format("SIMULATED.{}", seed_);
    record.definition =
        fmt::format("Simulated plastid genome, {} genes, seed {}.", genes_.size(), seed_);
    record.organism = "synthetic construct";
    record.circular = true;
    record.letters = letters_;
    record.features.push_back({.key = "source",
                               .location = fmt::format("1..{}", letters_.size()),
                               .qualifiers = {{"organism", record.organism},
                                              {"organelle", "plastid:chloroplast"},
                                              {"mol_type", "genomic DNA"}}});
    std::sort(genes_.begin(), genes_.end(),
              [](const Gene& a, const Gene& b) { return first_base(a) < first_base(b); });
    for (size_t i = 0; i < genes_.size(); ++i) annotate_gene(genes_[i], i + 1, record);
    return record;
  }

  static int64_t first_base(const Gene& gene) {
    int64_t first = gene.exons.front().begin;
    for (const Span& exon : gene.exons) first = std::min(first, exon.begin);
    return first;
  }

  static void annotate_gene(const Gene& gene, size_t number, Record& record) {
    Feature whole;
    whole.key = "gene";
    whole.location = location_text({gene.exons});
    if (!gene.trans_spliced && !gene.over_origin) {  // from end to end, with its introns
      Span span = gene.exons.front();
      for (const Span& exon : gene.exons) {
        span.begin = std::min(span.begin, exon.begin);
        span.end = std::max(span.end, exon.end);
      }
      whole.location = location_text({{span}});
    }
    whole.qualifiers = {{"gene", gene.name}, {"locus_tag", fmt::format("Demo{:04}", number)}};
    if (gene.trans_spliced) whole.qualifiers.push_back({"trans_splicing", ""});

    Feature product = whole;
    product.key = gene.key;
    product.location = location_text({gene.exons});
    std::string label = gene.name;
    if (gene.key == "CDS") {
      label[0] = static_cast<char>(std::toupper(label[0]));
      std::string protein =
          translate(letters_at({gene.exons}, record.letters), *find_genetic_code(11));
      protein.pop_back();  // the stop
      product.qualifiers.insert(product.qualifiers.end(), {{"codon_start", "1"},
                                                           {"transl_table", "11"},
                                                           {"product", label + " protein"},
                                                           {"translation", protein}});
    } else {
      product.qualifiers.push_back(
          {"product", label + " " + (gene.key == "tRNA" ? "transfer" : "ribosomal") + " RNA"});
    }
    record.features.push_back(std::move(whole));
    record.features.push_back(std::move(product));
  }

  uint64_t seed_;
  CountedRandom random_;
  IntergenicBases intergenic_;
  std::vector<Gene> genes_;
  std::vector<Piece> pieces_;
  std::string letters_;
};

}  // namespace

Record simulate_record(int64_t genes, uint64_t seed) {
  if (genes < 5 || genes > 100000) {
    throw Error(fmt::format("cannot simulate {} genes: give 5 to 100000", genes));
  }
  return Builder(genes, seed).build();
}

std::string simulate(int64_t genes, uint64_t seed) {
  std::ostringstream out;
  write_genbank(out, simulate_record(genes, seed));
  return out.str();
}

}  // namespace stroma
