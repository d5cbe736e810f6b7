#include "kernels/sequence_lengths.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

/// How many windows begin at −padding, stride − padding … and end within length + padding.
int32_t windows(int64_t length, int64_t reach, int64_t stride, int64_t padding) {
  int32_t count = 0;
  for (int64_t first = -padding; first + reach <= length + padding; first += stride) ++count;
  return length == 0 ? 0 : count;
}

TEST(SequenceLengths, OfASlidingWindowAreItsPlaces) {
  std::vector<int32_t> lengths;
  for (int32_t length = 0; length <= 40; ++length) lengths.push_back(length);
  const auto batch = static_cast<int64_t>(lengths.size());
  for (const int64_t reach : {1, 2, 3, 7, 40}) {
    for (const int64_t stride : {1, 2, 5}) {
      for (const int64_t padding : {0, 1, 4}) {
        SCOPED_TRACE(testing::Message() << reach << ", " << stride << ", " << padding);
        std::vector<int32_t> expected;
        for (const int32_t length : lengths) {
          expected.push_back(windows(length, reach, stride, padding));
        }
        test::on_each_device([&]<class T>(const auto& context, T) {
          test::Array values(context, lengths);  // in place
          slide_lengths(context, {batch, reach, stride, padding, values.data(), values.data()});
          EXPECT_EQ(values.host(), expected);
        });
      }
    }
  }
}

struct Shape {
  int64_t length, batch, channels;
};

// One, odd, prime, and channels past a warp's width.
const std::vector<Shape> shapes = {{1, 1, 1}, {1, 7, 3},   {5, 1, 33},
                                   {7, 3, 2}, {17, 9, 64}, {64, 13, 101}};

/// Between none and all positions, both among them.
std::vector<int32_t> random_lengths(const Shape& s, std::mt19937& random) {
  std::vector<int32_t> lengths;
  for (int64_t n = 0; n < s.batch; ++n) {
    lengths.push_back(static_cast<int32_t>(random() % (s.length + 1)));
  }
  lengths[0] = static_cast<int32_t>(s.length);
  lengths[s.batch / 2] = 0;
  return lengths;
}

template <class F>
void for_each_shape(const F& f) {
  for (const Shape& shape : shapes) {
    SCOPED_TRACE(testing::Message()
                 << shape.length << " x " << shape.batch << " x " << shape.channels);
    std::mt19937 random(shape.length);
    const std::vector<int32_t> lengths = random_lengths(shape, random);
    test::on_each_device([&]<class T>(const auto& context, T) {
      f.template operator()<T>(context, shape, lengths, random);
    });
  }
}

TEST(SequenceLengths, BeyondThemPositionsAreMasked) {
  for_each_shape(
      []<class T>(const auto& context, const Shape& s, const auto& lengths, std::mt19937& random) {
        const auto count = s.length * s.batch * s.channels;
        std::vector<T> x = test::random_values<T>(count + 1, random);  // the last one is not theirs
        for (const T value : {T(0), -std::numeric_limits<T>::infinity()}) {
          std::vector<T> expected = x;
          for (int64_t i = 0; i < count; ++i) {
            const int64_t t = i / s.channels / s.batch, n = i / s.channels % s.batch;
            if (t >= lengths[n]) expected[i] = value;
          }
          test::Array input(context, x), output(context, x), in_place(context, x);
          test::Array on_lengths(context, lengths);
          const auto mask = [&](T* from, T* to) {
            mask_positions(context, MaskPositions<T>{s.length, s.batch, s.channels, from,
                                                     on_lengths.data(), value, to});
          };
          mask(input.data(), output.data());
          mask(in_place.data(), in_place.data());
          EXPECT_EQ(output.host(), expected);
          EXPECT_EQ(in_place.host(), expected);
          EXPECT_EQ(input.host(), x);
        }
      });
}

TEST(SequenceLengths, SayWhichPositionIsTheLast) {
  for_each_shape(
      []<class T>(const auto& context, const Shape& s, const auto& lengths, std::mt19937& random) {
        const std::vector<T> x = test::random_values<T>(s.length * s.batch * s.channels, random);
        const std::vector<T> dy = test::random_values<T>(s.batch * s.channels, random);
        std::vector<T> y(dy.size()), dx(x.size());
        for (int64_t n = 0; n < s.batch; ++n) {
          for (int64_t c = 0; lengths[n] > 0 && c < s.channels; ++c) {
            const int64_t i = ((lengths[n] - 1) * s.batch + n) * s.channels + c;
            y[n * s.channels + c] = x[i];
            dx[i] = dy[n * s.channels + c];
          }
        }
        test::Array on_lengths(context, lengths);
        test::Array input(context, x), output_grad(context, dy);
        test::Array output(context, dy), input_grad(context, x);  // to be written over
        select_at(context, SelectAt<T>{s.length, s.batch, s.channels, input.data(),
                                       on_lengths.data(), output.data()});
        select_at_backward(context,
                           SelectAtBackward<T>{s.length, s.batch, s.channels, output_grad.data(),
                                               on_lengths.data(), input_grad.data()});
        EXPECT_EQ(output.host(), y);
        EXPECT_EQ(input_grad.host(), dx);
      });
}

}  // namespace
}  // namespace stroma::kernels
