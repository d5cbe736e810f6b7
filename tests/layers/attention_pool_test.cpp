#include "layers/attention_pool.h"

#include "layers/layer_type.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"
#include "tests/layers/limits.h"

namespace stroma {
namespace {

TEST(AttentionPool, AgreesWithPyTorch) {
  const auto golden = test::load_golden("attention");
  for (const Device device : test::devices()) {
    const bool cpu = device.kind == Device::Kind::cpu;
    const auto given = [&](const std::string& name) {
      const Tensor& tensor = golden.at("pool." + name);
      return cpu ? tensor : test::as<float>(tensor, device);
    };
    LayerSpec spec;
    spec.options["hidden_size"] = int64_t{5};
    LayerBuild with{.init = {.device = device, .dtype = cpu ? DType::float64 : DType::float32},
                    .clock = {}};
    const Flow sequence{.sequence = true, .length = 7, .channels = 12};
    const auto layer = layer_type("attention_pool").build(spec, {&sequence, 1}, with);
    for (NamedParameter& parameter : layer->parameters()) {
      parameter.variable.value().copy_from(given(parameter.name));
    }
    const Signal input{.x = Variable(given("x"), /*requires_grad=*/true),
                       .lengths = golden.at("lengths").to(device)};
    const Signal y = layer->apply({&input, 1});
    EXPECT_FALSE(y.lengths.defined());
    // A few dozen roundings in float, and in double.
    const double bound = cpu ? 1e-13 : 1e-5;
    EXPECT_LT(test::relative_error(y.x.value(), golden.at("pool.output")), bound);
    backward(test::weighted_sum(y.x, golden.at("pool.output_grad").to_vector<double>()));
    EXPECT_LT(test::relative_error(input.x.grad(), golden.at("pool.x_grad")), bound);
    for (const NamedParameter& parameter : layer->parameters()) {
      if (parameter.name == "2.bias") continue;  // that moves all scores alike: a gradient of 0
      EXPECT_LT(test::relative_error(parameter.variable.grad(),
                                     golden.at("pool." + parameter.name + "_grad")),
                bound)
          << parameter.name;
    }
  }
}

TEST(AttentionPool, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Tensor& lengths : {Tensor(), Tensor::of<int32_t>({5, 0, 2}, {3})}) {
    test::check_gradients(
        [&](const std::vector<Variable>& v) { return attention_pool(v[0], v[1], lengths); },
        {test::random_tensor({5, 3, 4}, random), test::random_tensor({5, 3, 1}, random)});
  }
}

TEST(AttentionPool, ASequenceOfNoPositionsGivesZerosAndNoGradient) {
  for (const Device device : test::devices()) {
    std::mt19937 random(1);
    const Variable x(test::as<float>(test::random_tensor({4, 2, 3}, random), device), true);
    const Variable scores(test::as<float>(test::random_tensor({4, 2, 1}, random), device), true);
    const Variable y = attention_pool(x, scores, Tensor::of<int32_t>({0, 0}, {2}, device));
    EXPECT_EQ(y.value().to_vector<float>(), std::vector<float>(6));
    backward(test::weighted_sum(y, std::vector<double>(6, 1)));
    EXPECT_EQ(x.grad().to_vector<float>(), std::vector<float>(24));
    EXPECT_EQ(scores.grad().to_vector<float>(), std::vector<float>(8));
  }
}

TEST(AttentionPool, DoesTheLargestBatchAndTheLongestSequence) {
  std::mt19937 random(4);
  for (const Shape& shape : {Shape{1, test::most_examples, 1}, Shape{test::most_letters, 1, 1}}) {
    Shape of_scores = shape;
    of_scores.back() = 1;
    test::check_float([](const std::vector<Variable>& v) { return attention_pool(v[0], v[1]); },
                      {test::random_tensor(shape, random), test::random_tensor(of_scores, random)},
                      test::bound_at_limits);
  }
}

}  // namespace
}  // namespace stroma
