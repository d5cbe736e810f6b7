#include "layers/multiply.h"

#include "tests/gradient_check.h"

namespace stroma {
namespace {

Variable product(const std::vector<Variable>& v) { return multiply(v[0], v[1]); }

TEST(Multiply, AVectorGoesOverEveryPositionInEitherOrder) {
  const Variable sequence(Tensor::of<float>({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2}));
  const Variable vector(Tensor::of<float>({10, 20, 30, 40}, {2, 2}));
  const std::vector<float> expected{10, 40, 90, 160, 50, 120, 210, 320};
  for (const Variable& y : {multiply(sequence, vector), multiply(vector, sequence)}) {
    EXPECT_EQ(y.shape(), sequence.shape());
    EXPECT_EQ(y.value().to_vector<float>(), expected);
  }
}

TEST(Multiply, ASequenceOfOneChannelGoesOverEveryChannelInEitherOrder) {
  const Variable sequence(Tensor::of<float>({1, 2, 3, 4, 5, 6}, {3, 1, 2}));
  const Variable one(Tensor::of<float>({10, 20, 30}, {3, 1, 1}));
  const std::vector<float> expected{10, 20, 60, 80, 150, 180};
  for (const Variable& y : {multiply(sequence, one), multiply(one, sequence)}) {
    EXPECT_EQ(y.shape(), sequence.shape());
    EXPECT_EQ(y.value().to_vector<float>(), expected);
  }
}

TEST(Multiply, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const auto& [a, b] : std::vector<std::pair<Shape, Shape>>{{{1, 1}, {1, 1}},
                                                                 {{3, 5}, {3, 5}},
                                                                 {{7, 2, 3}, {7, 2, 3}},
                                                                 {{7, 2, 3}, {2, 3}},
                                                                 {{3, 5}, {1, 3, 5}},
                                                                 {{1, 33}, {7, 1, 33}},
                                                                 {{7, 2, 3}, {7, 2, 1}},
                                                                 {{5, 1, 1}, {5, 1, 7}}}) {
    SCOPED_TRACE(to_string(a) + " and " + to_string(b));
    const std::vector<Tensor> factors{test::random_tensor(a, random),
                                      test::random_tensor(b, random)};
    test::check_gradients(product, factors);
    // The smaller factor's gradient is a sum over 7 positions or channels of products below 1.5, of
    // partial sums below 16, each rounded by 2⁻²¹ at most, the products by less.
    test::check_float(product, factors, 8 * 0x1p-21);
  }
}

TEST(Multiply, ASquareTakesTheGradientOfBothFactors) {
  const Variable x(Tensor::of<double>({2, 3}, {1, 2}), true);
  backward(test::weighted_sum(multiply(x, x), {1, 10}));
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{4, 60}));
}

}  // namespace
}  // namespace stroma
