// The recurrences of both LSTM layers: the first in both directions, the second as its last
// position needs it, forward through all steps and one step of the reverse. Of the other cells the
// first.
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
  Cell cell;
  int64_t steps, batch;
  bool reverse, last_only;
  Array<float> gates, weight_hh, bias_ih, bias_hh, output, output_grad;
  Array<float> cells, tanh_cells, candidates;  // where the cell has them

  static Direction forward(Case& c, Cell cell, int64_t steps, int64_t batch, bool reverse) {
    Direction d = of(c, cell, steps, batch, reverse);
    const int64_t count = steps * batch * hidden;
    d.output = c.output<float>(count);
    if (cell == Cell::lstm) {
      d.cells = c.output<float>(count);
      d.tanh_cells = c.output<float>(count);
    }
    if (cell == Cell::gru) d.candidates = c.output<float>(count);
    return d;
  }

  /// What the forward pass leaves is made before the clock runs. The biases serve that alone, and
  /// so does `output` but for a gru.
  static Direction backward(Case& c, Cell cell, int64_t steps, int64_t batch, bool reverse,
                            bool last_only) {
    Direction d = of(c, cell, steps, batch, reverse);
    const int64_t count = steps * batch * hidden;
    d.last_only = last_only;
    d.output = c.input(count);
    d.output_grad = c.input(last_only ? batch * hidden : count);
    if (cell == Cell::lstm) {
      d.cells = c.input(count);
      d.tanh_cells = c.input(count);
    }
    if (cell == Cell::gru) d.candidates = c.updated(count);
    const int64_t unread = (cell == Cell::gru ? 0 : count) + 2 * gates_of(cell) * hidden;
    c.leave_out(unread * static_cast<int64_t>(sizeof(float)));
    c.prepare([d](const ArraySet& at) {
      const std::array calls{d.forward_call(at)};
      recurrent_forward(Cpu{}, std::span<const RecurrentForward<float>>(calls));
    });
    return d;
  }

  RecurrentForward<float> forward_call(const ArraySet& at) const {
    const bool lstm = cell == Cell::lstm;
    return {.cell = cell,
            .steps = steps,
            .batch = batch,
            .hidden_size = hidden,
            .reverse = reverse,
            .gates = at(gates),
            .weight_hh = at(weight_hh),
            .bias_ih = at(bias_ih),
            .bias_hh = at(bias_hh),
            .cells = lstm ? at(cells) : nullptr,
            .tanh_cells = lstm ? at(tanh_cells) : nullptr,
            .candidates = cell == Cell::gru ? at(candidates) : nullptr,
            .output = at(output),
            .output_stride = hidden};
  }

  RecurrentBackward<float> backward_call(const ArraySet& at) const {
    const bool lstm = cell == Cell::lstm, gru = cell == Cell::gru;
    return {.cell = cell,
            .steps = steps,
            .batch = batch,
            .hidden_size = hidden,
            .reverse = reverse,
            .gates = at(gates),
            .weight_hh = at(weight_hh),
            .cells = lstm ? at(cells) : nullptr,
            .tanh_cells = lstm ? at(tanh_cells) : nullptr,
            .candidates = gru ? at(candidates) : nullptr,
            .output = gru ? at(output) : nullptr,
            .output_stride = gru ? hidden : 0,
            .output_grad = at(output_grad),
            .output_grad_stride = hidden,
            .last_only = last_only};
  }

 private:
  static Direction of(Case& c, Cell cell, int64_t steps, int64_t batch, bool reverse) {
    const int64_t columns = gates_of(cell) * hidden;
    return {.cell = cell,
            .steps = steps,
            .batch = batch,
            .reverse = reverse,
            .last_only = false,
            .gates = c.updated(steps * batch * columns),
            .weight_hh = c.input(columns * hidden, 0.09f),
            .bias_ih = c.input(columns, 0.09f),
            .bias_hh = c.input(columns, 0.09f),
            .output = {},
            .output_grad = {},
            .cells = {},
            .tanh_cells = {},
            .candidates = {}};
  }
};

/// Both directions of a layer in one call.
struct Layer {
  const char *cell_name, *name;
  Cell cell;
  int64_t steps, reverse_steps, batch;

  bool last_only() const { return reverse_steps == 1; }
  std::string title(const char* pass) const {
    return fmt::format("{}_{}_{}", cell_name, pass, name);
  }
  std::string shape() const {
    return fmt::format("[{} + {}, {}, {}]", steps, reverse_steps, batch, hidden);
  }
  /// The first step of a direction has no product; going back, neither has the last one.
  int64_t flops() const {
    return (steps - 1 + reverse_steps - 1) * 2 * batch * gates_of(cell) * hidden * hidden;
  }
};

Case forward_case(const Layer& layer, Precision precision) {
  Case c(layer.title("forward"), layer.shape());
  c.precision(precision);
  c.flops(layer.flops());
  c.terms(layer.steps * hidden);
  const std::array directions{
      Direction::forward(c, layer.cell, layer.steps, layer.batch, false),
      Direction::forward(c, layer.cell, layer.reverse_steps, layer.batch, true)};
  c.run([=](const auto& context, const auto& at) {
    const std::array calls{directions[0].forward_call(at), directions[1].forward_call(at)};
    recurrent_forward(context, std::span<const RecurrentForward<float>>(calls));
  });
  return c;
}

Case backward_case(const Layer& layer, Precision precision) {
  Case c(layer.title("backward"), layer.shape());
  c.precision(precision);
  c.flops(layer.flops());
  c.terms(layer.steps * gates_of(layer.cell) * hidden);
  const bool last_only = layer.last_only();
  const std::array directions{
      Direction::backward(c, layer.cell, layer.steps, layer.batch, false, last_only),
      Direction::backward(c, layer.cell, layer.reverse_steps, layer.batch, true, last_only)};
  c.run([=](const auto& context, const auto& at) {
    const std::array calls{directions[0].backward_call(at), directions[1].backward_call(at)};
    recurrent_backward(context, std::span<const RecurrentBackward<float>>(calls));
  });
  return c;
}

std::vector<Case> cases(int64_t batch) {
  const int64_t steps = dna_model::positions;
  std::vector<Case> all;
  for (const Layer& layer : {Layer{"lstm", "layer1", Cell::lstm, steps, steps, batch},
                             Layer{"lstm", "layer2", Cell::lstm, steps, 1, batch},
                             Layer{"gru", "layer1", Cell::gru, steps, steps, batch},
                             Layer{"rnn", "layer1", Cell::rnn_tanh, steps, steps, batch}}) {
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
