#include "kernels/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"
#include "tests/kernels/threads.h"

namespace stroma::kernels {
namespace {

using test::random_values;

/// Any order of n + 1 additions stays within n ε Σ|x|.
template <class T, class Context>
void check_columns(const Context& context, int64_t rows, int64_t columns, int64_t stride) {
  std::mt19937 random(3);
  const std::vector<T> matrix = random_values<T>(rows * stride, random);
  test::Array on_matrix(context, matrix);
  test::Array on_sums(context, std::vector<T>(columns + 1, T(0.5)));
  test::Array also(context, std::vector<T>(columns + 1, T(0.5)));
  add_column_sums(context, on_matrix.data(), rows, columns, stride, on_sums.data(), also.data());
  const std::vector<T> sums = on_sums.host();
  EXPECT_EQ(also.host(), sums);
  for (int64_t j = 0; j < columns; ++j) {
    double sum = 0.5, magnitude = 0.5;
    for (int64_t i = 0; i < rows; ++i) {
      sum += matrix[i * stride + j];
      magnitude += std::abs(matrix[i * stride + j]);
    }
    const double bound = rows * double(std::numeric_limits<T>::epsilon()) * magnitude;
    ASSERT_NEAR(sums[j], sum, bound) << j;
  }
  EXPECT_EQ(sums[columns], T(0.5)) << "wrote beyond the sums";
}

TEST(ColumnSums, MatchTheSumForEveryShape) {
  for (const int64_t rows : {1, 3, 512, 1031, 4099}) {
    for (const int64_t columns : {1, 5, 64, 101, 512}) {
      SCOPED_TRACE(testing::Message() << rows << " x " << columns);
      test::on_each_device([&]<class T>(const auto& context, T) {
        check_columns<T>(context, rows, columns, columns + (sizeof(T) == 4 ? 3 : 0));
      });
    }
  }
}

TEST(SumOfSquares, MatchesTheSum) {
  std::mt19937 random(3);
  for (const int64_t count : {0, 1, 7, 16384, 100003}) {
    test::on_each_device([&]<class T>(const auto& context, T) {
      const std::vector<T> data = random_values<T>(count, random);
      double expected = 0;
      for (const T x : data) expected += double(x) * double(x);
      test::Array on_data(context, data), sum(context, std::vector{T(-1)});
      sum_of_squares(context, on_data.data(), count, sum.data());
      // Summed in double, where any order of n additions of positive numbers errs by less than n ε
      // of the sum, then rounded once.
      const double bound = 0.51 * double(std::numeric_limits<T>::epsilon()) +
                           double(count) * std::numeric_limits<double>::epsilon();
      EXPECT_NEAR(sum.host()[0], expected, bound * expected) << count;
    });
  }
}

TEST(Reduce, BitsDoNotDependOnTheOrderOfThreads) {
  const int64_t rows = 2053, columns = 131;
  test::on_each_device([&]<class T>(const auto& context, T) {
    std::mt19937 random(3);
    test::Array matrix(context, random_values<T>(rows * columns, random));
    const auto results = test::with_thread_orders(context, [&] {
      test::Array sums(context, std::vector<T>(columns + 1));
      add_column_sums(context, matrix.data(), rows, columns, columns, sums.data());
      sum_of_squares(context, matrix.data(), rows * columns, sums.data() + columns);
      return sums.host();
    });
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(results[0], results[2]);
  });
}

}  // namespace
}  // namespace stroma::kernels
