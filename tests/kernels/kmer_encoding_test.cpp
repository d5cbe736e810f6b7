#include "kernels/kmer_encoding.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

/// Windows anywhere in random codes, one in eight of them unknown.
struct Letters {
  explicit Letters(const KmerShape& s) : codes(3 * s.length + 7), starts(s.batch) {
    std::mt19937 random(static_cast<unsigned>(s.length * s.batch));
    for (uint8_t& code : codes) {
      code = static_cast<uint8_t>(random() % 8 == 0 ? s.letters : random() % s.letters);
    }
    for (int64_t& start : starts) {
      start = static_cast<int64_t>(random() % (codes.size() - s.length + 1));
    }
  }
  /// The number of the k-mer at position p of window n, −1 where there is none.
  int64_t kmer(const KmerShape& s, int64_t n, int64_t p) const {
    int64_t number = 0, factor = 1;
    for (int64_t i = s.k - 1; i >= 0; --i, factor *= s.letters) {
      const int64_t code = codes[starts[n] + p + i];
      if (code >= s.letters) return -1;
      number += code * factor;
    }
    return number;
  }

  std::vector<uint8_t> codes;
  std::vector<int64_t> starts;
};

const std::vector<KmerShape> shapes = {{1, 1, 4, 1},     {40, 32, 4, 6},     {7, 3, 4, 7, 5},
                                       {53, 5, 20, 3},   {300, 17, 4, 3, 3}, {1009, 2, 5, 2, 7},
                                       {301, 7, 4, 1, 1}};

TEST(KmerTokens, AreTheNumbersOfKMersFromOneOnAndZeroForNone) {
  for (const KmerShape& s : shapes) {
    SCOPED_TRACE(testing::Message() << s.length << " letters, k " << s.k << " every " << s.stride);
    const Letters letters(s);
    std::vector<int32_t> expected;
    for (int64_t p = 0; p + s.k <= s.length; p += s.stride) {
      for (int64_t n = 0; n < s.batch; ++n) {
        expected.push_back(static_cast<int32_t>(letters.kmer(s, n, p) + 1));
      }
    }
    test::on_each_device([&]<class T>(const auto& context, T) {
      test::Array codes(context, letters.codes);
      test::Array starts(context, letters.starts);
      test::Array output(context, std::vector<int32_t>(expected.size(), -1));
      kmer_tokens(context, {s, {codes.data(), starts.data()}, output.data()});
      EXPECT_EQ(output.host(), expected);
    });
  }
}

TEST(KmerCounts, AreHowOftenEachFeatureOccursOrItsShare) {
  for (KmerShape s : shapes) {
    s.stride = 1;
    SCOPED_TRACE(testing::Message() << s.length << " letters, k " << s.k);
    const Letters letters(s);
    int64_t kmers = 1;
    for (int64_t i = 0; i < s.k; ++i) kmers *= s.letters;
    for (const bool joined : {false, true}) {  // two neighbouring k-mers are one feature
      for (const bool normalize : {false, true}) {
        const int64_t features = joined ? (kmers + 1) / 2 : kmers;
        std::vector<int32_t> feature(kmers);
        for (int64_t m = 0; m < kmers; ++m) feature[m] = static_cast<int32_t>(m / 2);
        test::on_each_device([&]<class T>(const auto& context, T) {
          std::vector<T> expected(s.batch * features);
          for (int64_t n = 0; n < s.batch; ++n) {
            int64_t all = 0;
            for (int64_t p = 0; p + s.k <= s.length; ++p) {
              const int64_t kmer = letters.kmer(s, n, p);
              if (kmer < 0) continue;
              ++expected[n * features + (joined ? kmer / 2 : kmer)];
              ++all;
            }
            for (int64_t f = 0; normalize && all > 0 && f < features; ++f) {
              expected[n * features + f] /= static_cast<T>(all);  // rounded once
            }
          }
          test::Array codes(context, letters.codes);
          test::Array starts(context, letters.starts);
          test::Array of_kmer(context, feature);
          for (const auto& output : test::with_thread_orders(context, [&] {
                 test::Array result(context, std::vector<T>(expected.size(), -1));
                 kmer_counts(context, KmerCounts<T>{.shape = s,
                                                    .windows = {codes.data(), starts.data()},
                                                    .feature = joined ? of_kmer.data() : nullptr,
                                                    .features = features,
                                                    .normalize = normalize,
                                                    .output = result.data()});
                 return result.host();
               })) {
            ASSERT_EQ(output, expected);
          }
        });
      }
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
