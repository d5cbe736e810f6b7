#include "layers/conv1d_letters.h"

#include <fmt/format.h>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/conv1d_letters.h"

namespace stroma {
namespace {

void check_letters(const LetterBatch& batch, const InputStandardization& standardization,
                   int64_t letters, DType dtype, Device device) {
  if (batch.length < 1 || letters < 1) {
    throw Error(
        fmt::format("windows of {} letters of an alphabet of {} are none", batch.length, letters));
  }
  check_operand("a batch of letters", "codes", batch.codes, {any}, DType::uint8, device);
  check_operand("a batch of letters", "starts", batch.starts, {any}, DType::int64, device);
  if (!standardization.mean.defined() && !standardization.inverse_sd.defined()) return;
  const Shape expected{batch.length, letters};
  check_operand("standardisation", "mean", standardization.mean, expected, dtype, device);
  check_operand("standardisation", "inverse deviation", standardization.inverse_sd, expected, dtype,
                device);
}

kernels::LetterWindows windows_of(const LetterBatch& batch) {
  return {batch.codes.data<uint8_t>(), batch.starts.data<int64_t>()};
}

template <class T>
kernels::Standardization<T> standardization_of(const InputStandardization& standardization) {
  if (!standardization.mean.defined()) return {};
  return {standardization.mean.data<T>(), standardization.inverse_sd.data<T>()};
}

}  // namespace

Variable conv1d_letters(const LetterBatch& batch, const Variable& weight, const Variable& bias,
                        const Conv1dOptions& options, const InputStandardization& standardization,
                        bool relu) {
  if (options.groups != 1) {
    throw Error(fmt::format("a convolution over letters has groups 1, not {}", options.groups));
  }
  const Tensor& w = weight.value();
  check_input("a convolution over letters", w,
              {any, any, any});  // as its type and device are all's
  const int64_t letters = w.size(1);
  check_letters(batch, standardization, letters, w.dtype(), w.device());
  const kernels::Conv1dShape shape =
      conv1d_shape(batch.length, batch.batch(), letters, w, weight, bias, options);
  Tensor y =
      Tensor::empty({shape.out_length(), shape.batch, shape.out_channels}, w.dtype(), w.device());
  dispatch(w, [&]<class T>(const auto& context, T) {
    kernels::conv1d_letters_forward(
        context,
        kernels::Conv1dLettersForward<T>{.shape = shape,
                                         .windows = windows_of(batch),
                                         .standardization = standardization_of<T>(standardization),
                                         .weight = w.data<T>(),
                                         .bias = data_or_null<T>(bias.value()),
                                         .relu = relu,
                                         .output = y.data<T>()});
  });
  return make_result(y, {weight, bias},
                     [batch, weight = GradSlot(weight), bias = GradSlot(bias), shape,
                      standardization, relu, y = relu ? y : Tensor()](const Tensor& output_grad) {
                       dispatch(output_grad, [&]<class T>(const auto& context, T) {
                         kernels::conv1d_letters_backward(
                             context, kernels::Conv1dLettersBackward<T>{
                                          .shape = shape,
                                          .windows = windows_of(batch),
                                          .standardization = standardization_of<T>(standardization),
                                          .relu = relu,
                                          .output = data_or_null<T>(y),
                                          .output_grad = output_grad.data<T>(),
                                          .weight_grad = grad_or_null<T>(weight),
                                          .bias_grad = grad_or_null<T>(bias)});
                       });
                     });
}

Variable one_hot(const LetterBatch& batch, int64_t letters,
                 const InputStandardization& standardization) {
  const DType dtype =
      standardization.mean.defined() ? standardization.mean.dtype() : DType::float32;
  check_letters(batch, standardization, letters, dtype, batch.codes.device());
  Tensor x = Tensor::empty({batch.length, batch.batch(), letters}, dtype, batch.codes.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::one_hot(context,
                     kernels::OneHot<T>{.length = batch.length,
                                        .batch = batch.batch(),
                                        .letters = letters,
                                        .windows = windows_of(batch),
                                        .standardization = standardization_of<T>(standardization),
                                        .output = x.data<T>()});
  });
  return Variable(x);
}

}  // namespace stroma
