#include "kernels/elementwise.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/devices.h"

namespace stroma::kernels {
namespace {

// One, odd, prime, a whole chunk of work, and several chunks with a rest.
const std::vector<int64_t> counts = {0, 1, 7, 101, 1 << 15, 100003};

template <class T>
std::vector<T> random_values(int64_t count, int seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> values(count);
  for (T& value : values) value = uniform(random);
  return values;
}

template <class T, class Context>
void check(const Context& context, int64_t count) {
  // One element more than `count`: it must stay as it is.
  const std::vector<T> left = random_values<T>(count + 1, 1);
  const std::vector<T> right = random_values<T>(count + 1, 2);
  const T factor = T(-1.7);

  test::Array x(context, left), y(context, right), f(context, std::vector{factor});
  test::Array on_filled(context, left), on_added_to(context, left), on_added(context, right),
      on_scaled(context, left);
  fill(context, on_filled.data(), count, T(3));
  add_to(context, on_added_to.data(), y.data(), count);
  add(context, x.data(), on_added.data(), on_added.data(), count);
  scale(context, on_scaled.data(), count, f.data());
  const std::vector<T> filled = on_filled.host(), added_to = on_added_to.host(),
                       added = on_added.host(), scaled = on_scaled.host();
  for (int64_t i = 0; i < count; ++i) {
    ASSERT_EQ(filled[i], T(3));
    ASSERT_EQ(added_to[i], left[i] + right[i]);
    ASSERT_EQ(added[i], left[i] + right[i]);
    ASSERT_EQ(scaled[i], left[i] * factor);
  }
  EXPECT_EQ(filled[count], left[count]);
  EXPECT_EQ(added_to[count], left[count]);
  EXPECT_EQ(added[count], right[count]);
  EXPECT_EQ(scaled[count], left[count]);
}

TEST(Elementwise, EveryElementAndNoOther) {
  for (const int64_t count : counts) {
    SCOPED_TRACE(count);
    test::on_each_device([&]<class T>(const auto& context, T) { check<T>(context, count); });
  }
}

TEST(Elementwise, RepeatsARow) {
  for (const int64_t rows : {1, 3, 1031}) {
    for (const int64_t columns : {1, 7, 101}) {
      test::on_each_device([&]<class T>(const auto& context, T) {
        const std::vector<T> values = random_values<T>(columns, 1);
        test::Array row(context, values);
        test::Array repeated(context, std::vector<T>(rows * columns + 1, T(-9)));
        repeat_row(context, row.data(), rows, columns, repeated.data());
        const std::vector<T> matrix = repeated.host();
        for (int64_t i = 0; i < rows * columns; ++i) ASSERT_EQ(matrix[i], values[i % columns]);
        EXPECT_EQ(matrix[rows * columns], -9);
      });
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
