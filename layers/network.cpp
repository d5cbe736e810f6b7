#include "layers/network.h"

#include <fmt/format.h>

#include <set>

#include "kernels/error.h"
#include "layers/conv2d_weight.h"
#include "layers/fusion.h"
#include "layers/loss.h"

namespace stroma {
namespace {

/// So that the elements of a sequence, at most 2²⁴ positions long, can be counted.
constexpr int64_t most_channels = int64_t{1} << 38;

/// What f() gives; an Error that it throws is thrown on with the place of the layer.
template <class F>
auto naming_layer(const ModelSpec& spec, const LayerSpec& layer, F&& f) {
  try {
    return f();
  } catch (const Error& error) {
    throw Error(fmt::format("{}:{}: {}: {}", spec.where, layer.line, layer.title(), error.what()));
  }
}

/// Throws Error where a layer reads another number of channels than the one whose parameters it
/// uses.
void check_shares(const LayerSpec& layer, const LayerSpec& owner, const std::vector<Flow>& flows) {
  const int64_t channels = inputs_of(layer, flows)[0].channels;
  const int64_t others = inputs_of(owner, flows)[0].channels;
  if (channels == others) return;
  throw Error(
      fmt::format("it shares the parameters of '{}', which reads {} channels, and what comes "
                  "before it gives {}",
                  owner.name, others, channels));
}

/// The flows of some layers of `spec`, as flows_of gives them.
std::vector<Flow> flows_through(const std::vector<LayerSpec>& layers, const ModelSpec& spec) {
  std::vector<Flow> flows = {input_flow(spec)};
  for (const LayerSpec& layer : layers) {
    flows.push_back(naming_layer(spec, layer, [&] {
      const LayerType& type = layer_type(layer.type);
      const std::vector<Flow> inputs = inputs_of(layer, flows);
      for (const Flow& input : inputs) {
        if (input.vocabulary == 0 || type.reads_tokens) continue;
        throw Error("it reads numbers, and what comes before gives " + input.text() +
                    "; put an embedding between them");
      }
      if (layer.shares) check_shares(layer, layers[*layer.shares], flows);
      Flow flow = type.flow(layer, inputs);
      if (flow.channels > most_channels) {
        throw Error(
            fmt::format("it gives {} channels, more than {}", flow.channels, most_channels));
      }
      return flow;
    }));
  }
  return flows;
}

}  // namespace

std::vector<Flow> inputs_of(const LayerSpec& layer, const std::vector<Flow>& flows) {
  std::vector<Flow> inputs;
  for (const int place : layer.reads) inputs.push_back(flows[place + 1]);
  return inputs;
}

std::vector<LayerSpec> with_classes(const ModelSpec& spec, int64_t classes) {
  const int64_t outputs = naming_layer(spec, spec.layers.back(), [&] {
    return outputs_of(loss_named(spec.training.loss.text), classes);
  });
  std::vector<LayerSpec> layers = spec.layers;
  for (LayerSpec& layer : layers) {
    for (const LayerKey& key : layer_type(layer.type).keys) {
      LayerValue& value = layer.options.at(key.name);
      if (key.or_word == "classes" && value == LayerValue(key.or_word)) value = outputs;
    }
  }
  return layers;
}

std::vector<Flow> flows_of(const ModelSpec& spec, int64_t classes) {
  std::vector<Flow> flows = flows_through(with_classes(spec, classes), spec);
  const Flow& output = flows.back();
  const Loss& loss = loss_named(spec.training.loss.text);
  if (output.sequence || output.channels != outputs_of(loss, classes)) {
    naming_layer(spec, spec.layers.back(), [&] {
      throw Error(fmt::format(
          "the last layer gives {}, and {}; end with a linear layer of out_features = "
          "\"classes\"{}",
          output.text(),
          loss.one_logit ? fmt::format("the loss {} needs one number", loss.name)
                         : fmt::format("the data has {} classes", classes),
          output.sequence ? " that reads a vector, of a flatten layer or a global pool" : ""));
    });
  }
  return flows;
}

Network::Network(const ModelSpec& spec, int64_t classes,
                 const InputStandardization& standardization, const TrainingClock& clock,
                 Device device, const NetworkOptions& options)
    : name_(spec.name),
      length_(spec.length),
      input_(spec, device, options.dtype),
      standardization_(standardization) {
  flows_of(spec, classes);  // whose messages name layers as they are written
  std::vector<LayerSpec> layers = with_classes(spec, classes);
  if (options.fuse) layers = fused(layers);
  const std::vector<Flow> flows = flows_through(layers, spec);
  LayerBuild build{.init = {.seed = clock.seed, .device = device, .dtype = options.dtype},
                   .clock = clock};
  std::vector<int> last_reader(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerSpec& layer = layers[i];
    build.init.scheme = layer.init;
    std::shared_ptr<Layer> module;
    if (layer.shares) {
      module = steps_[*layer.shares].layer;
    } else {
      naming_layer(spec, layer, [&] {
        module = layer_type(layer.type).build(layer, inputs_of(layer, flows), build);
      });
      register_child(layer.name.empty() ? std::to_string(layer.number - 1) : layer.name, *module);
    }
    steps_.push_back({std::move(module), layer.reads, layer.flag("letters"), {}});
    for (const int place : layer.reads) {
      if (place != network_input) last_reader[place] = static_cast<int>(i);
    }
  }
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    steps_[last_reader[i]].finished.push_back(static_cast<int>(i));
  }
  dropouts_ = std::move(build.dropouts);
}

Variable Network::forward(const LetterBatch& batch) {
  if (batch.length != length_) {
    throw Error(fmt::format("the model '{}' reads windows of {} letters, not of {}", name_, length_,
                            batch.length));
  }
  const Letters letters{batch, standardization_};
  return forward(Signal{.x = {}, .lengths = batch.lengths, .letters = &letters});
}

Variable Network::forward(const Variable& input) { return forward(Signal{input}); }

Variable Network::forward(const Signal& input) {
  Signal written_out = input;  // made when the first layer asks for it
  std::vector<Signal> outputs(steps_.size());
  std::vector<Signal> read;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    read.clear();
    for (const int place : step.reads) {
      if (place != network_input) {
        read.push_back(outputs[place]);
        continue;
      }
      if (input.letters && !step.reads_letters && !written_out.x.defined()) {
        written_out = input_.write_out(*input.letters);
      }
      read.push_back(step.reads_letters ? input : written_out);
    }
    // Nothing keeps a tensor longer than the layers that read it need it.
    for (const int place : step.finished) outputs[place] = {};
    outputs[i] = step.layer->apply(read);
  }
  return outputs.back().x;
}

void Network::load(const std::map<std::string, Tensor>& weights) {
  const std::string sentence = "the weights do not fit the model '" + name_ + "': ";
  std::set<std::string> known;
  std::map<std::string, Tensor> fitting;
  std::vector<NamedTensor> all = state();
  for (const auto& [name, own] : all) {
    known.insert(name);
    const auto found = weights.find(name);
    if (found == weights.end()) throw Error(sentence + "'" + name + "' is missing");
    const Tensor& weight =
        fitting.emplace(name, as_conv1d_weight(found->second, own.shape())).first->second;
    if (weight.shape() != own.shape() || weight.dtype() != own.dtype()) {
      throw Error(fmt::format("{}'{}' is {} of {}, and {} of {} is needed", sentence, name,
                              to_string(weight.shape()), to_string(weight.dtype()),
                              to_string(own.shape()), to_string(own.dtype())));
    }
  }
  for (const auto& [name, weight] : weights) {
    if (!known.contains(name)) throw Error(sentence + "it has no '" + name + "'");
  }
  for (auto& [name, own] : all) own.copy_from(fitting.at(name));
}

int64_t parameter_count(const ModelSpec& spec, int64_t classes) {
  const Network network(spec, classes, {}, {}, Device{});
  int64_t count = 0;
  for (const auto& [name, variable] : network.parameters()) count += variable.value().count();
  return count;
}

}  // namespace stroma
