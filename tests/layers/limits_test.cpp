// The sizes that users may ask for at their ends: hidden sizes to 1,024, batches to 65,536 (one
// more than a CUDA grid's second dimension holds), lengths to 100,000. On every device an operation
// must do all of the work, or refuse by name.
#include <gtest/gtest.h>

#include "layers/activation.h"
#include "layers/conv1d.h"
#include "layers/linear.h"
#include "layers/lstm.h"
#include "layers/pool1d.h"
#include "tests/gradient_check.h"

namespace stroma {
namespace {

using test::check_float;
using test::random_tensor;
using Variables = std::vector<Variable>;

constexpr int64_t most_examples = 65'536, most_letters = 100'000;

// Gradients of weights are sums over all examples or positions: n = 10⁵ terms of at most 1.5, whose
// partial sums stay below 4 · √n = 1,300. Each addition rounds by up to 2⁻²⁴ of that, with either
// sign: √n · 2⁻²⁴ · 1,300 = 0.025 together. One example left out would be seen as about 0.5.
constexpr double bound = 0.05;

TEST(Limits, ALinearLayerOfTheLargestBatch) {
  std::mt19937 random(1);
  check_float([](const Variables& v) { return linear(v[0], v[1], v[2]); },
              {random_tensor({most_examples, 3}, random), random_tensor({2, 3}, random),
               random_tensor({2}, random)},
              bound);
}

TEST(Limits, AConvolutionOfTheLargestBatch) {
  std::mt19937 random(2);
  check_float([](const Variables& v) { return conv1d(v[0], v[1], v[2], {.padding = 1}); },
              {random_tensor({2, most_examples, 1}, random), random_tensor({2, 1, 3}, random),
               random_tensor({2}, random)},
              bound);
}

TEST(Limits, AConvolutionOfTheLongestSequence) {
  std::mt19937 random(3);
  check_float([](const Variables& v) { return conv1d(v[0], v[1], v[2], {.padding = 1}); },
              {random_tensor({most_letters, 1, 1}, random), random_tensor({2, 1, 3}, random),
               random_tensor({2}, random)},
              bound);
}

TEST(Limits, PoolingOfTheLargestBatchAndTheLongestSequence) {
  std::mt19937 random(4);
  for (const Shape& shape : {Shape{2, most_examples, 1}, Shape{most_letters, 1, 1}}) {
    check_float([](const Variables& v) { return max_pool1d(v[0], {}, true); },
                {random_tensor(shape, random)}, 1e-6);
    check_float([](const Variables& v) { return average_pool1d(v[0], {}); },
                {random_tensor(shape, random)}, 1e-6);
  }
}

std::vector<Tensor> lstm_inputs(int64_t length, int64_t batch, int64_t hidden) {
  std::mt19937 random(5);
  const double scale = 1 / std::sqrt(static_cast<double>(hidden));
  return {random_tensor({length, batch, 1}, random),
          random_tensor({4 * hidden, 1}, random, -scale, scale),
          random_tensor({4 * hidden, hidden}, random, -scale, scale),
          random_tensor({4 * hidden}, random), random_tensor({4 * hidden}, random)};
}

Variable lstm(const Variables& v) {
  return lstm_layer(v[0], {{v[1], v[2], v[3], v[4]}}, /*last_only=*/false);
}

TEST(Limits, AnLstmOfTheLargestHiddenSize) {
  // Products of 1,024 terms of at most 1/32: rounding of 1,024 · 2⁻²⁴ · 32 at the very most, and
  // 4,096 terms in the gradients.
  check_float(lstm, lstm_inputs(3, 1, 1024), 0.01);
}

TEST(Limits, AnLstmOfTheLargestBatch) {
  check_float(lstm, lstm_inputs(2, most_examples, 1), bound);
}

TEST(Limits, AnLstmOverTheLongestSequence) {
  check_float(lstm, lstm_inputs(most_letters, 1, 1), bound);
}

}  // namespace
}  // namespace stroma
