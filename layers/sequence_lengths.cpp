#include "layers/sequence_lengths.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/sequence_lengths.h"

namespace stroma {

void check_lengths(const char* operation, const Tensor& x, const Tensor& lengths) {
  check_input(operation, x, {any, any, any});
  check_operand(operation, "lengths", lengths, {x.size(1)}, DType::int32, x.device());
}

Tensor masked(const Tensor& x, const Tensor& lengths, double value) {
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::mask_positions(context, kernels::MaskPositions<T>{.length = x.size(0),
                                                               .batch = x.size(1),
                                                               .channels = x.size(2),
                                                               .input = x.data<T>(),
                                                               .lengths = lengths.data<int32_t>(),
                                                               .value = static_cast<T>(value),
                                                               .output = y.data<T>()});
  });
  return y;
}

Tensor slide_lengths(const Tensor& lengths, int64_t reach, int64_t stride, int64_t padding) {
  check_operand("a sliding window", "lengths", lengths, {any}, DType::int32, lengths.device());
  Tensor slid = Tensor::empty(lengths.shape(), DType::int32, lengths.device());
  on_device(lengths.device(), [&](const auto& context) {
    kernels::slide_lengths(context, {.batch = lengths.count(),
                                     .reach = reach,
                                     .stride = stride,
                                     .padding = padding,
                                     .input = lengths.data<int32_t>(),
                                     .output = slid.data<int32_t>()});
  });
  return slid;
}

Variable mask_positions(const Variable& x, const Tensor& lengths, double value) {
  check_lengths("mask_positions", x.value(), lengths);
  return make_result(masked(x.value(), lengths, value), {x},
                     [x = GradSlot(x), lengths](const Tensor& output_grad) {
                       x.add_grad(masked(output_grad, lengths, 0));
                     });
}

Variable select_last(const Variable& input, const Tensor& lengths) {
  const Tensor& x = input.value();
  check_lengths("select_last", x, lengths);
  const int64_t length = x.size(0), batch = x.size(1), channels = x.size(2);
  Tensor y = Tensor::empty({batch, channels}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::select_at(context, kernels::SelectAt<T>{length, batch, channels, x.data<T>(),
                                                     lengths.data<int32_t>(), y.data<T>()});
  });
  return make_result(
      std::move(y), {input},
      [input = GradSlot(input), lengths, length, batch, channels](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::select_at_backward(
              context, kernels::SelectAtBackward<T>{length, batch, channels, output_grad.data<T>(),
                                                    lengths.data<int32_t>(), input_grad.data<T>()});
        });
        input.add_grad(std::move(input_grad));
      });
}

}  // namespace stroma
