#include "kernels/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/philox.h"
#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

template <class T, class Context>
std::vector<T> run(const Context& context, const std::vector<T>& input, float probability,
                   uint64_t seed = 5, uint32_t stream = 7, int64_t step = 11) {
  test::Array x(context, input), y(context, std::vector<T>(input.size()));
  test::Array on_step(context, std::vector{step});
  dropout(context, Dropout<T>{.count = static_cast<int64_t>(input.size()),
                              .probability = probability,
                              .seed = seed,
                              .stream = stream,
                              .step = on_step.data(),
                              .input = x.data(),
                              .output = y.data()});
  return y.host();
}

TEST(Dropout, DropsTheElementsThatPhiloxNames) {
  std::mt19937 random(1);
  for (const int64_t count : {1, 2, 3, 4, 5, 101, 4096, 4099, 40009}) {
    for (const float p : {0.0f, 0.3f, 0.5f, 0.9f}) {
      test::on_each_device([&]<class T>(const auto& context, T) {
        const std::vector<T> x = test::random_values<T>(count, random);
        const std::vector<T> y = run(context, x, p);
        const auto factor = static_cast<T>(1 / (1 - double(p)));
        for (int64_t i = 0; i < count; ++i) {
          const uint32_t word = random_block(5, 7, 11, i / 4).word[i % 4];
          ASSERT_EQ(y[i], uniform_from_word(word) >= p ? x[i] * factor : T{0}) << i;
        }
      });
    }
  }
}

TEST(Dropout, WorksAtAnyAddress) {
  test::on_each_device([]<class T>(const auto& context, T) {
    std::mt19937 random(1);
    const int64_t count = 1009;
    std::vector<T> values = test::random_values<T>(count, random);
    const std::vector<T> expected = run(context, values, 0.3f);
    values.insert(values.begin(), T{-9});
    test::Array x(context, values);
    test::Array step(context, std::vector<int64_t>{11});
    dropout(context, Dropout<T>{count, 0.3f, 5, 7, step.data(), x.data() + 1, x.data() + 1});
    std::vector<T> y = x.host();
    EXPECT_EQ(y[0], T{-9});
    y.erase(y.begin());
    EXPECT_EQ(y, expected);
  });
}

TEST(Dropout, KeepsTheExpectedShareForEverySeedStreamAndStep) {
  const int64_t count = 100003;
  const float p = 0.3f;
  const std::vector<float> ones(count, 1.0f);
  for (const auto& y : {run(Cpu{}, ones, p), run(Cpu{}, ones, p, 6), run(Cpu{}, ones, p, 5, 8),
                        run(Cpu{}, ones, p, 5, 7, 12)}) {
    const auto kept = static_cast<double>(count - std::count(y.begin(), y.end(), 0.0f));
    // Five standard deviations of a binomial.
    EXPECT_NEAR(kept, count * (1 - p), 5 * std::sqrt(count * p * (1 - p)));
  }
  EXPECT_NE(run(Cpu{}, ones, p), run(Cpu{}, ones, p, 6));
  EXPECT_NE(run(Cpu{}, ones, p), run(Cpu{}, ones, p, 5, 8));
  EXPECT_NE(run(Cpu{}, ones, p), run(Cpu{}, ones, p, 5, 7, 12));
}

TEST(Dropout, WorksInPlace) {
  test::on_each_device([]<class T>(const auto& context, T) {
    const std::vector<T> values(1009, T{2});
    test::Array x(context, values);
    test::Array step(context, std::vector<int64_t>{11});
    dropout(context, Dropout<T>{1009, 0.5f, 5, 7, step.data(), x.data(), x.data()});
    EXPECT_EQ(x.host(), run(context, values, 0.5f));
  });
}

TEST(Dropout, BitsDoNotDependOnTheNumberOfThreads) {
  std::mt19937 random(1);
  const std::vector<float> x = test::random_values<float>(40009, random);
  const auto results = test::with_thread_counts([&] { return run(Cpu{}, x, 0.3f); });
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

}  // namespace
}  // namespace stroma::kernels
