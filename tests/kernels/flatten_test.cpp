#include "kernels/flatten.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

struct Shape {
  int64_t length, batch, channels;
};

// One, odd and prime, a whole tile of 32 in one or both directions, and several with a rest.
const std::vector<Shape> shapes = {{1, 1, 1},   {1, 7, 3},   {5, 1, 1},    {3, 2, 101},
                                   {32, 3, 32}, {33, 2, 31}, {101, 5, 67}, {257, 65, 2}};

template <class T, class Context>
void check(const Context& context, const Shape& shape) {
  const auto [length, batch, channels] = shape;
  const int64_t count = length * batch * channels;
  std::mt19937 random(count);
  const std::vector<T> x = test::random_values<T>(count, random);
  test::Array sequence(context, x);
  // One element more than is to be written: it must stay as it is.
  const std::vector<T> untouched(count + 1, T(-9));
  test::Array vectors(context, untouched), back(context, untouched);
  flatten(context, Flatten<T>{length, batch, channels, sequence.data(), vectors.data()});
  unflatten(context, Flatten<T>{length, batch, channels, vectors.data(), back.data()});
  const std::vector<T> y = vectors.host(), z = back.host();
  for (int64_t n = 0; n < batch; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t t = 0; t < length; ++t) {
        ASSERT_EQ(y[n * channels * length + c * length + t], x[(t * batch + n) * channels + c]);
      }
    }
  }
  for (int64_t i = 0; i < count; ++i) ASSERT_EQ(z[i], x[i]);
  EXPECT_EQ(y[count], -9);
  EXPECT_EQ(z[count], -9);
}

TEST(Flatten, OrdersChannelsBeforePositionsAndBack) {
  for (const Shape& shape : shapes) {
    SCOPED_TRACE(testing::Message()
                 << shape.length << " x " << shape.batch << " x " << shape.channels);
    test::on_each_device([&]<class T>(const auto& context, T) { check<T>(context, shape); });
  }
}

}  // namespace
}  // namespace stroma::kernels
