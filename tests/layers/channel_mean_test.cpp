#include "layers/channel_mean.h"

#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(ChannelMean, IsThatOfEachPosition) {
  const Variable x(Tensor::of<float>({1, 3, 2, 6, -1, 1}, {3, 1, 2}));
  const Variable y = channel_mean(x);
  EXPECT_EQ(y.shape(), (Shape{3, 1, 1}));
  EXPECT_EQ(y.value().to_vector<float>(), (std::vector<float>{2, 4, 0}));
}

TEST(ChannelMean, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{5, 3, 11}, Shape{2, 7, 33}}) {
    const Tensor x = test::random_tensor(shape, random);
    const auto call = [](const std::vector<Variable>& v) { return channel_mean(v[0]); };
    test::check_gradients(call, {x});
    // Sums of at most 33 numbers below 1 and a share of them.
    test::check_float(call, {x}, 34 * 0x1p-23);
  }
}

}  // namespace
}  // namespace stroma
