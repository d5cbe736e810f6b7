#include "layers/conv1d_letters.h"

#include <fmt/format.h>

#include "engine/dispatch.h"
#include "kernels/conv1d_letters.h"

namespace stroma {
namespace {

void check_standardization(const InputStandardization& standardization, int64_t length,
                           int64_t letters) {
  if (!standardization.mean.defined()) return;
  const Shape expected{length, letters};
  for (const Tensor& tensor : {standardization.mean, standardization.inverse_sd}) {
    if (!tensor.defined() || tensor.shape() != expected) {
      throw Error(
          fmt::format("standardisation of {} positions of {} letters needs a mean and an "
                      "inverse deviation of shape {}, not {}",
                      length, letters, to_string(expected),
                      tensor.defined() ? to_string(tensor.shape()) : "none"));
    }
  }
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
  const int64_t letters = weight.shape().size() == 3 ? weight.shape()[1] : 0;
  const kernels::Conv1dShape shape =
      conv1d_shape(batch.length, batch.batch(), letters, weight, bias, options);
  check_standardization(standardization, batch.length, letters);
  const Tensor& w = weight.value();
  Tensor y =
      Tensor::empty({shape.out_length(), shape.batch, shape.out_channels}, w.dtype(), w.device());
  dispatch(w, [&]<class T>(const auto& context, T) {
    kernels::conv1d_letters_forward(
        context,
        kernels::Conv1dLettersForward<T>{.shape = shape,
                                         .windows = windows_of(batch),
                                         .standardization = standardization_of<T>(standardization),
                                         .weight = w.data<T>(),
                                         .bias = bias.defined() ? bias.value().data<T>() : nullptr,
                                         .relu = relu,
                                         .output = y.data<T>()});
  });
  std::vector<Variable> inputs{weight};
  if (bias.defined()) inputs.push_back(bias);
  return make_result(
      y, inputs, [batch, weight, bias, shape, standardization, relu, y](const Tensor& output_grad) {
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::conv1d_letters_backward(
              context,
              kernels::Conv1dLettersBackward<T>{
                  .shape = shape,
                  .windows = windows_of(batch),
                  .standardization = standardization_of<T>(standardization),
                  .relu = relu,
                  .output = y.data<T>(),
                  .output_grad = output_grad.data<T>(),
                  .weight_grad = weight.grad_to_add_to().data<T>(),
                  .bias_grad = bias.defined() ? bias.grad_to_add_to().data<T>() : nullptr});
        });
      });
}

Variable one_hot(const LetterBatch& batch, int64_t letters,
                 const InputStandardization& standardization) {
  check_standardization(standardization, batch.length, letters);
  const DType dtype =
      standardization.mean.defined() ? standardization.mean.dtype() : DType::float32;
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
