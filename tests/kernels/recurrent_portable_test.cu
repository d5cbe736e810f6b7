// The portable recurrence where a block's numbers do not fit its shared memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/recurrent.h"
#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

/// Gates and cells of a forward pass, then the gates' gradients, of one direction.
std::vector<std::vector<float>> passes(const Cuda& cuda, int64_t steps, int64_t batch,
                                       int64_t hidden, int64_t shared_bytes) {
  std::mt19937 random(7);
  const int64_t cells = steps * batch * hidden;
  const auto draw = [&](int64_t count) {
    return test::Array(cuda, test::random_values<float>(count, random));
  };
  auto gates = draw(4 * cells), output_grad = draw(cells);
  auto bias_ih = draw(4 * hidden), bias_hh = draw(4 * hidden);
  // The same thousand weights again and again: to draw millions takes longer than to use them.
  std::vector<float> weights(4 * hidden * hidden);
  const std::vector<float> some = test::random_values<float>(1009, random);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = some[i % 1009] / 32;
  test::Array weight_hh(cuda, weights), c(cuda, std::vector<float>(cells)),
      tanh_c(cuda, std::vector<float>(cells)), output(cuda, std::vector<float>(cells));

  Directions<LstmForward<float>> forward{};
  forward.direction[forward.count++] = {.steps = steps,
                                        .batch = batch,
                                        .hidden_size = hidden,
                                        .reverse = true,
                                        .gates = gates.data(),
                                        .weight_hh = weight_hh.data(),
                                        .bias_ih = bias_ih.data(),
                                        .bias_hh = bias_hh.data(),
                                        .cells = c.data(),
                                        .tanh_cells = tanh_c.data(),
                                        .output = output.data(),
                                        .output_stride = hidden};
  lstm_forward_portable(cuda, forward, shared_bytes);
  std::vector<std::vector<float>> results{gates.host(), c.host()};
  Directions<LstmBackward<float>> backward{};
  backward.direction[backward.count++] = {.steps = steps,
                                          .batch = batch,
                                          .hidden_size = hidden,
                                          .reverse = true,
                                          .gates = gates.data(),
                                          .weight_hh = weight_hh.data(),
                                          .cells = c.data(),
                                          .tanh_cells = tanh_c.data(),
                                          .output_grad = output_grad.data(),
                                          .output_grad_stride = hidden,
                                          .last_only = false};
  lstm_backward_portable(cuda, backward, shared_bytes);
  results.push_back(gates.host());
  return results;
}

TEST(PortableRecurrence, GivesTheSameBitsWithoutSharedMemory) {
  const Cuda cuda = cuda_context(0);
  for (const int64_t batch : {1, 9}) {
    for (const int64_t hidden : {1, 33, 150}) {
      EXPECT_EQ(passes(cuda, 3, batch, hidden, /*shared_bytes=*/0),
                passes(cuda, 3, batch, hidden, most_shared_bytes()))
          << "batch " << batch << ", hidden size " << hidden;
    }
  }
}

// 2,421 is the most whose gradients fit the 227 KiB of the largest chips.
TEST(PortableRecurrence, DoesAHiddenSizeThatNoSharedMemoryHolds) {
  const Cuda cuda = cuda_context(0);
  const int64_t hidden = 2500;
  ASSERT_GT(6 * 4 * hidden * 4, most_shared_bytes());
  for (const std::vector<float>& values : passes(cuda, 2, 1, hidden, most_shared_bytes())) {
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::abs(value));
    EXPECT_GT(largest, 0);
    EXPECT_LT(largest, 100);
  }
}

}  // namespace
}  // namespace stroma::kernels
