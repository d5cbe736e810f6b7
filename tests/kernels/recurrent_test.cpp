#include "kernels/recurrent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "tests/devices.h"
#include "tests/kernels/random_values.h"

namespace stroma::kernels {
namespace {

struct Case {
  int64_t steps, batch, hidden;
  bool reverse, last_only;
  std::vector<int32_t> lengths = {};  // [batch]; empty: all rows take all steps
  Cell cell = Cell::lstm;

  int64_t length(int64_t n) const { return lengths.empty() ? steps : lengths[n]; }
  int64_t gates() const { return gates_of(cell) * hidden; }
};

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

/// What one direction reads.
struct Inputs {
  std::vector<double> share, weight, bias_ih, bias_hh, output_grad;
};

/// One direction in double, one number at a time: forward, then backward from random gradients.
/// Each row is walked by itself from end to end of its own length; beyond there are zeros.
struct Reference {
  std::vector<double> gates, cells, tanh_cells, candidates, output, final_output;
  std::vector<double> gate_grads, candidate_grads;

  Reference(const Case& c, const Inputs& in)
      : gates(c.steps * c.batch * c.gates()),
        cells(c.steps * c.batch * c.hidden),
        tanh_cells(cells),
        candidates(cells),
        output(cells),
        final_output(c.batch * c.hidden) {
    for (int64_t n = 0; n < c.batch; ++n) {
      for (int64_t walked = 0; walked < c.length(n); ++walked) forward(c, in, n, walked);
    }
    gate_grads = gates;
    candidate_grads = candidates;
    for (int64_t n = 0; n < c.batch; ++n) {
      std::vector<double> dh(c.hidden), carried(c.hidden);
      for (int64_t walked = c.length(n) - 1; walked >= 0; --walked) {
        backward(c, in, n, walked, dh, carried);
      }
    }
  }

 private:
  static int64_t row(const Case& c, int64_t walked, int64_t n) {
    return (c.reverse ? c.length(n) - 1 - walked : walked) * c.batch + n;
  }

  void forward(const Case& c, const Inputs& in, int64_t n, int64_t walked) {
    const int64_t hidden = c.hidden, all = c.gates();
    const int64_t r = row(c, walked, n), before = row(c, walked - 1, n);
    std::vector<double> share(all), product(all);
    for (int64_t g = 0; g < all; ++g) {
      share[g] = in.share[r * all + g] + in.bias_ih[g];
      product[g] = in.bias_hh[g];
      for (int64_t k = 0; walked > 0 && k < hidden; ++k) {
        product[g] += in.weight[g * hidden + k] * output[before * hidden + k];
      }
    }
    for (int64_t j = 0; j < hidden; ++j) {
      const auto sum = [&](int64_t g) { return share[g * hidden + j] + product[g * hidden + j]; };
      const auto gate = [&](int64_t g) -> double& { return gates[r * all + g * hidden + j]; };
      const int64_t at = r * hidden + j;
      if (c.cell == Cell::lstm) {
        for (const int64_t g : {0, 1, 3}) gate(g) = sigmoid(sum(g));
        gate(2) = std::tanh(sum(2));
        cells[at] = gate(1) * (walked == 0 ? 0 : cells[before * hidden + j]) + gate(0) * gate(2);
        tanh_cells[at] = std::tanh(cells[at]);
        output[at] = gate(3) * tanh_cells[at];
      } else if (c.cell == Cell::gru) {
        gate(0) = sigmoid(sum(0));
        gate(1) = sigmoid(sum(1));
        candidates[at] = product[2 * hidden + j];
        gate(2) = std::tanh(share[2 * hidden + j] + gate(0) * candidates[at]);
        output[at] =
            (1 - gate(1)) * gate(2) + gate(1) * (walked == 0 ? 0 : output[before * hidden + j]);
      } else {
        output[at] = gate(0) = c.cell == Cell::rnn_tanh ? std::tanh(sum(0)) : std::max(sum(0), 0.0);
      }
      if (walked == c.length(n) - 1) final_output[n * hidden + j] = output[at];
    }
  }

  /// dh, carried: from the step after, of h and of what else goes from step to step; then from
  /// here.
  void backward(const Case& c, const Inputs& in, int64_t n, int64_t walked, std::vector<double>& dh,
                std::vector<double>& carried) {
    const int64_t hidden = c.hidden, all = c.gates();
    const int64_t r = row(c, walked, n), before = row(c, walked - 1, n);
    std::vector<double> product_grad(all);
    for (int64_t j = 0; j < hidden; ++j) {
      const auto gate = [&](int64_t g) { return gates[r * all + g * hidden + j]; };
      const auto set = [&](int64_t g, double grad) {
        gate_grads[r * all + g * hidden + j] = product_grad[g * hidden + j] = grad;
      };
      const int64_t at = r * hidden + j;
      if (!c.last_only) dh[j] += in.output_grad[at];
      if (c.last_only && walked == c.length(n) - 1) dh[j] += in.output_grad[n * hidden + j];
      if (c.cell == Cell::lstm) {
        const double t = tanh_cells[at], d = carried[j] + dh[j] * gate(3) * (1 - t * t);
        set(0, d * gate(2) * gate(0) * (1 - gate(0)));
        set(1, walked == 0 ? 0 : d * cells[before * hidden + j] * gate(1) * (1 - gate(1)));
        set(2, d * gate(0) * (1 - gate(2) * gate(2)));
        set(3, dh[j] * t * gate(3) * (1 - gate(3)));
        carried[j] = d * gate(1);
      } else if (c.cell == Cell::gru) {
        const double total = dh[j] + carried[j];
        const double h = walked == 0 ? 0 : output[before * hidden + j];
        const double dn = total * (1 - gate(1)) * (1 - gate(2) * gate(2));
        set(0, dn * candidates[at] * gate(0) * (1 - gate(0)));
        set(1, total * (h - gate(2)) * gate(1) * (1 - gate(1)));
        set(2, dn);
        candidate_grads[at] = product_grad[2 * hidden + j] = dn * gate(0);
        carried[j] = total * gate(1);
      } else {
        const double h = gate(0), slope = c.cell == Cell::rnn_tanh ? 1 - h * h : h > 0 ? 1 : 0;
        set(0, dh[j] * slope);
      }
    }
    for (int64_t k = 0; k < hidden; ++k) {
      dh[k] = 0;
      for (int64_t g = 0; g < all; ++g) dh[k] += product_grad[g] * in.weight[g * hidden + k];
    }
  }
};

template <class T>
std::vector<T> rounded(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

template <class T>
void expect_near(const std::vector<T>& actual, const std::vector<double>& expected, double bound) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual[i], expected[i], bound) << i;
}

/// A direction on a device.
template <class T, class Context>
struct Direction {
  Case c;
  Reference expected;
  test::Array<T, Context> gates, weight, bias_ih, bias_hh, output_grad, cells, tanh_cells,
      candidates, output, final_output;

  static std::vector<T> poison(int64_t count) {
    return std::vector<T>(count, std::numeric_limits<T>::quiet_NaN());
  }

  Direction(const Context& context, const Case& own, const Inputs& in)
      : c(own),
        expected(own, in),
        gates(context, rounded<T>(in.share)),
        weight(context, rounded<T>(in.weight)),
        bias_ih(context, rounded<T>(in.bias_ih)),
        bias_hh(context, rounded<T>(in.bias_hh)),
        output_grad(context, rounded<T>(in.output_grad)),
        cells(context, poison(expected.output.size())),
        tanh_cells(context, poison(expected.output.size())),
        candidates(context, poison(expected.output.size())),
        output(context, poison(expected.output.size())),
        final_output(context, poison(c.batch * c.hidden)) {}

  RecurrentForward<T> forward(const int32_t* lengths) {
    const bool lstm = c.cell == Cell::lstm;
    return {.cell = c.cell,
            .steps = c.steps,
            .batch = c.batch,
            .hidden_size = c.hidden,
            .reverse = c.reverse,
            .gates = gates.data(),
            .weight_hh = weight.data(),
            .bias_ih = bias_ih.data(),
            .bias_hh = bias_hh.data(),
            .cells = lstm ? cells.data() : nullptr,
            .tanh_cells = lstm ? tanh_cells.data() : nullptr,
            .candidates = c.cell == Cell::gru ? candidates.data() : nullptr,
            .output = output.data(),
            .output_stride = c.hidden,
            .final_output = final_output.data(),
            .final_output_stride = c.hidden,
            .lengths = lengths};
  }

  RecurrentBackward<T> backward(const int32_t* lengths) {
    const bool lstm = c.cell == Cell::lstm, gru = c.cell == Cell::gru;
    return {.cell = c.cell,
            .steps = c.steps,
            .batch = c.batch,
            .hidden_size = c.hidden,
            .reverse = c.reverse,
            .gates = gates.data(),
            .weight_hh = weight.data(),
            .cells = lstm ? cells.data() : nullptr,
            .tanh_cells = lstm ? tanh_cells.data() : nullptr,
            .candidates = gru ? candidates.data() : nullptr,
            .output = gru ? output.data() : nullptr,
            .output_stride = gru ? c.hidden : 0,
            .output_grad = output_grad.data(),
            .output_grad_stride = c.hidden,
            .last_only = c.last_only,
            .lengths = lengths};
  }
};

/// Two directions at once, the other one walking the other way, as a bidirectional layer runs them.
template <class T, class Context>
void check(const Context& context, const Case& c) {
  std::mt19937 random(c.steps * 7919 + c.batch * 31 + c.hidden);
  const auto draw = [&](int64_t count, double bound) {
    std::vector<float> values = test::random_values<float>(count, random);
    std::vector<double> scaled(values.begin(), values.end());
    for (double& value : scaled) value = static_cast<float>(value * bound);
    return scaled;
  };
  const int64_t rows = c.steps * c.batch;
  std::vector<std::unique_ptr<Direction<T, Context>>> directions;
  for (const bool reverse : {c.reverse, !c.reverse}) {
    Case own = c;
    own.reverse = reverse;
    const Inputs in{.share = draw(rows * c.gates(), 1),
                    .weight = draw(c.gates() * c.hidden, 1 / std::sqrt(c.hidden)),
                    .bias_ih = draw(c.gates(), 0.5),
                    .bias_hh = draw(c.gates(), 0.5),
                    .output_grad = draw((c.last_only ? c.batch : rows) * c.hidden, 1)};
    directions.push_back(std::make_unique<Direction<T, Context>>(context, own, in));
  }

  test::Array lengths(context, c.lengths);
  const int32_t* const given = c.lengths.empty() ? nullptr : lengths.data();
  std::vector<RecurrentForward<T>> forward;
  for (const auto& d : directions) forward.push_back(d->forward(given));
  recurrent_forward(context, std::span<const RecurrentForward<T>>(forward));
  // Sums before activation stay under 4 here, so each of their hidden + 3 additions errs by 2 ε at
  // most; slopes are at most 1, a cell adds up one such error a step, and the recurrence hands on
  // less than the double of an error a step: steps · 2^steps in all, steps ≤ 4.
  const double epsilon = std::numeric_limits<T>::epsilon();
  const double growth = static_cast<double>(c.steps << c.steps);
  const double bound = 2 * (c.hidden + 3) * epsilon * growth;
  for (const auto& d : directions) {
    expect_near(d->gates.host(), d->expected.gates, bound);
    expect_near(d->output.host(), d->expected.output, bound);
    expect_near(d->final_output.host(), d->expected.final_output, bound);
    if (c.cell == Cell::gru) expect_near(d->candidates.host(), d->expected.candidates, bound);
    if (c.cell != Cell::lstm) continue;
    expect_near(d->cells.host(), d->expected.cells, bound);
    expect_near(d->tanh_cells.host(), d->expected.tanh_cells, bound);
  }

  std::vector<RecurrentBackward<T>> backward;
  for (const auto& d : directions) backward.push_back(d->backward(given));
  recurrent_backward(context, std::span<const RecurrentBackward<T>>(backward));
  // The same with sums of 4 · hidden products, on top of the errors of the forward pass.
  for (const auto& d : directions) {
    expect_near(d->gates.host(), d->expected.gate_grads, 5 * bound);
    if (c.cell != Cell::gru) continue;
    expect_near(d->candidates.host(), d->expected.candidate_grads, 5 * bound);
  }
}

void check_each_cell(Case c) {
  for (const Cell cell : {Cell::lstm, Cell::gru, Cell::rnn_tanh, Cell::rnn_relu}) {
    c.cell = cell;
    SCOPED_TRACE(testing::Message()
                 << "cell " << static_cast<int>(cell) << " steps " << c.steps << " batch "
                 << c.batch << " hidden " << c.hidden << (c.reverse ? " reverse" : "")
                 << (c.last_only ? " last" : ""));
    test::on_each_device([&]<class T>(const auto& context, T) { check<T>(context, c); });
  }
}

TEST(Recurrence, MatchesItsDefinitionForwardAndBackward) {
  // Hidden sizes of 32, 64, 128 and 256 have a kernel of their own on GPUs; batches with a rest.
  for (const Case& c :
       {Case{1, 1, 1, false, false}, Case{2, 1, 3, true, false}, Case{3, 5, 7, false, true},
        Case{4, 9, 33, true, true}, Case{4, 6, 32, false, false}, Case{3, 5, 64, true, false},
        Case{3, 7, 128, false, true}, Case{2, 9, 256, true, true}, Case{1, 3, 128, false, true},
        Case{2, 2, 401, false, false}}) {
    check_each_cell(c);
  }
}

TEST(Recurrence, TakesEachRowToItsOwnLengthAndNoFurther) {
  const std::vector<int32_t> lengths{4, 1, 0, 3, 2, 1, 4, 2, 3};  // the first of them
  for (const bool last_only : {false, true}) {
    for (const int64_t hidden : {1, 33, 32, 64, 128, 256}) {
      const int64_t batch = hidden == 256 ? 3 : 9;
      check_each_cell(
          {4, batch, hidden, false, last_only, {lengths.begin(), lengths.begin() + batch}});
    }
  }
}

}  // namespace
}  // namespace stroma::kernels
