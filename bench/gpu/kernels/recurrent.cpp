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

/// Both directions of a layer in one call.
struct Layer {
  std::string name;
  int64_t steps, reverse_steps, batch;

  bool last_only() const { return reverse_steps == 1; }
  std::string shape() const {
    return fmt::format("[{} + {}, {}, {}]", steps, reverse_steps, batch, hidden);
  }
  /// The first step of a direction has no product; going back, neither has the last one.
  int64_t flops() const {
    return (steps - 1 + reverse_steps - 1) * 2 * batch * 4 * hidden * hidden;
  }
};

Case forward_case(const Layer& layer, Precision precision) {
  Case c("lstm_forward_" + layer.name, layer.shape());
  c.precision(precision);
  c.flops(layer.flops());
  c.terms(layer.steps * hidden);
  const std::array directions{Direction::forward(c, layer.steps, layer.batch, false),
                              Direction::forward(c, layer.reverse_steps, layer.batch, true)};
  c.run([=](const auto& context, const auto& at) {
    const std::array calls{directions[0].forward_call(at), directions[1].forward_call(at)};
    lstm_forward(context, std::span<const LstmForward<float>>(calls));
  });
  return c;
}

Case backward_case(const Layer& layer, Precision precision) {
  Case c("lstm_backward_" + layer.name, layer.shape());
  c.precision(precision);
  c.flops(layer.flops());
  c.terms(layer.steps * 4 * hidden);
  const bool last_only = layer.last_only();
  const std::array directions{
      Direction::backward(c, layer.steps, layer.batch, false, last_only),
      Direction::backward(c, layer.reverse_steps, layer.batch, true, last_only)};
  c.run([=](const auto& context, const auto& at) {
    const std::array calls{directions[0].backward_call(at), directions[1].backward_call(at)};
    lstm_backward(context, std::span<const LstmBackward<float>>(calls));
  });
  return c;
}

std::vector<Case> cases(int64_t batch) {
  const int64_t steps = dna_model::positions;
  std::vector<Case> all;
  for (const Layer& layer :
       {Layer{"layer1", steps, steps, batch}, Layer{"layer2", steps, 1, batch}}) {
    for (const Precision precision : precisions) {
      all.push_back(forward_case(layer, precision));
      all.push_back(backward_case(layer, precision));
    }
  }
  return all;
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
