#include "layers/lstm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "kernels/gemm.h"
#include "kernels/recurrent.h"
#include "kernels/reduce.h"
#include "layers/dropout.h"
#include "layers/init.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

/// One direction of one pass over a layer, with what its backward pass needs.
struct Direction {
  GradSlot weight_ih, weight_hh, bias_ih, bias_hh;
  Tensor w_ih;  // [4 · hidden, input], kept where the input asks for a gradient
  Tensor w_hh;  // [4 · hidden, hidden]
  bool reverse;
  int64_t steps;           // positions it walks: all, or the last one alone
  int64_t first_position;  // the first of them in the input
  int64_t column;          // where its h begins in a row of the layer's result
  Tensor gates;            // [steps, batch, 4 · hidden]
  Tensor cells;            // [steps, batch, hidden]
  Tensor tanh_cells;       // [steps, batch, hidden]
  Tensor output;           // h at [step, n] from column `output_column`: the result, or its own;
                           // kept where weight_hh asks for a gradient
  int64_t output_column;
};

struct Pass {
  int64_t length, batch, input_size, hidden_size;
  bool last_only;
  Tensor lengths;  // [batch] int32, or undefined
  GradSlot input;
  Tensor x;  // [length, batch, input], kept where a weight_ih asks for a gradient
  std::vector<Direction> directions;

  /// Columns of the layer's result.
  int64_t width() const { return hidden_size * static_cast<int64_t>(directions.size()); }
};

Pass plan(const Variable& input, const std::vector<LstmWeights>& directions, bool last_only,
          const Tensor& lengths) {
  const Tensor& x = input.value();
  const char* const name = "an LSTM";
  check_input(name, x, {any, any, any});
  if (directions.empty() || directions.size() > 2) {
    throw Error("an LSTM over " + to_string(x) +
                " takes the weights of one direction or two, not " +
                std::to_string(directions.size()));
  }
  check_operand(name, "weight_hh", directions[0].weight_hh.value(), {any, any}, x);
  const int64_t hidden = directions[0].weight_hh.shape()[1];
  Pass pass{x.size(0), x.size(1), x.size(2), hidden, last_only, lengths, input, x, {}};
  if (lengths.defined()) {
    check_operand(name, "lengths", lengths, {pass.batch}, DType::int32, x.device());
  }
  for (const LstmWeights& weights : directions) {
    check_operand(name, "weight_ih", weights.weight_ih.value(), {4 * hidden, pass.input_size}, x);
    check_operand(name, "weight_hh", weights.weight_hh.value(), {4 * hidden, hidden}, x);
    check_operand(name, "bias_ih", weights.bias_ih.value(), {4 * hidden}, x);
    check_operand(name, "bias_hh", weights.bias_hh.value(), {4 * hidden}, x);
    const bool reverse = !pass.directions.empty();
    const bool one_step = reverse && last_only;
    pass.directions.push_back({.weight_ih = weights.weight_ih,
                               .weight_hh = weights.weight_hh,
                               .bias_ih = weights.bias_ih,
                               .bias_hh = weights.bias_hh,
                               .w_ih = weights.weight_ih.value(),
                               .w_hh = weights.weight_hh.value(),
                               .reverse = reverse,
                               .steps = one_step ? 1 : pass.length,
                               .first_position = one_step ? pass.length - 1 : 0,
                               .column = reverse ? hidden : 0,
                               .gates = {},
                               .cells = {},
                               .tanh_cells = {},
                               .output = {},
                               .output_column = 0});
  }
  return pass;
}

template <class T, class Context>
Tensor forward(const Context& context, Pass& pass, const std::vector<LstmWeights>& weights) {
  const Tensor& input = pass.x;
  const int64_t batch = pass.batch, hidden = pass.hidden_size;
  const auto tensor = [&](const Shape& shape) {
    return Tensor::empty(shape, input.dtype(), input.device());
  };
  Tensor result =
      pass.last_only ? tensor({batch, pass.width()}) : tensor({pass.length, batch, pass.width()});

  std::vector<kernels::LstmForward<T>> calls;
  for (std::size_t i = 0; i < pass.directions.size(); ++i) {
    Direction& d = pass.directions[i];
    d.gates = tensor({d.steps, batch, 4 * hidden});
    d.cells = tensor({d.steps, batch, hidden});
    d.tanh_cells = tensor({d.steps, batch, hidden});
    // With last_only every h is still needed for the gradient of the weights.
    d.output = pass.last_only ? tensor({d.steps, batch, hidden}) : result;
    d.output_column = pass.last_only ? 0 : d.column;
    kernels::gemm(context, kernels::Gemm<T>{.transpose_b = true,
                                            .m = d.steps * batch,
                                            .n = 4 * hidden,
                                            .k = pass.input_size,
                                            .a = input.rows(d.first_position, d.steps).data<T>(),
                                            .lda = pass.input_size,
                                            .b = std::as_const(d.w_ih).data<T>(),
                                            .ldb = pass.input_size,
                                            .c = d.gates.data<T>(),
                                            .ldc = 4 * hidden});
    calls.push_back({.steps = d.steps,
                     .batch = batch,
                     .hidden_size = hidden,
                     .reverse = d.reverse,
                     .gates = d.gates.data<T>(),
                     .weight_hh = std::as_const(d.w_hh).data<T>(),
                     .bias_ih = weights[i].bias_ih.value().data<T>(),
                     .bias_hh = weights[i].bias_hh.value().data<T>(),
                     .cells = d.cells.data<T>(),
                     .tanh_cells = d.tanh_cells.data<T>(),
                     .output = d.output.data<T>() + d.output_column,
                     .output_stride = d.output.size(2),
                     .final_output = pass.last_only ? result.data<T>() + d.column : nullptr,
                     .final_output_stride = pass.width(),
                     .lengths = data_or_null<int32_t>(std::as_const(pass.lengths))});
  }
  kernels::lstm_forward(context, std::span<const kernels::LstmForward<T>>(calls));
  return result;
}

/// Adds the gradients of one direction's weights that are asked for, given that of its gates.
template <class T, class Context>
void weight_gradients(const Context& context, const Pass& pass, const Direction& d) {
  const int64_t batch = pass.batch, hidden = pass.hidden_size;
  const T* gates = d.gates.data<T>();
  if (d.weight_ih.requires_grad())
    kernels::gemm(context, kernels::Gemm<T>{.transpose_a = true,
                                            .m = 4 * hidden,
                                            .n = pass.input_size,
                                            .k = d.steps * batch,
                                            .a = gates,
                                            .lda = 4 * hidden,
                                            .b = pass.x.rows(d.first_position, d.steps).data<T>(),
                                            .ldb = pass.input_size,
                                            .beta = 1,
                                            .c = d.weight_ih.grad_to_add_to().data<T>(),
                                            .ldc = pass.input_size});
  if (d.weight_hh.requires_grad() && d.steps > 1) {
    // The gates of a step meet the h of the step walked before it: a shift by one position.
    const int64_t stride = d.output.size(2);
    const T* output = d.output.data<T>() + d.output_column;
    kernels::gemm(context, kernels::Gemm<T>{.transpose_a = true,
                                            .m = 4 * hidden,
                                            .n = hidden,
                                            .k = (d.steps - 1) * batch,
                                            .a = gates + (d.reverse ? 0 : batch * 4 * hidden),
                                            .lda = 4 * hidden,
                                            .b = output + (d.reverse ? batch * stride : 0),
                                            .ldb = stride,
                                            .beta = 1,
                                            .c = d.weight_hh.grad_to_add_to().data<T>(),
                                            .ldc = hidden});
  } else if (d.weight_hh.requires_grad()) {
    d.weight_hh.grad_to_add_to();  // h₋ = 0: the gradient is zero, but there is one
  }
  T *bias_ih = grad_or_null<T>(d.bias_ih), *bias_hh = grad_or_null<T>(d.bias_hh);
  if (bias_ih == nullptr) std::swap(bias_ih, bias_hh);
  if (bias_ih == nullptr) return;
  kernels::add_column_sums(context, gates, d.steps * batch, 4 * hidden, 4 * hidden, bias_ih,
                           bias_hh);
}

template <class T, class Context>
void backward(const Context& context, const Tensor& output_grad, Pass& pass) {
  const int64_t batch = pass.batch, hidden = pass.hidden_size;
  std::vector<kernels::LstmBackward<T>> calls;
  for (Direction& d : pass.directions) {
    calls.push_back({.steps = d.steps,
                     .batch = batch,
                     .hidden_size = hidden,
                     .reverse = d.reverse,
                     .gates = d.gates.data<T>(),
                     .weight_hh = std::as_const(d.w_hh).data<T>(),
                     .cells = std::as_const(d.cells).data<T>(),
                     .tanh_cells = std::as_const(d.tanh_cells).data<T>(),
                     .output_grad = output_grad.data<T>() + d.column,
                     .output_grad_stride = pass.width(),
                     .last_only = pass.last_only});
  }
  kernels::lstm_backward(context, std::span<const kernels::LstmBackward<T>>(calls));
  for (Direction& d : pass.directions) weight_gradients<T>(context, pass, d);

  if (!pass.input.requires_grad()) return;
  Tensor input_grad = pass.input.empty_grad();
  for (const Direction& d : pass.directions) {
    // The forward direction comes first and covers every position.
    kernels::gemm(context, kernels::Gemm<T>{
                               .m = d.steps * batch,
                               .n = pass.input_size,
                               .k = 4 * hidden,
                               .a = d.gates.data<T>(),
                               .lda = 4 * hidden,
                               .b = d.w_ih.data<T>(),
                               .ldb = pass.input_size,
                               .beta = d.reverse ? T{1} : T{0},
                               .c = input_grad.rows(d.first_position, d.steps).template data<T>(),
                               .ldc = pass.input_size});
  }
  pass.input.add_grad(input_grad);
}

void keep_what_backward_reads(Pass& pass) {
  bool reads_input = false;
  for (Direction& d : pass.directions) {
    if (!pass.input.requires_grad()) d.w_ih = Tensor();
    if (!d.weight_hh.requires_grad()) d.output = Tensor();
    reads_input = reads_input || d.weight_ih.requires_grad();
  }
  if (!reads_input) pass.x = Tensor();
}

}  // namespace

Variable lstm_layer(const Variable& input, const std::vector<LstmWeights>& directions,
                    bool last_only, const Tensor& lengths) {
  if (last_only && lengths.defined()) {
    return select_last(lstm_layer(input, directions, /*last_only=*/false, lengths), lengths);
  }
  const auto pass = std::make_shared<Pass>(plan(input, directions, last_only, lengths));
  Tensor result;
  dispatch(input.value(), [&]<class T>(const auto& context, T) {
    result = forward<T>(context, *pass, directions);
  });
  keep_what_backward_reads(*pass);
  std::vector<GradSlot> inputs{input};
  for (const LstmWeights& w : directions) {
    inputs.insert(inputs.end(), {w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh});
  }
  return make_result(std::move(result), inputs, [pass](const Tensor& output_grad) {
    dispatch(output_grad,
             [&]<class T>(const auto& context, T) { backward<T>(context, output_grad, *pass); });
  });
}

Lstm::Lstm(int64_t input_size, const LstmOptions& options, InitialWeights& init,
           const TrainingClock& clock, uint32_t dropout_stream)
    : options_(options), clock_(clock), dropout_stream_(dropout_stream) {
  const int64_t hidden = options.hidden_size;
  if (std::min({input_size, hidden, options.num_layers}) < 1) {
    throw Error("an LSTM of " + std::to_string(options.num_layers) + " layers, input size " +
                std::to_string(input_size) + " and hidden size " + std::to_string(hidden) +
                " cannot be; each is at least 1");
  }
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  for (int64_t layer = 0; layer < options.num_layers; ++layer) {
    layers_.emplace_back();
    for (const char* suffix : {"", "_reverse"}) {
      if (*suffix != '\0' && !options.bidirectional) break;
      const std::string end = "_l" + std::to_string(layer) + suffix;
      const auto parameter = [&](const std::string& name, const Shape& shape) {
        return register_parameter(name + end, uniform_parameter(shape, bound, init));
      };
      const int64_t width = layer == 0 ? input_size : hidden * (options.bidirectional ? 2 : 1);
      LstmWeights weights;
      weights.weight_ih = parameter("weight_ih", {4 * hidden, width});
      weights.weight_hh = parameter("weight_hh", {4 * hidden, hidden});
      weights.bias_ih = parameter("bias_ih", {4 * hidden});
      weights.bias_hh = parameter("bias_hh", {4 * hidden});
      layers_.back().push_back(weights);
    }
  }
}

Signal Lstm::apply(std::span<const Signal> inputs) {
  auto [x, lengths, letters] = inputs[0];
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    const bool top = layer + 1 == layers_.size();
    x = lstm_layer(x, layers_[layer], top && options_.last_only, lengths);
    if (!top && training() && options_.dropout > 0) {
      x = dropout(x, options_.dropout, clock_, dropout_stream_ + static_cast<uint32_t>(layer));
    }
  }
  return {x, options_.last_only ? Tensor() : lengths};
}

namespace {

LstmOptions options_of(const LayerSpec& layer) {
  return {.hidden_size = layer.integer("hidden_size"),
          .num_layers = layer.integer("num_layers"),
          .bidirectional = layer.flag("bidirectional"),
          .dropout = layer.number_of("dropout"),
          .last_only = layer.word("output") == "last"};
}

/// What each of its layers but the top one gives, and with output = "all" that one, too.
Flow flow_between(const LstmOptions& options, const Flow& input) {
  Flow flow = input;
  flow.channels = options.hidden_size * (options.bidirectional ? 2 : 1);
  return flow;
}

std::unique_ptr<Layer> build(const LayerSpec& layer, Flows inputs, LayerBuild& with) {
  const LstmOptions options = options_of(layer);
  const uint32_t first_stream = with.next_dropout;
  for (int64_t k = 0; k + 1 < options.num_layers; ++k) {
    with.drop(layer, fmt::format("_l{}", k), options.dropout, flow_between(options, inputs[0]));
  }
  return std::make_unique<Lstm>(inputs[0].channels, options, with.init, with.clock, first_stream);
}

int64_t multiply_adds(const LayerSpec& layer, Flows inputs) {
  const LstmOptions options = options_of(layer);
  const Flow between = flow_between(options, inputs[0]);
  int64_t sum = 0;
  for (int64_t k = 0; k < options.num_layers; ++k) {
    const int64_t width = k == 0 ? inputs[0].channels : between.channels;
    const int64_t a_step = 4 * options.hidden_size * (width + options.hidden_size);
    const bool last_only = options.last_only && k + 1 == options.num_layers && !between.masked;
    sum += between.length * a_step;
    // Of the last position alone the other direction takes one step.
    if (options.bidirectional) sum += (last_only ? 1 : between.length) * a_step;
  }
  return sum;
}

}  // namespace

LayerType lstm_layer_type() {
  return {
      .name = "lstm",
      .help = "long short-term memory, walked along a sequence",
      .keys = {{.name = "hidden_size", .allowed = Whole{1}, .help = "channels a direction"},
               {.name = "num_layers",
                .allowed = Whole{1},
                .otherwise = int64_t{1},
                .help = "layers, each reading the one before"},
               {.name = "bidirectional",
                .allowed = Flag{},
                .otherwise = false,
                .help = "also from the end to the beginning; the channels are joined"},
               {.name = "dropout",
                .allowed = ranges::probability,
                .otherwise = 0.0,
                .help = "probability of dropout between its layers"},
               {.name = "output",
                .allowed = Words{"last", "all"},
                .otherwise = std::string("all"),
                .help = "all positions, or a vector: its output at the last one"}},
      .has_parameters = true,
      .turns = "sequence",
      .into = "sequence; with \"last\" a vector",
      .padding = "is not walked and gives zeros; the last position is the sequence's own",
      .check =
          [](const LayerSpec& layer, const FailAtKey& fail) {
            if (layer.integer("num_layers") == 1 && layer.number_of("dropout") > 0) {
              fail("dropout",
                   "'dropout' of an lstm lies between its layers and needs num_layers above 1; for "
                   "dropout after it, add a layer of type dropout");
            }
          },
      .flow =
          [](const LayerSpec& layer, Flows inputs) {
            need_sequence(inputs[0]);
            const LstmOptions options = options_of(layer);
            const Flow all = flow_between(options, inputs[0]);
            return options.last_only ? Flow{false, 0, all.channels} : all;
          },
      .build = build,
      .multiply_adds = multiply_adds,
  };
}

}  // namespace stroma
