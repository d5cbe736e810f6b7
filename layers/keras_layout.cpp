#include "layers/keras_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "kernels/error.h"
#include "layers/layer_type.h"

namespace stroma {
namespace {

/// In which order Keras has the elements of a vector: order[k] is the place of its element k here.
/// Empty: in the same.
using Order = std::vector<int64_t>;

Order order_here(int64_t count) {
  Order order(count);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

/// Here a flattened sequence is channel by channel, as in PyTorch; there position by position.
Order order_of_flattened(const Flow& sequence) {
  Order order;
  for (int64_t t = 0; t < sequence.length; ++t) {
    for (int64_t c = 0; c < sequence.channels; ++c) order.push_back(c * sequence.length + t);
  }
  return order;
}

Order joined_order(const std::vector<Flow>& inputs, const std::vector<Order>& orders) {
  Order all;
  int64_t before = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Order& order = orders[i].empty() ? order_here(inputs[i].channels) : orders[i];
    for (const int64_t place : order) all.push_back(before + place);
    before += inputs[i].channels;
  }
  return all;
}

std::vector<KerasWeight> keras_weights(const LayerSpec& layer) {
  const auto list = layer_type(layer.type).keras;
  return list == nullptr ? std::vector<KerasWeight>() : list(layer);
}

/// In which order Keras has what a layer gives.
Order order_after(const LayerSpec& layer, const Flow& output, const std::vector<Flow>& inputs,
                  const std::vector<Order>& orders) {
  if (output.sequence) return {};
  if (layer.type == "flatten") return order_of_flattened(inputs[0]);
  const bool plain =
      std::all_of(orders.begin(), orders.end(), [](const Order& o) { return o.empty(); });
  if (plain) return {};
  if (layer.type == "concat") return joined_order(inputs, orders);
  for (const Order& other : orders) {
    if (other == orders[0]) continue;
    throw Error(
        "Keras flattens sequences in another order, so that what is joined here does not "
        "meet there; take --layout pytorch");
  }
  // Elements stay where they are, but for a matrix that mixes them.
  for (const KerasWeight& weight : keras_weights(layer)) {
    if (weight.input_axis > 0) return {};
  }
  return orders[0];
}

/// What of a model's parameters Keras has, and how.
struct Entry {
  KerasWeight weight;
  std::string name;               // in Keras
  std::vector<std::string> ours;  // here
  Order order;                    // of what the layer reads
};

std::vector<Entry> entries_of(const ModelSpec& spec, int64_t classes) {
  const std::vector<Flow> flows = flows_of(spec, classes);
  const std::vector<LayerSpec> layers = with_classes(spec, classes);
  std::vector<Order> orders;  // of each layer's output
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerSpec& layer = layers[i];
    std::vector<Order> read;
    for (const int place : layer.reads) {
      read.push_back(place == network_input ? Order() : orders[place]);
    }
    try {
      if (layer_type(layer.type).has_parameters && layer_type(layer.type).keras == nullptr) {
        throw Error("its weights have no layout in Keras; take --layout pytorch");
      }
      orders.push_back(order_after(layer, flows[i + 1], inputs_of(layer, flows), read));
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}:{}: {}: {}", spec.where, layer.line, layer.title(), error.what()));
    }
    for (const KerasWeight& weight : keras_weights(layer)) {
      Entry entry{weight, layer.name + weight.name, {}, read[0]};
      for (const std::string& name : weight.ours) entry.ours.push_back(layer.name + "." + name);
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

/// The shape that Keras has for a parameter of this one.
Shape keras_shape(const Entry& entry, Shape shape) {
  if (entry.weight.reversed) std::reverse(shape.begin(), shape.end());
  if (entry.weight.stacked) shape.insert(shape.begin(), std::ssize(entry.ours));
  return shape;
}

/// The place here along `axis` of what Keras has at place `at`.
int64_t place_here(const Entry& entry, std::size_t axis, int64_t extent, int64_t at) {
  const std::vector<int>& gates = entry.weight.gates;
  if (axis == 0 && !gates.empty()) {
    const int64_t block = extent / std::ssize(gates);
    return gates[at / block] * block + at % block;
  }
  const bool permuted = static_cast<int>(axis) == entry.weight.input_axis && !entry.order.empty();
  return permuted ? entry.order[at] : at;
}

/// Calls f(place here, place in Keras) for each element of a parameter of that shape.
template <class F>
void for_each_element(const Entry& entry, const Shape& shape, const F& f) {
  const int64_t count = count_of(shape);
  for (int64_t i = 0; i < count; ++i) {  // Keras' places along our axes, the last one first
    int64_t rest = i, here = 0, stride = 1, there = i, keras_stride = count;
    if (entry.weight.reversed) there = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      const int64_t at = rest % shape[axis];
      rest /= shape[axis];
      here += place_here(entry, axis, shape[axis], at) * stride;
      stride *= shape[axis];
      keras_stride /= shape[axis];
      if (entry.weight.reversed) there += at * keras_stride;
    }
    f(here, there);
  }
}

}  // namespace

NamedWeights to_keras(const ModelSpec& spec, int64_t classes, const NamedWeights& weights) {
  NamedWeights keras;
  for (const Entry& entry : entries_of(spec, classes)) {
    if (!weights.contains(entry.ours[0])) continue;  // a layer without a bias
    const Shape& shape = weights.at(entry.ours[0]).shape();
    Shape there = keras_shape(entry, shape);
    std::vector<float> values(count_of(there));
    for (std::size_t part = 0; part < entry.ours.size(); ++part) {
      const std::vector<float> own = weights.at(entry.ours[part]).to_vector<float>();
      float* const to = values.data() + (entry.weight.stacked ? part * own.size() : 0);
      for_each_element(entry, shape, [&](int64_t ours, int64_t at) { to[at] += own[ours]; });
    }
    keras[entry.name] = Tensor::of(values, there);
  }
  return keras;
}

NamedWeights from_keras(const ModelSpec& spec, int64_t classes, const Network& network,
                        const NamedWeights& weights) {
  const std::string sentence = "the weights do not fit the model '" + spec.name + "': ";
  NamedWeights own;
  for (const auto& [name, tensor] : network.state()) {
    own[name] = Tensor::zeros(tensor.shape(), tensor.dtype());
  }
  std::set<std::string> known;
  for (const Entry& entry : entries_of(spec, classes)) {
    if (!own.contains(entry.ours[0])) continue;
    known.insert(entry.name);
    const auto found = weights.find(entry.name);
    if (found == weights.end()) throw Error(sentence + "'" + entry.name + "' is missing");
    const Shape shape = own.at(entry.ours[0]).shape();
    const Shape needed = keras_shape(entry, shape);
    const Tensor& given = found->second;
    if (given.shape() != needed || given.dtype() != DType::float32) {
      throw Error(fmt::format("{}'{}' is {} of {}, and {} of float32 is needed", sentence,
                              entry.name, to_string(given.shape()), to_string(given.dtype()),
                              to_string(needed)));
    }
    const std::vector<float> values = given.to_vector<float>();
    // Of two biases that Keras has as one, the other one is zero.
    const std::size_t parts = entry.weight.stacked ? entry.ours.size() : 1;
    for (std::size_t part = 0; part < parts; ++part) {
      const float* const from = values.data() + part * (values.size() / parts);
      float* const to = own.at(entry.ours[part]).data<float>();
      for_each_element(entry, shape, [&](int64_t ours, int64_t at) { to[ours] = from[at]; });
    }
  }
  for (const auto& [name, tensor] : weights) {
    if (!known.contains(name)) throw Error(sentence + "it has no '" + name + "'");
  }
  return own;
}

bool in_keras_layout(const ModelSpec& spec, const NamedWeights& weights) {
  for (const LayerSpec& layer : spec.layers) {
    for (const KerasWeight& weight : keras_weights(layer)) {
      if (weights.contains(layer.name + weight.name)) return true;
    }
  }
  return false;
}

}  // namespace stroma
