#include "layers/crop.h"

#include "kernels/error.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(Crop, KeepsTheFirstPositionsAndTheirGradient) {
  std::mt19937 random(1);
  for (const int64_t length : {1, 3, 5}) {
    const auto call = [=](const std::vector<Variable>& v) { return crop(v[0], length); };
    const Tensor x = test::random_tensor({5, 3, 2}, random);
    const Variable y = call({Variable(x)});
    EXPECT_EQ(y.shape(), (Shape{length, 3, 2}));
    EXPECT_EQ(y.value().to_vector<double>(), x.rows(0, length).to_vector<double>());
    test::check_gradients(call, {x});
    test::check_float(call, {x}, 0);
  }
}

TEST(Crop, RefusesMorePositionsThanThereAre) {
  const Variable x(Tensor::zeros({5, 3, 2}));
  EXPECT_THROW(crop(x, 6), Error);
  EXPECT_THROW(crop(x, 0), Error);
  EXPECT_THROW(crop(Variable(Tensor::zeros({5, 3})), 2), Error);
}

}  // namespace
}  // namespace stroma
