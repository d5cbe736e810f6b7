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

/// Gates and h of a forward pass, then the gates' gradients, of one direction.
std::vector<std::vector<float>> passes(const Cuda& cuda, Cell cell, int64_t steps, int64_t batch,
                                       int64_t hidden, int64_t shared_bytes) {
  const bool lstm = cell == Cell::lstm, gru = cell == Cell::gru;
  std::mt19937 random(7);
  const int64_t cells = steps * batch * hidden, of_unit = gates_of(cell);
  const auto draw = [&](int64_t count) {
    return test::Array(cuda, test::random_values<float>(count, random));
  };
  auto gates = draw(of_unit * cells), output_grad = draw(cells);
  auto bias_ih = draw(of_unit * hidden), bias_hh = draw(of_unit * hidden);
  // The same thousand weights again and again: to draw millions takes longer than to use them.
  std::vector<float> weights(of_unit * hidden * hidden);
  const std::vector<float> some = test::random_values<float>(1009, random);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = some[i % 1009] / 32;
  test::Array weight_hh(cuda, weights), c(cuda, std::vector<float>(cells)),
      tanh_c(cuda, std::vector<float>(cells)), q(cuda, std::vector<float>(cells)),
      output(cuda, std::vector<float>(cells));

  Directions<RecurrentForward<float>> forward{};
  forward.direction[forward.count++] = {.cell = cell,
                                        .steps = steps,
                                        .batch = batch,
                                        .hidden_size = hidden,
                                        .reverse = true,
                                        .gates = gates.data(),
                                        .weight_hh = weight_hh.data(),
                                        .bias_ih = bias_ih.data(),
                                        .bias_hh = bias_hh.data(),
                                        .cells = lstm ? c.data() : nullptr,
                                        .tanh_cells = lstm ? tanh_c.data() : nullptr,
                                        .candidates = gru ? q.data() : nullptr,
                                        .output = output.data(),
                                        .output_stride = hidden};
  recurrent_forward_portable(cuda, forward, shared_bytes);
  std::vector<std::vector<float>> results{gates.host(), output.host()};
  Directions<RecurrentBackward<float>> backward{};
  backward.direction[backward.count++] = {.cell = cell,
                                          .steps = steps,
                                          .batch = batch,
                                          .hidden_size = hidden,
                                          .reverse = true,
                                          .gates = gates.data(),
                                          .weight_hh = weight_hh.data(),
                                          .cells = lstm ? c.data() : nullptr,
                                          .tanh_cells = lstm ? tanh_c.data() : nullptr,
                                          .candidates = gru ? q.data() : nullptr,
                                          .output = gru ? output.data() : nullptr,
                                          .output_stride = gru ? hidden : 0,
                                          .output_grad = output_grad.data(),
                                          .output_grad_stride = hidden,
                                          .last_only = false};
  recurrent_backward_portable(cuda, backward, shared_bytes);
  results.push_back(gates.host());
  return results;
}

TEST(PortableRecurrence, GivesTheSameBitsWithoutSharedMemory) {
  const Cuda cuda = cuda_context(0);
  for (const int64_t batch : {1, 9}) {
    for (const int64_t hidden : {1, 33, 150}) {
      for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh}) {
        EXPECT_EQ(passes(cuda, cell, 3, batch, hidden, /*shared_bytes=*/0),
                  passes(cuda, cell, 3, batch, hidden, most_shared_bytes()))
            << "batch " << batch << ", hidden size " << hidden;
      }
    }
  }
}

// 2,421 is the most whose gradients fit the 227 KiB of the largest chips.
TEST(PortableRecurrence, DoesAHiddenSizeThatNoSharedMemoryHolds) {
  const Cuda cuda = cuda_context(0);
  const int64_t hidden = 2500;
  ASSERT_GT(6 * 4 * hidden * 4, most_shared_bytes());
  for (const std::vector<float>& values :
       passes(cuda, Cell::lstm, 2, 1, hidden, most_shared_bytes())) {
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::abs(value));
    EXPECT_GT(largest, 0);
    EXPECT_LT(largest, 100);
  }
}

}  // namespace
}  // namespace stroma::kernels
