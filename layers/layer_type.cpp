#include "layers/layer_type.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/error.h"

namespace stroma {

#include "layers/layer_types.inc"

std::string Flow::text() const {
  if (vocabulary > 0) return fmt::format("k-mer tokens [{}, batch]", length);
  return sequence ? fmt::format("a sequence [{}, batch, {}]", length, channels)
                  : fmt::format("a vector [batch, {}]", channels);
}

Flow slid(const Flow& input, const char* what, const Slide& slide, int64_t channels) {
  need_sequence(input);
  const int64_t length = input.length + 2 * slide.padding;
  if (slide.reach > length) {
    throw Error(fmt::format("a {} of {} positions is longer than the {} that are left", what,
                            slide.reach, length));
  }
  Flow output = input;
  output.length = (length - slide.reach) / slide.stride + 1;
  output.channels = channels;
  const bool keeps_lengths = slide.stride == 1 && slide.reach == 2 * slide.padding + 1;
  if (!keeps_lengths) output.slides.push_back(slide);
  return output;
}

void need_sequence(const Flow& input) {
  if (!input.sequence) {
    throw Error("it reads a sequence, and what comes before gives " + input.text());
  }
}

void need_vector(const Flow& input) {
  if (input.sequence) {
    throw Error("it reads a vector, and what comes before gives " + input.text() +
                "; put a flatten layer, or an lstm with output = \"last\", between them");
  }
}

uint32_t LayerBuild::drop(const LayerSpec& layer, const std::string& suffix, float probability,
                          const Flow& flow) {
  const uint32_t stream = next_dropout++;
  const std::string name = layer.name.empty() ? std::to_string(layer.number) : layer.name;
  const Shape shape = flow.sequence ? Shape{flow.length, flow.channels} : Shape{flow.channels};
  if (probability > 0) dropouts.push_back({name + suffix, stream, probability, shape});
  return stream;
}

const std::vector<LayerType>& layer_types() {
  static const std::vector<LayerType> types = [] {
    std::vector<LayerType> all = all_layer_types();
    std::sort(all.begin(), all.end(),
              [](const LayerType& a, const LayerType& b) { return a.name < b.name; });
    return all;
  }();
  return types;
}

const LayerType& layer_type(const std::string& name) {
  for (const LayerType& type : layer_types()) {
    if (type.name == name) return type;
  }
  throw Error("there is no layer of the type " + name);
}

}  // namespace stroma
