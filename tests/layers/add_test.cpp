#include "layers/add.h"

#include "kernels/error.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(Add, AddsElementsOfOneShape) {
  const auto vector = [](const std::vector<float>& values) {
    return Variable(Tensor::of(values, {1, 2}));
  };
  const Variable sum = add({vector({1, 2}), vector({10, 20}), vector({100, 200})});
  EXPECT_EQ(sum.shape(), (Shape{1, 2}));
  EXPECT_EQ(sum.value().to_vector<float>(), (std::vector<float>{111, 222}));
}

TEST(Add, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  const auto sum = [](const std::vector<Variable>& v) { return add(v); };
  for (const Shape& shape : {Shape{1, 1}, Shape{3, 5}, Shape{7, 2, 3}}) {
    std::vector<Tensor> terms;
    for (int count = 1; count <= 3; ++count) {
      terms.push_back(test::random_tensor(shape, random));
      SCOPED_TRACE(testing::Message() << count << " of " << to_string(shape));
      test::check_gradients(sum, terms);
      // Two additions of numbers whose sums stay below 4: each rounds by 2⁻²³ at most.
      test::check_float(sum, terms, 0x1p-22);
    }
  }
}

TEST(Add, AShortcutsTermTakesTheGradientsOfBothWays) {
  const Variable x(Tensor::of<double>({2, 3}, {1, 2}), true);
  const Variable y = add({x, add({x, x})});
  backward(test::weighted_sum(y, {5, 7}));
  EXPECT_EQ(y.value().to_vector<double>(), (std::vector<double>{6, 9}));
  EXPECT_EQ(x.grad().to_vector<double>(), (std::vector<double>{15, 21}));
}

TEST(Add, NoTermsAreAnError) { EXPECT_THROW(add({}), Error); }

}  // namespace
}  // namespace stroma
