#include "layers/leaky_relu.h"

#include "engine/files.h"
#include "kernels/error.h"
#include "layers/network.h"
#include "tests/golden.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(LeakyRelu, AgreesWithPyTorch) {
  const auto golden = test::load_golden("leaky_relu");
  const Variable x(golden.at("x"), /*requires_grad=*/true);
  const Variable y = leaky_relu(x, 0.2);
  EXPECT_EQ(y.value().to_vector<double>(), golden.at("output").to_vector<double>());
  backward(test::weighted_sum(y, golden.at("output_grad").to_vector<double>()));
  EXPECT_EQ(x.grad().to_vector<double>(), golden.at("x_grad").to_vector<double>());
}

TEST(LeakyRelu, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{1}, Shape{7, 13}, Shape{5, 3, 11}}) {
    test::check_gradients([](const std::vector<Variable>& v) { return leaky_relu(v[0], 0.1); },
                          {test::random_tensor(shape, random, -3, 3)});
  }
}

TEST(LeakyRelu, IsALayerOfASpec) {
  const std::string head = "name = \"m\"\nalphabet = \"dna\"\nlength = 3\nlayers = [\n";
  const std::string tail = "{type='flatten'}, {type='linear', name='o', out_features='classes'}]";
  const auto parse = [&](const std::string& layer) {
    return parse_model_spec(head + layer + tail, "m.toml");
  };
  const ModelSpec spec = parse("{type='leaky_relu'},");
  EXPECT_EQ(std::get<double>(spec.layers[0].options.at("negative_slope")), 0.01);
  EXPECT_EQ(parameter_count(spec, 2), 26);
  EXPECT_THROW(parse("{type='leaky_relu', negative_slope=-1},"), Error);
}

}  // namespace
}  // namespace stroma
