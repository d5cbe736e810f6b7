#include "layers/activation.h"

#include "kernels/error.h"
#include "layers/gelu.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(Activation, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{1}, Shape{7, 13}, Shape{5, 3, 11}}) {
    const Tensor x = test::random_tensor(shape, random, -3, 3);
    for (const auto kind :
         {kernels::Activation::relu, kernels::Activation::tanh, kernels::Activation::sigmoid,
          kernels::Activation::elu, kernels::Activation::softplus}) {
      ActivationLayer layer(kind, 0.7);
      test::check_gradients([&](const std::vector<Variable>& v) { return layer.forward(v[0]); },
                            {x});
    }
  }
}

TEST(Activation, AgreesWithPyTorch) {
  const auto golden = test::load_golden("activation");
  const std::pair<std::string, std::function<Variable(const Variable&)>> functions[] = {
      {"elu", [](const Variable& x) { return elu(x, 0.7); }},
      {"softplus", [](const Variable& x) { return softplus(x); }},
      {"gelu", [](const Variable& x) { return gelu(x); }},
      {"gelu_tanh", [](const Variable& x) { return gelu(x, true); }}};
  for (const auto& [name, function] : functions) {
    const Variable x(golden.at(name + ".x"), /*requires_grad=*/true);
    const Variable y = function(x);
    // A few roundings of numbers of at most 6.
    EXPECT_LT(test::relative_error(y.value(), golden.at(name + ".output")), 1e-14) << name;
    backward(test::weighted_sum(y, golden.at(name + ".output_grad").to_vector<double>()));
    EXPECT_LT(test::relative_error(x.grad(), golden.at(name + ".x_grad")), 1e-14) << name;
  }
}

TEST(Activation, ANegativeAlphaIsAnError) {
  EXPECT_THROW(elu(Variable(Tensor::zeros({3})), -1), Error);
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
