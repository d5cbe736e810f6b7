#include "layers/positional_encoding.h"

#include <cmath>
#include <utility>
#include <vector>

#include "engine/dispatch.h"
#include "engine/operand.h"
#include "kernels/positional_encoding.h"
#include "layers/layer_type.h"
#include "layers/sequence_lengths.h"

namespace stroma {
namespace {

template <class T>
Tensor sinusoids_of(int64_t length, int64_t channels, Device device) {
  std::vector<T> values;
  for (int64_t t = 0; t < length; ++t) {
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t pair = c - c % 2;  // the sine's channel
      const double exponent = static_cast<double>(pair) / static_cast<double>(channels);
      const double angle = static_cast<double>(t) / std::pow(10000.0, exponent);
      values.push_back(static_cast<T>(c % 2 == 0 ? std::sin(angle) : std::cos(angle)));
    }
  }
  return Tensor::of(values, {length, channels}, device);
}

}  // namespace

Tensor sinusoids(int64_t length, int64_t channels, DType dtype, Device device) {
  return dtype == DType::float64 ? sinusoids_of<double>(length, channels, device)
                                 : sinusoids_of<float>(length, channels, device);
}

Variable positional_encoding(const Variable& input, const Tensor& encoding, const Tensor& lengths) {
  const Tensor& x = input.value();
  check_input("a positional encoding", x, {any, any, any});
  check_operand("a positional encoding", "encoding", encoding, {x.size(0), x.size(2)}, x);
  if (lengths.defined()) check_lengths("a positional encoding", x, lengths);
  Tensor y = Tensor::empty(x.shape(), x.dtype(), x.device());
  dispatch(x, [&]<class T>(const auto& context, T) {
    kernels::positional_encoding(
        context, kernels::PositionalEncoding<T>{.length = x.size(0),
                                                .batch = x.size(1),
                                                .channels = x.size(2),
                                                .input = x.data<T>(),
                                                .encoding = encoding.data<T>(),
                                                .lengths = data_or_null<int32_t>(lengths),
                                                .output = y.data<T>()});
  });
  return make_result(
      std::move(y), {input}, [input = GradSlot(input), lengths](const Tensor& output_grad) {
        input.add_grad(lengths.defined() ? masked(output_grad, lengths) : output_grad);
      });
}

namespace {

class PositionalEncoding : public Layer {
 public:
  explicit PositionalEncoding(Tensor encoding) : encoding_(std::move(encoding)) {}
  Signal apply(std::span<const Signal> inputs) override {
    const Signal& input = inputs[0];
    return {positional_encoding(input.x, encoding_, input.lengths), input.lengths};
  }

 private:
  Tensor encoding_;  // [length, channels]
};

}  // namespace

LayerType positional_encoding_layer() {
  return {
      .name = "positional_encoding",
      .help =
          "adds to channel 2i of position t sin(t / 10000^(2i / channels)), to channel 2i + 1 "
          "the cosine",
      .keys = {},
      .turns = "sequence",
      .into = "sequence",
      .padding = "stays zeros",
      .flow =
          [](const LayerSpec&, Flows inputs) {
            need_sequence(inputs[0]);
            return inputs[0];
          },
      .build = [](const LayerSpec&, Flows inputs, LayerBuild& with) -> std::unique_ptr<Layer> {
        return std::make_unique<PositionalEncoding>(
            sinusoids(inputs[0].length, inputs[0].channels, with.init.dtype, with.init.device));
      },
  };
}

}  // namespace stroma
