#include "layers/conv2d_weight.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "kernels/error.h"

namespace stroma {
namespace {

std::vector<float> counted(int64_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

TEST(Conv2dWeight, LosesTheAxisThatIsOneWide) {
  const std::vector<float> values = counted(30);
  for (const Shape& shape : {Shape{2, 3, 5, 1}, Shape{2, 3, 1, 5}, Shape{2, 1, 3, 5}}) {
    const Tensor weight = as_conv1d_weight(Tensor::of(values, shape), {2, 3, 5});
    EXPECT_EQ(weight.shape(), (Shape{2, 3, 5})) << to_string(shape);
    EXPECT_EQ(weight.to_vector<float>(), values) << to_string(shape);
  }
}

TEST(Conv2dWeight, OfAKernelOverAllLettersPutsThemBeforeThePositions) {
  const Tensor weight = as_conv1d_weight(Tensor::of(counted(30), {2, 1, 5, 3}), {2, 3, 5});
  const std::vector<float> values = weight.to_vector<float>();
  for (int out = 0; out < 2; ++out) {
    for (int in = 0; in < 3; ++in) {
      for (int tap = 0; tap < 5; ++tap) {
        EXPECT_EQ(values[(out * 3 + in) * 5 + tap], (out * 5 + tap) * 3 + in);
      }
    }
  }
}

TEST(Conv2dWeight, IsRefusedWhereItsAxesCannotBeToldApart) {
  EXPECT_THROW(as_conv1d_weight(Tensor::of(counted(32), {2, 1, 4, 4}), {2, 4, 4}), Error);
}

TEST(Conv2dWeight, IsLeftAloneWhereItIsNone) {
  for (const Shape& shape : {Shape{2, 3, 5}, Shape{2, 5, 3, 1}, Shape{6, 5}, Shape{2, 1, 1, 15}}) {
    const Tensor weight = Tensor::of(counted(30), shape);
    EXPECT_EQ(as_conv1d_weight(weight, {2, 3, 5}).shape(), shape);
  }
}

}  // namespace
}  // namespace stroma
