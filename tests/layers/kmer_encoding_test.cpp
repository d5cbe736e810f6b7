#include "layers/kmer_encoding.h"

#include <gtest/gtest.h>

#include <set>

#include "layers/encoding.h"
#include "layers/model_spec.h"
#include "tests/tensors.h"

namespace stroma {
namespace {

/// Of "ACGTN" at each of its places, and of "TTACN".
LetterBatch letters(Device device) {
  return {Tensor::of<uint8_t>({0, 1, 2, 3, 4, 3, 3, 0, 1, 4}, {10}, device),
          Tensor::of<int64_t>({0, 5}, {2}, device), 5};
}

TEST(KmerEncoding, TokensAreNumbersOfWordsFromOneOn) {
  for (const Device device : test::devices()) {
    EXPECT_EQ(kmer_tokens(letters(device), 4, 2, 1).to_vector<int32_t>(),
              (std::vector<int32_t>{2, 16, 7, 13, 12, 2, 0, 0}));  // AC TT, CG TA, GT AC, TN CN
    EXPECT_EQ(kmer_tokens(letters(device), 4, 1, 3).to_vector<int32_t>(),
              (std::vector<int32_t>{1, 4, 4, 2}));  // A T, T C
  }
}

TEST(KmerEncoding, CanonicalFeaturesJoinAKMerAndItsReverseComplement) {
  // AA=TT, AC=GT, AG=CT, AT, CA=TG, CC=GG, CG, GA=TC, GC, TA
  EXPECT_EQ(canonical_features("ACGT", 2),
            (std::vector<int32_t>{0, 1, 2, 3, 4, 5, 6, 2, 7, 8, 5, 1, 9, 7, 4, 0}));
  for (const std::string of : {"ACGT", "TAGC", "ACGU", "NACGT", "ACGTRY-"}) {
    for (int64_t k = 1; k <= 5; ++k) {
      const std::vector<int32_t> features = canonical_features(of, k);
      const std::set<int32_t> distinct(features.begin(), features.end());
      const Encoding encoding{.kind = InputKind::kmer_counts, .k = k, .canonical = true};
      EXPECT_EQ(std::ssize(distinct), features_of(encoding, of)) << of << k;
      EXPECT_EQ(*distinct.rbegin() + 1, std::ssize(distinct)) << of << k;
    }
  }
}

TEST(KmerEncoding, CountsAreOfFeatures) {
  for (const Device device : test::devices()) {
    const std::vector<int32_t> features = canonical_features("ACGT", 2);
    const KmerFeatures canonical{
        .k = 2, .count = 10, .of_kmer = Tensor::of(features, {16}, device), .normalize = true};
    const std::vector<float> third = {
        0,        2 / 3.0f, 0, 0, 0, 0, 1 / 3.0f, 0, 0, 0,  // AC, CG, GT
        1 / 3.0f, 1 / 3.0f, 0, 0, 0, 0, 0,        0, 0, 1 / 3.0f};
    EXPECT_EQ(kmer_counts(letters(device), 4, canonical, DType::float32).to_vector<float>(), third);
    EXPECT_EQ(
        kmer_counts(letters(device), 4, {.k = 1, .count = 4}, DType::float32).to_vector<float>(),
        (std::vector<float>{1, 1, 1, 1, 1, 1, 0, 2}));
  }
}

TEST(KmerEncoding, RefusesWindowsThatAreTooShort) {
  EXPECT_THROW(kmer_tokens(letters({}), 4, 6, 1), Error);
  EXPECT_THROW(kmer_tokens(letters({}), 4, 2, 0), Error);
  EXPECT_THROW(kmer_counts(letters({}), 4, {.k = 0, .count = 1}, DType::float32), Error);
}

}  // namespace
}  // namespace stroma
