#include "layers/positional_encoding.h"

#include <cmath>

#include "layers/network.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

TEST(PositionalEncoding, IsTheSineAndCosineOfEachFrequency) {
  for (const int64_t channels : {1, 2, 7, 64}) {
    const std::vector<double> values =
        sinusoids(301, channels, DType::float64, {}).to_vector<double>();
    for (int64_t t = 0; t < 301; ++t) {
      for (int64_t c = 0; c < channels; ++c) {
        const double frequency =
            std::exp(-std::log(10000.0) * static_cast<double>(c - c % 2) / double(channels));
        const double angle = double(t) * frequency;
        // The frequency in another way, rounded a few times, times 300 at most.
        EXPECT_NEAR(values[t * channels + c], c % 2 ? std::cos(angle) : std::sin(angle), 1e-12);
      }
    }
  }
}

TEST(PositionalEncoding, GradientsMatchFiniteDifferences) {
  std::mt19937 random(1);
  const Tensor encoding = sinusoids(5, 4, DType::float64, {});
  for (const Tensor& lengths : {Tensor(), Tensor::of<int32_t>({5, 0, 2}, {3})}) {
    test::check_gradients(
        [&](const std::vector<Variable>& v) {
          return positional_encoding(v[0], encoding, lengths);
        },
        {test::random_tensor({5, 3, 4}, random)});
  }
}

}  // namespace
}  // namespace stroma
