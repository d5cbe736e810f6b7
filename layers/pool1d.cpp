#include "layers/pool1d.h"

#include <fmt/format.h>

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/pool1d.h"

namespace stroma {
namespace {

kernels::Pool1dShape pool_shape(const Tensor& x, const Pool1dOptions& options) {
  check_input("pooling", x, {any, any, any});
  const Shape& input = x.shape();
  if (options.window < 1 || options.stride < 1 || options.padding < 0 ||
      options.padding > options.window / 2) {
    throw Error(fmt::format(
        "pooling needs a window (kernel_size) >= 1, stride >= 1 and 0 <= padding <= window / 2, "
        "not window {}, stride {}, padding {}",
        options.window, options.stride, options.padding));
  }
  if (input[0] < options.window - 2 * options.padding) {
    throw Error(fmt::format(
        "a pooling window (kernel_size) of {} does not fit an input of length {} (shape {}) "
        "with padding {}",
        options.window, input[0], to_string(input), options.padding));
  }
  return {.length = input[0],
          .batch = input[1],
          .channels = input[2],
          .window = options.window,
          .stride = options.stride,
          .padding = options.padding};
}

Tensor empty_output(const Tensor& input, const kernels::Pool1dShape& shape) {
  return Tensor::empty({shape.out_length(), shape.batch, shape.channels}, input.dtype(),
                       input.device());
}

}  // namespace

Variable max_pool1d(const Variable& input, const Pool1dOptions& options, bool relu) {
  const Tensor& x = input.value();
  const kernels::Pool1dShape shape = pool_shape(x, options);
  Tensor y = empty_output(x, shape);
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::max_pool1d_forward(
        context, kernels::MaxPool1dForward<T>{
                     .shape = shape, .relu = relu, .input = x.data<T>(), .output = y.data<T>()});
  });
  return make_result(
      y, {input}, [input = GradSlot(input), x, y, shape, relu](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(x, [&]<class T>(const auto& context, T) {
          kernels::max_pool1d_backward(
              context, kernels::MaxPool1dBackward<T>{.shape = shape,
                                                     .relu = relu,
                                                     .input = x.data<T>(),
                                                     .output = y.data<T>(),
                                                     .output_grad = output_grad.data<T>(),
                                                     .input_grad = input_grad.data<T>()});
        });
        input.add_grad(std::move(input_grad));
      });
}

Variable average_pool1d(const Variable& input, const Pool1dOptions& options) {
  const Tensor& x = input.value();
  const kernels::Pool1dShape shape = pool_shape(x, options);
  Tensor y = empty_output(x, shape);
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::average_pool1d_forward(
        context, kernels::AveragePool1dForward<T>{
                     .shape = shape, .input = x.data<T>(), .output = y.data<T>()});
  });
  return make_result(y, {input}, [input = GradSlot(input), shape](const Tensor& output_grad) {
    Tensor input_grad = input.empty_grad();
    dispatch(output_grad, [&]<class T>(const auto& context, T) {
      kernels::average_pool1d_backward(
          context, kernels::AveragePool1dBackward<T>{.shape = shape,
                                                     .output_grad = output_grad.data<T>(),
                                                     .input_grad = input_grad.data<T>()});
    });
    input.add_grad(std::move(input_grad));
  });
}

}  // namespace stroma
