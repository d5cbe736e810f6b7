#include "kernels/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

struct Shape {
  int64_t rows, columns;
};

// One, odd, prime; rows and columns past a block's and a chunk's.
const std::vector<Shape> shapes = {{1, 1}, {1, 20011}, {7, 1}, {5, 33}, {1031, 64}, {20011, 3}};

template <class F>
void for_each_shape(const F& f) {
  for (const Shape& shape : shapes) {
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.columns);
    test::on_each_device([&]<class T>(const auto& context, T) {
      std::mt19937 random(shape.rows * shape.columns);
      f.template operator()<T>(context, shape, random);
    });
  }
}

TEST(Rows, SumsFollowTheFormula) {
  for_each_shape([]<class T>(const auto& context, const Shape& s, std::mt19937& random) {
    const std::vector<T> a = test::random_values<T>(s.rows * s.columns, random);
    const std::vector<T> b = test::random_values<T>(s.rows * s.columns, random);
    test::Array left(context, a);
    test::Array right(context, b);
    test::Array sums(context, std::vector<T>(s.rows));
    for (const bool product : {false, true}) {
      row_sums(context, RowSums<T>{.rows = s.rows,
                                   .columns = s.columns,
                                   .left = left.data(),
                                   .right = product ? right.data() : nullptr,
                                   .factor = T(0.5),
                                   .sums = sums.data()});
      const std::vector<T> result = sums.host();
      for (int64_t i = 0; i < s.rows; ++i) {
        double sum = 0, magnitude = 0;
        for (int64_t j = 0; j < s.columns; ++j) {
          const double term = double(a[i * s.columns + j]) * (product ? b[i * s.columns + j] : 1);
          sum += term;
          magnitude += std::abs(term);
        }
        // Terms in any order, each rounded once.
        const double bound = double(s.columns + 1) * std::numeric_limits<T>::epsilon() * magnitude;
        ASSERT_NEAR(result[i], sum / 2, bound) << i;
      }
    }
  });
}

TEST(Rows, AreScaledEachByItsNumber) {
  for_each_shape([]<class T>(const auto& context, const Shape& s, std::mt19937& random) {
    const int64_t count = s.rows * s.columns;
    const std::vector<T> x = test::random_values<T>(count, random);
    const std::vector<T> scale = test::random_values<T>(s.rows, random);
    test::Array input(context, x);
    test::Array scales(context, scale);
    for (const bool repeated : {false, true}) {
      std::vector<T> expected(count + 1, T(-9));  // one more than is to be written
      test::Array output(context, expected);
      scale_rows(context, ScaleRows<T>{.rows = s.rows,
                                       .columns = s.columns,
                                       .input = repeated ? nullptr : input.data(),
                                       .scales = scales.data(),
                                       .factor = T(0.5),
                                       .output = output.data()});
      for (int64_t i = 0; i < count; ++i) {
        const T half = T(0.5) * scale[i / s.columns];
        expected[i] = repeated ? half : half * x[i];
      }
      EXPECT_EQ(output.host(), expected);
    }
  });
}

}  // namespace
}  // namespace stroma::kernels
