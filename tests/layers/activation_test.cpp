#include "layers/activation.h"

#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(Activation, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{1}, Shape{7, 13}, Shape{5, 3, 11}}) {
    const Tensor x = test::random_tensor(shape, random, -3, 3);
    for (const auto kind :
         {kernels::Activation::relu, kernels::Activation::tanh, kernels::Activation::sigmoid}) {
      ActivationLayer layer(kind);
      test::check_gradients([&](const std::vector<Variable>& v) { return layer.forward(v[0]); },
                            {x});
    }
  }
}

TEST(Activation, AnInputUsedTwiceGetsBothGradients) {
  const Variable x(Tensor::of<double>({0.5, -0.5}, {2}), true);
  backward(test::weighted_sum(sigmoid(x), {1, 1}));
  const std::vector<double> single = x.grad().to_vector<double>();
  backward(test::weighted_sum(sigmoid(x), {1, 1}));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(x.grad().to_vector<double>()[i], 2 * single[i]);
}

}  // namespace
}  // namespace stroma
