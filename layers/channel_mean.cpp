#include "layers/channel_mean.h"

#include <utility>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/rows.h"
#include "layers/layer_type.h"

namespace stroma {

Variable channel_mean(const Variable& input) {
  const Tensor& x = input.value();
  check_input("a mean over channels", x, {any, any, any});
  const int64_t channels = x.size(2), rows = x.count() / channels;
  Tensor y = Tensor::empty({x.size(0), x.size(1), 1}, x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::row_sums(context, kernels::RowSums<T>{.rows = rows,
                                                   .columns = channels,
                                                   .left = x.data<T>(),
                                                   .right = nullptr,
                                                   .factor = 1 / static_cast<T>(channels),
                                                   .sums = y.data<T>()});
  });
  return make_result(
      std::move(y), {input}, [input = GradSlot(input), rows, channels](const Tensor& output_grad) {
        Tensor input_grad = input.empty_grad();
        dispatch(output_grad, [&]<class T>(const auto& context, T) {
          kernels::scale_rows(context, kernels::ScaleRows<T>{.rows = rows,
                                                             .columns = channels,
                                                             .input = nullptr,
                                                             .scales = output_grad.data<T>(),
                                                             .factor = 1 / static_cast<T>(channels),
                                                             .output = input_grad.data<T>()});
        });
        input.add_grad(std::move(input_grad));
      });
}

namespace {

class ChannelMean : public Layer {
 public:
  Signal apply(std::span<const Signal> inputs) override {
    return {channel_mean(inputs[0].x), inputs[0].lengths};  // zeros of padding stay zeros
  }
};

}  // namespace

LayerType channel_mean_layer() {
  return {
      .name = "channel_mean",
      .help = "the mean of all channels of each position: a sequence of one channel",
      .keys = {},
      .turns = "sequence",
      .into = "sequence",
      .padding = "stays zeros",
      .flow =
          [](const LayerSpec&, Flows inputs) {
            need_sequence(inputs[0]);
            Flow mean = inputs[0];
            mean.channels = 1;
            return mean;
          },
      .build = [](const LayerSpec&, Flows, LayerBuild&) -> std::unique_ptr<Layer> {
        return std::make_unique<ChannelMean>();
      },
  };
}

}  // namespace stroma
