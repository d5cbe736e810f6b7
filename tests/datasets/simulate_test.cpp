#include "datasets/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "datasets/alphabet.h"
#include "datasets/extract.h"
#include "datasets/genbank.h"
#include "datasets/genetic_code.h"
#include "kernels/error.h"

namespace stroma {
namespace {

Record read_back(int64_t genes, uint64_t seed) {
  const auto records = parse_genbank(simulate(genes, seed), "demo.gb");
  EXPECT_EQ(records.size(), 1u);
  return records.front();
}

std::vector<const Feature*> features_of(const Record& record, std::string_view key) {
  std::vector<const Feature*> found;
  for (const Feature& feature : record.features) {
    if (feature.key == key) found.push_back(&feature);
  }
  return found;
}

TEST(Simulate, EveryTranslationIsThatOfItsBases) {
  for (const int64_t genes : {5, 13, 100, 211}) {
    for (const uint64_t seed : {0, 7}) {
      const auto record = read_back(genes, seed);
      for (const Feature* cds : features_of(record, "CDS")) {
        const std::string bases = letters_at(location_of(record, *cds), record.letters);
        EXPECT_EQ(bases.size() % 3, 0u);
        EXPECT_TRUE(bases.starts_with("ATG"));
        EXPECT_EQ(translate(bases, *find_genetic_code(11)), *cds->find("translation") + "*")
            << *cds->find("gene");
        EXPECT_EQ(cds->find("translation")->find('*'), std::string::npos);
      }
    }
  }
}

TEST(Simulate, EachGeneHasAProductInsideIt) {
  const auto record = read_back(100, 7);
  const auto genes = features_of(record, "gene");
  for (const Feature* gene : genes) {
    const Feature* product = gene + 1;
    ASSERT_EQ(*product->find("gene"), *gene->find("gene"));
    EXPECT_TRUE(product->key == "CDS" || product->key == "tRNA" || product->key == "rRNA");
    const Location whole = location_of(record, *gene);
    for (const Span& exon : location_of(record, *product).spans) {
      EXPECT_TRUE(std::any_of(whole.spans.begin(), whole.spans.end(), [&](const Span& span) {
        return span.begin <= exon.begin && exon.end <= span.end &&
               span.complement == exon.complement;
      }));
    }
  }
}

TEST(Simulate, HasGenesOfEveryKindOnBothStrands) {
  for (const int64_t genes : {25, 100}) {
    const auto record = read_back(genes, 7);
    EXPECT_TRUE(record.circular);
    const auto all = features_of(record, "gene");
    EXPECT_EQ(static_cast<int64_t>(all.size()), genes);
    EXPECT_FALSE(features_of(record, "tRNA").empty());
    EXPECT_FALSE(features_of(record, "rRNA").empty());
    int64_t reverse = 0, trans_spliced = 0, over_origin = 0, spliced = 0;
    for (const Feature* gene : all) {
      const auto spans = location_of(record, *gene).spans;
      reverse += spans.front().complement;
      trans_spliced += gene->find("trans_splicing") != nullptr;
      const bool two = spans.size() == 2;
      const auto size = static_cast<int64_t>(record.letters.size());
      over_origin += two && std::max(spans[0].end, spans[1].end) == size &&
                     std::min(spans[0].begin, spans[1].begin) == 0;
      spliced += spans.size() == 1 && location_of(record, *(gene + 1)).spans.size() > 1;
    }
    EXPECT_GT(reverse, genes / 5);
    EXPECT_LT(reverse, genes - genes / 5);
    EXPECT_EQ(trans_spliced, 1);
    EXPECT_EQ(over_origin, 1);
    EXPECT_GE(spliced, 2);
  }
}

TEST(Simulate, LooksLikeAPlastome) {
  const auto record = read_back(100, 7);
  const double size = static_cast<double>(record.letters.size());
  EXPECT_GT(size, 80e3);
  EXPECT_LT(size, 200e3);
  EXPECT_EQ(find_unknown(dna_alphabet(), std::vector<Sequence>{{"x", record.letters}}).count, 0);
  const auto at = std::count_if(record.letters.begin(), record.letters.end(),
                                [](char base) { return base == 'A' || base == 'T'; });
  EXPECT_GT(static_cast<double>(at) / size, 0.6);
  EXPECT_LT(static_cast<double>(at) / size, 0.75);
}

TEST(Simulate, GivesAnUpstreamRegionForEachGeneAndFewRepeatedWindows) {
  for (const uint64_t seed : {0, 7, 12345}) {
    const std::vector<Record> records = {read_back(100, seed)};
    std::set<std::string> names, windows;
    int64_t all_windows = 0;
    for (const Sequence& sequence : extract_upstream(records).sequences) {
      names.insert(sequence.id);
      for (size_t i = 0; i + 40 <= sequence.letters.size(); ++i, ++all_windows) {
        windows.insert(sequence.letters.substr(i, 40));
      }
    }
    EXPECT_EQ(names.size(), 100u);
    EXPECT_EQ(all_windows, 100 * 261);
    EXPECT_GT(static_cast<double>(windows.size()), 0.995 * static_cast<double>(all_windows));
    const size_t proteins = extract_proteins(records).sequences.size();
    EXPECT_GE(proteins, 40u);
    EXPECT_LE(proteins, 60u);
  }
}

TEST(Simulate, IsFixedByItsSeed) {
  EXPECT_EQ(simulate(20, 3), simulate(20, 3));
  EXPECT_NE(simulate(20, 3), simulate(20, 4));
  // FNV-1a of the text: it changes only if the demo genome does, on any machine and compiler.
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : simulate()) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  EXPECT_EQ(hash, 0x7ca286552d55c79a);
}

TEST(Simulate, RefusesNumbersOfGenesOutOfRange) {
  EXPECT_THROW(simulate(4), Error);
  EXPECT_THROW(simulate(-1), Error);
  EXPECT_THROW(simulate(100001), Error);
}

}  // namespace
}  // namespace stroma
