#include "kernels/multiply.h"

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

// One row, which is two factors of one shape; one, odd and prime, whole tiles, several chunks.
const std::vector<Shape> shapes = {{1, 1},   {1, 100003}, {7, 1},   {2, 33},
                                   {32, 64}, {41, 1031},  {1031, 3}};

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

TEST(Multiply, EveryElementByThatOfItsColumn) {
  for_each_shape([]<class T>(const auto& context, const Shape& s, std::mt19937& random) {
    const int64_t count = s.rows * s.columns;
    const std::vector<T> left = test::random_values<T>(count, random);
    const std::vector<T> right = test::random_values<T>(s.columns, random);
    std::vector<T> expected(count + 1, T(-9));  // one more than is to be written
    test::Array x(context, left), w(context, right), y(context, expected);
    for (int64_t i = 0; i < count; ++i) expected[i] = left[i] * right[i % s.columns];
    multiply_forward(context, MultiplyForward<T>{s.rows, s.columns, x.data(), w.data(), y.data()});
    EXPECT_EQ(y.host(), expected);
  });
}

TEST(Multiply, GradientsFollowTheFormula) {
  for_each_shape([]<class T>(const auto& context, const Shape& s, std::mt19937& random) {
    const int64_t count = s.rows * s.columns;
    const std::vector<T> left = test::random_values<T>(count, random);
    const std::vector<T> right = test::random_values<T>(s.columns, random);
    const std::vector<T> dy = test::random_values<T>(count, random);
    test::Array x(context, left), w(context, right), output_grad(context, dy);
    test::Array left_grad(context, dy), right_grad(context, right);  // to be written over
    multiply_backward(context,
                      MultiplyBackward<T>{s.rows, s.columns, x.data(), w.data(), output_grad.data(),
                                          left_grad.data(), right_grad.data()});
    const std::vector<T> dx = left_grad.host(), dw = right_grad.host();
    for (int64_t i = 0; i < count; ++i) ASSERT_EQ(dx[i], dy[i] * right[i % s.columns]);
    for (int64_t j = 0; j < s.columns; ++j) {
      double sum = 0, magnitude = 0;
      for (int64_t i = 0; i < s.rows; ++i) {
        const double term = static_cast<double>(dy[i * s.columns + j]) * left[i * s.columns + j];
        sum += term;
        magnitude += std::abs(term);
      }
      // A term is rounded, then goes through fewer additions than there are rows, in any order.
      const double epsilon = std::numeric_limits<T>::epsilon();
      ASSERT_NEAR(dw[j], sum, static_cast<double>(s.rows) * epsilon * magnitude) << j;
    }
  });
}

TEST(Multiply, AGradientThatNobodyAsksForIsLeftOut) {
  for_each_shape([]<class T>(const auto& context, const Shape& s, std::mt19937& random) {
    test::Array factors(context, test::random_values<T>(s.rows * s.columns, random));
    test::Array output_grad(context, test::random_values<T>(s.rows * s.columns, random));
    test::Array left(context, std::vector<T>(s.rows * s.columns));
    test::Array right(context, std::vector<T>(s.columns));
    test::Array left_alone(context, std::vector<T>(s.rows * s.columns));
    test::Array right_alone(context, std::vector<T>(s.columns));
    const auto run = [&](const T* a, const T* b, T* da, T* db) {
      multiply_backward(context,
                        MultiplyBackward<T>{s.rows, s.columns, a, b, output_grad.data(), da, db});
    };
    run(factors.data(), factors.data(), left.data(), right.data());
    run(nullptr, factors.data(), left_alone.data(), nullptr);
    run(factors.data(), nullptr, nullptr, right_alone.data());
    EXPECT_EQ(left_alone.host(), left.host());
    EXPECT_EQ(right_alone.host(), right.host());
  });
}

}  // namespace
}  // namespace stroma::kernels
