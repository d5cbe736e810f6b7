#include "kernels/philox.h"

#include <gtest/gtest.h>

namespace stroma {
namespace {

void expect_words(const PhiloxWords& actual, const PhiloxWords& expected) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(actual.word[i], expected.word[i]) << "word " << i;
}

// The vectors published with Random123 1.09 (kat_vectors, philox4x32 with 10 rounds).
TEST(Philox, MatchesThePublishedVectors) {
  expect_words(philox4x32_10({{0, 0, 0, 0}}, 0, 0),
               {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  const uint32_t ones = 0xffffffff;
  expect_words(philox4x32_10({{ones, ones, ones, ones}}, ones, ones),
               {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  expect_words(
      philox4x32_10({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0),
      {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
}

TEST(Philox, BlocksDifferInSeedStreamStepAndIndex) {
  const PhiloxWords base = random_block(1, 2, 3, 4);
  const uint64_t high = uint64_t{1} << 32;
  for (const PhiloxWords& other :
       {random_block(2, 2, 3, 4), random_block(1 + high, 2, 3, 4), random_block(1, 3, 3, 4),
        random_block(1, 2, 4, 4), random_block(1, 2, 3, 5), random_block(1, 2, 3, 4 + high)}) {
    EXPECT_NE(base.word[0], other.word[0]);
  }
}

TEST(Philox, UniformNumbersLieInTheHalfOpenUnitInterval) {
  EXPECT_EQ(uniform_from_word(0), 0.0f);
  EXPECT_EQ(uniform_from_word(0xffffffff), 1.0f - 1.0f / 16777216.0f);
  EXPECT_EQ(uniform_from_word(0x80000000), 0.5f);
}

}  // namespace
}  // namespace stroma
