#include "layers/model_summary.h"

#include <set>

#include "layers/fusion.h"
#include "layers/network.h"

namespace stroma {

ModelSummary summarize(const ModelSpec& spec, int64_t classes) {
  const std::vector<Flow> flows = flows_of(spec, classes);
  const std::vector<LayerSpec> layers = with_classes(spec, classes);
  const Network network(spec, classes, {}, {}, Device{});
  const auto parameters_of = [&](const LayerSpec& layer) {
    int64_t count = 0;
    for (const auto& [name, variable] : network.parameters()) {
      if (name.starts_with(layer.name + ".")) count += variable.value().count();
    }
    return count;
  };
  std::set<int> computed;  // numbers of layers that are operations of their own
  for (const LayerSpec& layer : fused(layers)) computed.insert(layer.number);

  ModelSummary summary{flows[0], {}};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerType& type = layer_type(layers[i].type);
    summary.layers.push_back(
        {.layer = &spec.layers[i],
         .output = flows[i + 1],
         .parameters = type.has_parameters ? parameters_of(layers[i]) : 0,
         .multiply_adds =
             type.multiply_adds ? type.multiply_adds(layers[i], inputs_of(layers[i], flows)) : 0,
         .fused = !computed.contains(layers[i].number)});
  }
  return summary;
}

}  // namespace stroma
