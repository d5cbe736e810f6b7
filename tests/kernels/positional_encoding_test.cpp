#include "kernels/positional_encoding.h"

#include <gtest/gtest.h>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

struct Shape {
  int64_t length, batch, channels;
};

TEST(PositionalEncoding, IsAddedUpToTheLengths) {
  for (const Shape& shape :
       {Shape{1, 1, 1}, {1, 7, 3}, {5, 1, 33}, {7, 3, 2}, {40, 13, 101}, {300, 2, 64}}) {
    const int64_t length = shape.length, batch = shape.batch, channels = shape.channels;
    SCOPED_TRACE(testing::Message() << length << " x " << batch << " x " << channels);
    std::mt19937 random(static_cast<unsigned>(length));
    std::vector<int32_t> lengths;
    for (int64_t n = 0; n < batch; ++n) {
      lengths.push_back(static_cast<int32_t>(random() % (length + 1)));
    }
    test::on_each_device([&]<class T>(const auto& context, T) {
      const std::vector<T> x = test::random_values<T>(length * batch * channels, random);
      const std::vector<T> encoding = test::random_values<T>(length * channels, random);
      for (const bool masked : {false, true}) {
        std::vector<T> expected = x;
        for (int64_t i = 0; i < std::ssize(x); ++i) {
          const int64_t c = i % channels, n = i / channels % batch, t = i / channels / batch;
          expected[i] = masked && t >= lengths[n] ? T(0) : x[i] + encoding[t * channels + c];
        }
        test::Array values(context, x);
        test::Array added(context, encoding);
        test::Array on_lengths(context, lengths);
        positional_encoding(context,
                            PositionalEncoding<T>{.length = length,
                                                  .batch = batch,
                                                  .channels = channels,
                                                  .input = values.data(),
                                                  .encoding = added.data(),
                                                  .lengths = masked ? on_lengths.data() : nullptr,
                                                  .output = values.data()});  // in place
        EXPECT_EQ(values.host(), expected);
      }
    });
  }
}

}  // namespace
}  // namespace stroma::kernels
