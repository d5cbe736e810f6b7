#include "layers/global_pool1d.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/global_pool1d.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

struct Extents {
  int64_t length, batch, channels;
};

Extents extents_of(const Tensor& x, const Tensor& lengths) {
  check_input("global pooling", x, {any, any, any});
  if (lengths.defined()) check_lengths("global pooling", x, lengths);
  return {x.size(0), x.size(1), x.size(2)};
}

}  // namespace

Variable global_average_pool1d(const Variable& input, const Tensor& lengths) {
  const Tensor& x = input.value();
  const Extents e = extents_of(x, lengths);
  Tensor y = Tensor::empty({e.batch, e.channels}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::global_average_pool1d(
        context, kernels::GlobalAveragePool1d<T>{.length = e.length,
                                                 .batch = e.batch,
                                                 .channels = e.channels,
                                                 .input = x.data<T>(),
                                                 .lengths = data_or_null<int32_t>(lengths),
                                                 .output = y.data<T>()});
  });
  return make_result(
      std::move(y), {input}, [input = GradSlot(input), lengths, e](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::global_average_pool1d_backward(
              context,
              kernels::GlobalAveragePool1dBackward<T>{.length = e.length,
                                                      .batch = e.batch,
                                                      .channels = e.channels,
                                                      .output_grad = output_grad.data<T>(),
                                                      .lengths = data_or_null<int32_t>(lengths),
                                                      .input_grad = input_grad.data<T>()});
        });
        input.add_grad(std::move(input_grad));
      });
}

Variable global_max_pool1d(const Variable& input, const Tensor& lengths) {
  const Tensor& x = input.value();
  const Extents e = extents_of(x, lengths);
  Tensor y = Tensor::empty({e.batch, e.channels}, x.dtype(), x.device());
  Tensor positions = Tensor::empty({e.batch, e.channels}, DType::int32, x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::global_max_pool1d(
        context, kernels::GlobalMaxPool1d<T>{.length = e.length,
                                             .batch = e.batch,
                                             .channels = e.channels,
                                             .input = x.data<T>(),
                                             .lengths = data_or_null<int32_t>(lengths),
                                             .output = y.data<T>(),
                                             .positions = positions.data<int32_t>()});
  });
  return make_result(
      std::move(y), {input}, [input = GradSlot(input), positions, e](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::global_max_pool1d_backward(
              context, kernels::GlobalMaxPool1dBackward<T>{.length = e.length,
                                                           .batch = e.batch,
                                                           .channels = e.channels,
                                                           .output_grad = output_grad.data<T>(),
                                                           .positions = positions.data<int32_t>(),
                                                           .input_grad = input_grad.data<T>()});
        });
        input.add_grad(std::move(input_grad));
      });
}

namespace {

using Pool = Variable (*)(const Variable& input, const Tensor& lengths);

template <Pool pool>
class GlobalPool1d : public Layer {
 public:
  Signal apply(std::span<const Signal> inputs) override {
    return {pool(inputs[0].x, inputs[0].lengths)};
  }
};

template <Pool pool>
LayerType global_pool_layer(const char* name, const char* help, const char* padding) {
  return {
      .name = name,
      .help = help,
      .keys = {},
      .turns = "sequence",
      .into = "vector",
      .padding = padding,
      .flow =
          [](const LayerSpec&, Flows inputs) {
            need_sequence(inputs[0]);
            return Flow{false, 0, inputs[0].channels};
          },
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<GlobalPool1d<pool>>();
      },
  };
}

}  // namespace

LayerType global_average_pool1d_layer() {
  return global_pool_layer<global_average_pool1d>("global_average_pool1d",
                                                  "the mean of all positions, for each channel",
                                                  "does not count; of no positions zeros");
}

LayerType global_max_pool1d_layer() {
  return global_pool_layer<global_max_pool1d>(
      "global_max_pool1d", "the largest value of all positions, for each channel",
      "is never the largest; of no positions zeros");
}

}  // namespace stroma
