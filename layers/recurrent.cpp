#include "layers/recurrent.h"

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/error.h"
#include "kernels/gemm.h"
#include "kernels/reduce.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

/// One direction of one pass over a layer, with what its backward pass needs.
struct Direction {
  GradSlot weight_ih, weight_hh, bias_ih, bias_hh;
  Tensor w_ih;  // [gates · hidden, input], kept where the input asks for a gradient
  Tensor w_hh;  // [gates · hidden, hidden]
  bool reverse;
  int64_t steps;           // positions it walks: all, or the last one alone
  int64_t first_position;  // the first of them in the input
  int64_t column;          // where its h begins in a row of the layer's result
  Tensor gates;            // [steps, batch, gates · hidden]
  Tensor cells;            // [steps, batch, hidden] of an lstm, as is the next
  Tensor tanh_cells;
  Tensor candidates;  // [steps, batch, hidden] of a gru
  Tensor output;      // h at [step, n] from column `output_column`: the result, or its own; kept
                      // where weight_hh asks for a gradient, and by a gru
  int64_t output_column;
};

struct Pass {
  Cell cell;
  int64_t length, batch, input_size, hidden_size;
  bool vector;     // the result is one: what each direction ends with
  Tensor lengths;  // [batch] int32, or undefined
  GradSlot input;
  Tensor x;  // [length, batch, input], kept where a weight_ih asks for a gradient
  std::vector<Direction> directions;

  /// Columns of the gates, and of the layer's result.
  int64_t gates() const { return kernels::gates_of(cell) * hidden_size; }
  int64_t width() const { return hidden_size * static_cast<int64_t>(directions.size()); }
};

const char* name_of(Cell cell) {
  switch (cell) {
    case Cell::lstm:
      return "an LSTM";
    case Cell::gru:
      return "a GRU";
    case Cell::rnn_tanh:
    case Cell::rnn_relu:
      return "an RNN";
  }
  return "";
}

Pass plan(Cell cell, const Variable& input, const std::vector<RecurrentWeights>& directions,
          RecurrentOutput output, const Tensor& lengths) {
  const Tensor& x = input.value();
  const char* const name = name_of(cell);
  check_input(name, x, {any, any, any});
  if (directions.empty() || directions.size() > 2) {
    throw Error(std::string(name) + " over " + to_string(x) +
                " takes the weights of one direction or two, not " +
                std::to_string(directions.size()));
  }
  check_operand(name, "weight_hh", directions[0].weight_hh.value(), {any, any}, x);
  const int64_t hidden = directions[0].weight_hh.shape()[1];
  Pass pass{.cell = cell,
            .length = x.size(0),
            .batch = x.size(1),
            .input_size = x.size(2),
            .hidden_size = hidden,
            .vector = output != RecurrentOutput::all,
            .lengths = lengths,
            .input = input,
            .x = x,
            .directions = {}};
  if (lengths.defined()) check_lengths(name, x, lengths);
  const int64_t gates = pass.gates();
  for (const RecurrentWeights& weights : directions) {
    check_operand(name, "weight_ih", weights.weight_ih.value(), {gates, pass.input_size}, x);
    check_operand(name, "weight_hh", weights.weight_hh.value(), {gates, hidden}, x);
    check_operand(name, "bias_ih", weights.bias_ih.value(), {gates}, x);
    check_operand(name, "bias_hh", weights.bias_hh.value(), {gates}, x);
    const bool reverse = !pass.directions.empty();
    const bool one_step = reverse && output == RecurrentOutput::last;
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
                               .candidates = {},
                               .output = {},
                               .output_column = 0});
  }
  return pass;
}

template <class T, class Context>
Tensor forward(const Context& context, Pass& pass, const std::vector<RecurrentWeights>& weights) {
  const Tensor& input = pass.x;
  const int64_t batch = pass.batch, hidden = pass.hidden_size, gates = pass.gates();
  const auto tensor = [&](const Shape& shape) {
    return Tensor::empty(shape, input.dtype(), input.device());
  };
  Tensor result =
      pass.vector ? tensor({batch, pass.width()}) : tensor({pass.length, batch, pass.width()});

  std::vector<kernels::RecurrentForward<T>> calls;
  for (std::size_t i = 0; i < pass.directions.size(); ++i) {
    Direction& d = pass.directions[i];
    d.gates = tensor({d.steps, batch, gates});
    if (pass.cell == Cell::lstm) {
      d.cells = tensor({d.steps, batch, hidden});
      d.tanh_cells = tensor({d.steps, batch, hidden});
    }
    if (pass.cell == Cell::gru) d.candidates = tensor({d.steps, batch, hidden});
    // Where one h of a row is read, every one is still needed for the gradient of the weights.
    d.output = pass.vector ? tensor({d.steps, batch, hidden}) : result;
    d.output_column = pass.vector ? 0 : d.column;
    kernels::gemm(context, kernels::Gemm<T>{.transpose_b = true,
                                            .m = d.steps * batch,
                                            .n = gates,
                                            .k = pass.input_size,
                                            .a = input.rows(d.first_position, d.steps).data<T>(),
                                            .lda = pass.input_size,
                                            .b = std::as_const(d.w_ih).data<T>(),
                                            .ldb = pass.input_size,
                                            .c = d.gates.data<T>(),
                                            .ldc = gates});
    calls.push_back({.cell = pass.cell,
                     .steps = d.steps,
                     .batch = batch,
                     .hidden_size = hidden,
                     .reverse = d.reverse,
                     .gates = d.gates.data<T>(),
                     .weight_hh = std::as_const(d.w_hh).data<T>(),
                     .bias_ih = weights[i].bias_ih.value().data<T>(),
                     .bias_hh = weights[i].bias_hh.value().data<T>(),
                     .cells = data_or_null<T>(d.cells),
                     .tanh_cells = data_or_null<T>(d.tanh_cells),
                     .candidates = data_or_null<T>(d.candidates),
                     .output = d.output.data<T>() + d.output_column,
                     .output_stride = d.output.size(2),
                     .final_output = pass.vector ? result.data<T>() + d.column : nullptr,
                     .final_output_stride = pass.width(),
                     .lengths = data_or_null<int32_t>(std::as_const(pass.lengths))});
  }
  kernels::recurrent_forward(context, std::span<const kernels::RecurrentForward<T>>(calls));
  return result;
}

/// Adds to the gradient of some rows of weight_hh, by that of their products with h₋.
template <class T, class Context>
void add_weight_hh_grad(const Context& context, const Pass& pass, const Direction& d,
                        const T* product_grad, int64_t stride, int64_t rows, int64_t first_row) {
  const int64_t batch = pass.batch, hidden = pass.hidden_size;
  if (!d.weight_hh.requires_grad()) return;
  T* const grad = d.weight_hh.grad_to_add_to().data<T>() + first_row * hidden;
  if (d.steps == 1) return;  // h₋ = 0: the gradient is zero, but there is one
  // The gates of a step meet the h of the step walked before it: a shift by one position.
  const int64_t output_stride = d.output.size(2);
  const T* output = d.output.data<T>() + d.output_column;
  kernels::gemm(context, kernels::Gemm<T>{.transpose_a = true,
                                          .m = rows,
                                          .n = hidden,
                                          .k = (d.steps - 1) * batch,
                                          .a = product_grad + (d.reverse ? 0 : batch * stride),
                                          .lda = stride,
                                          .b = output + (d.reverse ? batch * output_stride : 0),
                                          .ldb = output_stride,
                                          .beta = 1,
                                          .c = grad,
                                          .ldc = hidden});
}

/// Adds the gradients of one direction's weights that are asked for, given that of its gates.
template <class T, class Context>
void weight_gradients(const Context& context, const Pass& pass, const Direction& d) {
  const int64_t hidden = pass.hidden_size, width = pass.gates(), rows = d.steps * pass.batch;
  const T* gates = d.gates.data<T>();
  if (d.weight_ih.requires_grad())
    kernels::gemm(context, kernels::Gemm<T>{.transpose_a = true,
                                            .m = width,
                                            .n = pass.input_size,
                                            .k = rows,
                                            .a = gates,
                                            .lda = width,
                                            .b = pass.x.rows(d.first_position, d.steps).data<T>(),
                                            .ldb = pass.input_size,
                                            .beta = 1,
                                            .c = d.weight_ih.grad_to_add_to().data<T>(),
                                            .ldc = pass.input_size});
  T *bias_ih = grad_or_null<T>(d.bias_ih), *bias_hh = grad_or_null<T>(d.bias_hh);
  // Of a gru's third gate the product has a gradient of its own.
  const int64_t own = pass.cell == Cell::gru ? hidden : 0, shared = width - own;
  add_weight_hh_grad<T>(context, pass, d, gates, width, shared, 0);
  if (own > 0) {
    const T* candidates = d.candidates.data<T>();
    add_weight_hh_grad<T>(context, pass, d, candidates, hidden, own, shared);
    if (bias_ih)
      kernels::add_column_sums(context, gates + shared, rows, own, width, bias_ih + shared);
    if (bias_hh) kernels::add_column_sums(context, candidates, rows, own, hidden, bias_hh + shared);
  }
  if (bias_ih == nullptr) std::swap(bias_ih, bias_hh);
  if (bias_ih == nullptr) return;
  kernels::add_column_sums(context, gates, rows, shared, width, bias_ih, bias_hh);
}

template <class T, class Context>
void backward(const Context& context, const Tensor& output_grad, Pass& pass) {
  const int64_t batch = pass.batch, gates = pass.gates();
  const bool gru = pass.cell == Cell::gru;
  std::vector<kernels::RecurrentBackward<T>> calls;
  for (Direction& d : pass.directions) {
    calls.push_back({.cell = pass.cell,
                     .steps = d.steps,
                     .batch = batch,
                     .hidden_size = pass.hidden_size,
                     .reverse = d.reverse,
                     .gates = d.gates.data<T>(),
                     .weight_hh = std::as_const(d.w_hh).data<T>(),
                     .cells = data_or_null<T>(std::as_const(d.cells)),
                     .tanh_cells = data_or_null<T>(std::as_const(d.tanh_cells)),
                     .candidates = data_or_null<T>(d.candidates),
                     .output = gru ? std::as_const(d.output).data<T>() + d.output_column : nullptr,
                     .output_stride = gru ? d.output.size(2) : 0,
                     .output_grad = output_grad.data<T>() + d.column,
                     .output_grad_stride = pass.width(),
                     .last_only = pass.vector,
                     .lengths = data_or_null<int32_t>(std::as_const(pass.lengths))});
  }
  kernels::recurrent_backward(context, std::span<const kernels::RecurrentBackward<T>>(calls));
  for (Direction& d : pass.directions) weight_gradients<T>(context, pass, d);

  if (!pass.input.requires_grad()) return;
  Tensor input_grad = pass.input.empty_grad();
  for (const Direction& d : pass.directions) {
    // The forward direction comes first and covers every position.
    kernels::gemm(context, kernels::Gemm<T>{
                               .m = d.steps * batch,
                               .n = pass.input_size,
                               .k = gates,
                               .a = d.gates.data<T>(),
                               .lda = gates,
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
    if (!d.weight_hh.requires_grad() && pass.cell != Cell::gru) d.output = Tensor();
    reads_input = reads_input || d.weight_ih.requires_grad();
  }
  if (!reads_input) pass.x = Tensor();
}

}  // namespace

Variable recurrent(Cell cell, const Variable& input,
                   const std::vector<RecurrentWeights>& directions, RecurrentOutput output,
                   const Tensor& lengths) {
  if (output == RecurrentOutput::last && lengths.defined()) {
    return select_last(recurrent(cell, input, directions, RecurrentOutput::all, lengths), lengths);
  }
  const auto pass = std::make_shared<Pass>(plan(cell, input, directions, output, lengths));
  Tensor result;
  dispatch(input.value(), [&]<class T>(const auto& context, T) {
    result = forward<T>(context, *pass, directions);
  });
  keep_what_backward_reads(*pass);
  std::vector<GradSlot> inputs{input};
  for (const RecurrentWeights& w : directions) {
    inputs.insert(inputs.end(), {w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh});
  }
  return make_result(std::move(result), inputs, [pass](const Tensor& output_grad) {
    dispatch(output_grad,
             [&]<class T>(const auto& context, T) { backward<T>(context, output_grad, *pass); });
  });
}

}  // namespace stroma
