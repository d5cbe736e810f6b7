#include "layers/layer_norm.h"

#include "tests/layers/norm_golden.h"

namespace stroma {
namespace {

Variable normalized(const std::vector<Variable>& v) { return layer_norm(v[0], v[1], v[2], 1e-3); }

TEST(LayerNorm, AgreesWithPyTorch) {
  const auto golden = test::load_golden("layer_norm");
  for (const std::string name : {"vector", "sequence"}) {
    test::expect_golden(golden, name, golden.at(name + ".weight"), golden.at(name + ".bias"),
                        normalized);
  }
}

TEST(LayerNorm, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{1, 2}, Shape{7, 13}, Shape{5, 3, 11}}) {
    test::check_gradients(normalized, {test::random_tensor(shape, random, -3, 3),
                                       test::random_tensor({shape.back()}, random),
                                       test::random_tensor({shape.back()}, random)});
  }
}

TEST(LayerNorm, LeavesPaddingZeros) {
  InitialWeights init;
  LayerNorm layer(2, 1e-5, init);
  layer.parameters()[1].variable.value().copy_from(Tensor::of<float>({5, 5}, {2}));  // the bias
  const Signal x{Variable(Tensor::of<float>({1, 3, 2, 2, 0, 0, 0, 0}, {2, 2, 2})),
                 Tensor::of<int32_t>({1, 0}, {2})};
  const std::vector<float> y = layer.apply({&x, 1}).x.value().to_vector<float>();
  EXPECT_NEAR(y[0], 4, 1e-5);  // 5 ∓ 1 / √(1 + 1e-5)
  EXPECT_NEAR(y[1], 6, 1e-5);
  EXPECT_EQ(std::vector<float>(y.begin() + 2, y.end()), std::vector<float>(6));
}

}  // namespace
}  // namespace stroma
