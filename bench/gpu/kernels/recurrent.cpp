// The recurrences of both LSTM layers: the first in both directions, the second as its last
// position needs it, forward through all steps and one step of the reverse.
#include "kernels/recurrent.h"

#include <fmt/format.h>

#include <array>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

using namespace kernels;

constexpr int64_t hidden = dna_model::hidden;

/// The arrays of one direction.
struct Direction {
  int64_t steps, batch;
  bool reverse, last_only;
  Array<float> gates, weight_hh, bias_ih, bias_hh, cells, tanh_cells, output, output_grad;

  int64_t rows() const { return steps * batch; }

  static Direction forward(Case& c, int64_t steps, int64_t batch, bool reverse) {
    const int64_t rows = steps * batch;
    return {steps,
            batch,
            reverse,
            false,
            c.updated(rows * 4 * hidden),
            c.input(4 * hidden * hidden, 0.09f),
            c.input(4 * hidden, 0.09f),
            c.input(4 * hidden, 0.09f),
            c.output<float>(rows * hidden),
            c.output<float>(rows * hidden),
            c.output<float>(rows * hidden),
            {}};
  }

  /// What the forward pass leaves is made before the clock runs. `output` and the biases serve
  /// that alone.
  static Direction backward(Case& c, int64_t steps, int64_t batch, bool reverse, bool last_only) {
    const int64_t rows = steps * batch;
    const Direction d{steps,
                      batch,
                      reverse,
                      last_only,
                      c.updated(rows * 4 * hidden),
                      c.input(4 * hidden * hidden, 0.09f),
                      c.input(4 * hidden, 0.09f),
                      c.input(4 * hidden, 0.09f),
                      c.input(rows * hidden),
                      c.input(rows * hidden),
                      c.input(rows * hidden),
                      c.input(last_only ? batch * hidden : rows * hidden)};
    c.leave_out((rows * hidden + 8 * hidden) * static_cast<int64_t>(sizeof(float)));
    c.prepare([d](const ArraySet& at) {
      const std::array calls{d.forward_call(at)};
      lstm_forward(Cpu{}, std::span<const LstmForward<float>>(calls));
    });
    return d;
  }

  LstmForward<float> forward_call(const ArraySet& at) const {
    return {.steps = steps,
            .batch = batch,
            .hidden_size = hidden,
            .reverse = reverse,
            .gates = at(gates),
            .weight_hh = at(weight_hh),
            .bias_ih = at(bias_ih),
            .bias_hh = at(bias_hh),
            .cells = at(cells),
            .tanh_cells = at(tanh_cells),
            .output = at(output),
            .output_stride = hidden};
  }

  LstmBackward<float> backward_call(const ArraySet& at) const {
    return {.steps = steps,
            .batch = batch,
            .hidden_size = hidden,
            .reverse = reverse,
            .gates = at(gates),
            .weight_hh = at(weight_hh),
            .cells = at(cells),
            .tanh_cells = at(tanh_cells),
            .output_grad = at(output_grad),
            .output_grad_stride = hidden,
            .last_only = last_only};
  }
};

std::vector<Case> cases(int64_t batch) {
  const int64_t steps = dna_model::positions;
  std::vector<Case> all;
  for (const bool last_only : {false, true}) {
    const int64_t reverse_steps = last_only ? 1 : steps;
    // The first step of a direction has no product; going back, neither has the last one.
    const int64_t products = steps - 1 + reverse_steps - 1;
    const int64_t flops = products * 2 * batch * 4 * hidden * hidden;
    const std::string layer = last_only ? "layer2" : "layer1";
    const std::string shape = fmt::format("[{} + {}, {}, {}]", steps, reverse_steps, batch, hidden);

    Case forward("lstm_forward_" + layer, shape);
    {
      const std::array directions{Direction::forward(forward, steps, batch, false),
                                  Direction::forward(forward, reverse_steps, batch, true)};
      forward.flops(flops);
      forward.terms(steps * hidden);
      forward.run([=](const auto& context, const auto& at) {
        const std::array calls{directions[0].forward_call(at), directions[1].forward_call(at)};
        lstm_forward(context, std::span<const LstmForward<float>>(calls));
      });
    }
    all.push_back(std::move(forward));

    Case backward("lstm_backward_" + layer, shape);
    {
      const std::array directions{
          Direction::backward(backward, steps, batch, false, last_only),
          Direction::backward(backward, reverse_steps, batch, true, last_only)};
      backward.flops(flops);
      backward.terms(steps * 4 * hidden);
      backward.run([=](const auto& context, const auto& at) {
        const std::array calls{directions[0].backward_call(at), directions[1].backward_call(at)};
        lstm_backward(context, std::span<const LstmBackward<float>>(calls));
      });
    }
    all.push_back(std::move(backward));
  }
  return all;
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
