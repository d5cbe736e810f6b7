#include "layers/multi_head_attention.h"

#include <cmath>

#include "kernels/error.h"
#include "layers/network.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(MultiHeadAttention, AgreesWithPyTorch) {
  const auto golden = test::load_golden("attention");
  for (const Device device : test::devices()) {
    const bool cpu = device.kind == Device::Kind::cpu;
    const auto given = [&](const std::string& name) {
      const Tensor& tensor = golden.at("heads." + name);
      return cpu ? tensor : test::as<float>(tensor, device);
    };
    InitialWeights init{.device = device, .dtype = cpu ? DType::float64 : DType::float32};
    MultiHeadAttention layer(12, 3, init);
    for (NamedParameter& parameter : layer.parameters()) {
      parameter.variable.value().copy_from(given(parameter.name));
    }
    const Signal input{.x = Variable(given("x"), /*requires_grad=*/true),
                       .lengths = golden.at("lengths").to(device)};
    const Signal y = layer.apply({&input, 1});
    EXPECT_EQ(y.lengths.to_vector<int32_t>(), golden.at("lengths").to_vector<int32_t>());
    // Three products of a dozen terms in a row, in float and in double.
    const double bound = cpu ? 1e-13 : 1e-5;
    EXPECT_LT(test::relative_error(y.x.value(), golden.at("heads.output")), bound);
    backward(test::weighted_sum(y.x, golden.at("heads.output_grad").to_vector<double>()));
    EXPECT_LT(test::relative_error(input.x.grad(), golden.at("heads.x_grad")), bound);
    for (const NamedParameter& parameter : layer.parameters()) {
      EXPECT_LT(test::relative_error(parameter.variable.grad(),
                                     golden.at("heads." + parameter.name + "_grad")),
                bound)
          << parameter.name;
    }
  }
}

TEST(MultiHeadAttention, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Tensor& lengths : {Tensor(), Tensor::of<int32_t>({5, 0, 2}, {3})}) {
    test::check_gradients(
        [&](const std::vector<Variable>& v) { return multi_head_attention(v[0], 2, lengths); },
        {test::random_tensor({5, 3, 18}, random)});
  }
}

TEST(MultiHeadAttention, SequencesOfNoPositionsGiveZerosAndNoGradient) {
  for (const Device device : test::devices()) {
    std::mt19937 random(1);
    const Variable x(test::as<float>(test::random_tensor({4, 2, 6}, random), device), true);
    const Variable y = multi_head_attention(x, 1, Tensor::of<int32_t>({0, 0}, {2}, device));
    EXPECT_EQ(y.value().to_vector<float>(), std::vector<float>(16));
    backward(test::weighted_sum(y, std::vector<double>(16, 1)));
    EXPECT_EQ(x.grad().to_vector<float>(), std::vector<float>(48));
  }
}

TEST(MultiHeadAttention, BeginsAsPyTorchsDoes) {
  InitialWeights init{.seed = 5};
  const MultiHeadAttention layer(64, 4, init);
  const auto parameters = layer.parameters();
  ASSERT_EQ(parameters.size(), 4u);
  const double bounds[] = {std::sqrt(6.0 / 256), 0, 1.0 / 8, 0};  // Glorot, zeros, 1 / √64, zeros
  for (std::size_t i = 0; i < 4; ++i) {
    const std::vector<float> values = parameters[i].variable.value().to_vector<float>();
    double largest = 0;
    for (const float value : values) largest = std::max(largest, std::abs(double(value)));
    EXPECT_LE(largest, bounds[i]) << parameters[i].name;
    EXPECT_GE(largest, 0.99 * bounds[i]) << parameters[i].name;
  }
}

TEST(MultiHeadAttention, RefusesHeadsThatDoNotDivideTheChannels) {
  EXPECT_THROW(multi_head_attention(Variable(Tensor::zeros({2, 2, 12})), 3), Error);
  EXPECT_THROW(multi_head_attention(Variable(Tensor::zeros({2, 2, 12})), 0), Error);
  const ModelSpec spec = parse_model_spec(
      "name = 'm'\nalphabet = 'dna'\nlength = 5\nlayers = [\n"
      "{type='multi_head_attention', name='a', num_heads=3}, {type='flatten'},\n"
      "{type='linear', name='o', out_features='classes'}]",
      "m.toml");
  try {
    parameter_count(spec, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "m.toml:5: layer 1 (multi_head_attention 'a'): num_heads = 3 does not divide its "
                 "4 input channels");
  }
}

}  // namespace
}  // namespace stroma
