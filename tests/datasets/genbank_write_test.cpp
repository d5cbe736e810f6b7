#include "datasets/genbank_write.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "datasets/genbank.h"

namespace stroma {
namespace {

Span random_span(std::mt19937& random, int64_t length) {
  const auto begin = static_cast<int64_t>(random()) % length;
  const auto end = begin + 1 + static_cast<int64_t>(random()) % (length - begin);
  const bool site = random() % 8 == 0 && begin > 0;
  return {begin, site ? begin : end, random() % 2 == 0, random() % 8 == 0 ? "J00194.1" : ""};
}

TEST(GenBankWrite, LocationsReadBackTheSame) {
  std::mt19937 random(2);
  for (int trial = 0; trial < 1000; ++trial) {
    Location location;
    const bool one_strand = random() % 2;
    for (auto parts = 1 + random() % 5; parts > 0; --parts) {
      location.spans.push_back(random_span(random, 500));
      if (one_strand) location.spans.back().complement = location.spans.front().complement;
    }
    const std::string text = location_text(location);
    EXPECT_EQ(parse_location(text, {.length = 500, .circular = false, .where = "x"}).spans,
              location.spans)
        << text;
  }
}

TEST(GenBankWrite, RecordsReadBackTheSame) {
  std::mt19937 random(4);
  for (const size_t length : {1u, 9u, 10u, 60u, 61u, 12345u}) {
    Record record;
    record.name = "NAME";
    record.definition = "A definition.";
    record.accession = "ACC";
    record.version = "ACC.1";
    record.organism = "No such";
    record.circular = length % 2;
    while (record.letters.size() < length) record.letters += "ACGTN"[random() % 5];
    Location location;
    for (int i = 0; i < 30; ++i) {
      location.spans.push_back(random_span(random, static_cast<int64_t>(length)));
    }
    Feature feature{.key = "CDS", .location = location_text(location)};
    std::string note, translation;
    for (int i = 0; i < 50; ++i) note += (i ? " word" : "a \"quoted\"") + std::to_string(i);
    for (int i = 0; i < 200; ++i) translation += "ACDEFGHIKL"[random() % 10];
    feature.qualifiers = {{"gene", "x"},
                          {"pseudo", ""},
                          {"note", note},
                          {"codon_start", "1"},
                          {"translation", translation}};
    record.features = {feature, feature};

    std::ostringstream out;
    write_genbank(out, record);
    const auto records = parse_genbank(out.str() + out.str(), "x");
    ASSERT_EQ(records.size(), 2u);
    for (const Record& read : records) {
      EXPECT_EQ(read.name, record.name);
      EXPECT_EQ(read.definition, record.definition);
      EXPECT_EQ(read.accession, record.accession);
      EXPECT_EQ(read.version, record.version);
      EXPECT_EQ(read.organism, record.organism);
      EXPECT_EQ(read.circular, record.circular);
      EXPECT_EQ(read.letters, record.letters);
      ASSERT_EQ(read.features.size(), 2u);
      for (const Feature& got : read.features) {
        EXPECT_EQ(got.key, "CDS");
        EXPECT_EQ(got.location, feature.location);
        ASSERT_EQ(got.qualifiers.size(), feature.qualifiers.size());
        for (size_t i = 0; i < got.qualifiers.size(); ++i) {
          EXPECT_EQ(got.qualifiers[i].key, feature.qualifiers[i].key);
          EXPECT_EQ(got.qualifiers[i].value, feature.qualifiers[i].value);
        }
      }
    }
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

}  // namespace
}  // namespace stroma
