#include "layers/embedding.h"

#include <cmath>

#include "kernels/error.h"
#include "layers/layer_type.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

std::unique_ptr<Layer> layer_of(int64_t vocabulary, int64_t dim, Init init = Init::pytorch) {
  LayerSpec spec;
  spec.options["embedding_dim"] = dim;
  LayerBuild with{.init = {.seed = 3, .scheme = init}, .clock = {}};
  const Flow tokens{
      .sequence = true, .length = 5, .channels = 1, .slides = {}, .vocabulary = vocabulary};
  return layer_type("embedding").build(spec, {&tokens, 1}, with);
}

TEST(Embedding, AgreesWithPyTorch) {
  const auto golden = test::load_golden("attention");
  for (const Device device : test::devices()) {
    const bool cpu = device.kind == Device::Kind::cpu;
    const Tensor& table = golden.at("embedding.weight");
    const Variable weight(cpu ? table : test::as<float>(table, device), /*requires_grad=*/true);
    const Variable y = embedding(golden.at("tokens").to(device), weight);
    EXPECT_LT(test::relative_error(y.value(), golden.at("embedding.output")), cpu ? 1e-15 : 1e-7);
    backward(test::weighted_sum(y, golden.at("embedding.output_grad").to_vector<double>()));
    // At most 28 terms are added, in PyTorch's order or another.
    EXPECT_LT(test::relative_error(weight.grad(), golden.at("embedding.weight_grad")),
              cpu ? 1e-14 : 5e-6);
  }
}

TEST(Embedding, GradientsMatchFiniteDifferencesButThatOfTokenZeroIsNone) {
  std::mt19937 random(1);
  const Tensor tokens = Tensor::of<int32_t>({3, 1, 2, 2, 4, 1, 3, 3}, {4, 2});
  const Tensor weight = test::random_tensor({5, 3}, random);
  const Variable table(weight.clone(), /*requires_grad=*/true);
  const Tensor with_zero = Tensor::of<int32_t>({0, 0}, {2, 1});
  backward(test::weighted_sum(embedding(with_zero, table), std::vector<double>(6, 1)));
  EXPECT_EQ(table.grad().to_vector<double>(), std::vector<double>(15));
  test::check_gradients([&](const std::vector<Variable>& v) { return embedding(tokens, v[0]); },
                        {weight});
}

TEST(Embedding, BeginsAsPyTorchsOrKerasDoesWithZerosForTokenZero) {
  const auto values = [](Init init) {
    return layer_of(4001, 5, init)->parameters()[0].variable.value().to_vector<float>();
  };
  const std::vector<float> normal = values(Init::pytorch), uniform = values(Init::keras);
  double square = 0;
  for (std::size_t i = 0; i < normal.size(); ++i) {
    if (i < 5) {
      EXPECT_EQ(normal[i], 0);
      EXPECT_EQ(uniform[i], 0);
    }
    square += double(normal[i]) * normal[i];
    EXPECT_LE(std::abs(uniform[i]), 0.05f);
  }
  // The mean of 20,000 squares of variance 2: five standard errors.
  EXPECT_NEAR(square / 20000, 1, 5 * std::sqrt(2.0 / 20000));
}

TEST(Embedding, LeavesZerosBeyondTheLengthsWhateverRowZeroIs) {
  const std::unique_ptr<Layer> layer = layer_of(3, 2);
  layer->parameters()[0].variable.value().copy_from(Tensor::of<float>({9, 9, 1, 2, 3, 4}, {3, 2}));
  const Signal tokens{.x = Variable(Tensor::of<int32_t>({1, 2, 0, 0}, {2, 2})),
                      .lengths = Tensor::of<int32_t>({2, 1}, {2})};
  const Signal y = layer->apply({&tokens, 1});
  EXPECT_EQ(y.x.value().to_vector<float>(), (std::vector<float>{1, 2, 3, 4, 9, 9, 0, 0}));
  EXPECT_EQ(y.lengths.to_vector<int32_t>(), (std::vector<int32_t>{2, 1}));
}

}  // namespace
}  // namespace stroma
