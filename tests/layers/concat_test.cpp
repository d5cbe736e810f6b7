#include "layers/concat.h"

#include "kernels/error.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

const std::vector<std::vector<Shape>> all_parts = {{{3, 2}},
                                                   {{1, 1}, {1, 1}},
                                                   {{3, 2}, {3, 5}, {3, 1}},
                                                   {{4, 3, 2}, {4, 3, 7}},
                                                   {{2, 1, 5}, {2, 1, 1}, {2, 1, 33}}};

TEST(Concat, PutsChannelsSideBySide) {
  const Variable a(Tensor::of<float>({1, 2, 3, 4}, {2, 1, 2}));
  const Variable b(Tensor::of<float>({-1, -2}, {2, 1, 1}));
  const Variable both = concat({a, b});
  EXPECT_EQ(both.shape(), (Shape{2, 1, 3}));
  EXPECT_EQ(both.value().to_vector<float>(), (std::vector<float>{1, 2, -1, 3, 4, -2}));
}

TEST(Concat, GradientsMatchFiniteDifferencesAndFloatIsExact) {
  std::mt19937 random(1);
  for (const std::vector<Shape>& shapes : all_parts) {
    std::vector<Tensor> parts;
    for (const Shape& shape : shapes) parts.push_back(test::random_tensor(shape, random));
    SCOPED_TRACE(testing::Message() << shapes.size() << " of " << to_string(shapes[0]));
    const auto join = [](const std::vector<Variable>& v) { return concat(v); };
    test::check_gradients(join, parts);
    test::check_float(join, parts, 0);
  }
}

TEST(Concat, OneInputTwiceTakesTheGradientsOfBothPlaces) {
  const Variable x(Tensor::of<double>({2, 3}, {1, 2}), true);
  backward(test::weighted_sum(concat({x, x}), {1, 2, 10, 20}));
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{11, 22}));
}

TEST(Concat, NoPartsAndScalarsAreErrors) {
  EXPECT_THROW(concat({}), Error);
  EXPECT_THROW(concat({Variable(Tensor::zeros({}))}), Error);
}

}  // namespace
}  // namespace stroma
