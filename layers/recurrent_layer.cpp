#include "layers/recurrent_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "kernels/error.h"
#include "layers/dropout.h"
#include "layers/layer_type.h"

namespace stroma {
namespace {

Tensor ones(int64_t count, DType dtype) {
  return dtype == DType::float64 ? Tensor::of(std::vector<double>(count, 1), {count})
                                 : Tensor::of(std::vector<float>(count, 1), {count});
}

/// The parameters of one direction; `parameter` registers what it is given.
template <class F>
RecurrentWeights initial_weights(Cell cell, int64_t width, int64_t hidden, InitialWeights& init,
                                 const F& parameter) {
  const int64_t gates = kernels::gates_of(cell), rows = gates * hidden;
  // PyTorch draws all weights of a recurrence from one distribution.
  const int64_t fan_in = init.scheme == Init::pytorch ? hidden : width;
  RecurrentWeights weights;
  weights.weight_ih = parameter("weight_ih", initial_kernel({rows, width}, fan_in, rows, init));
  weights.weight_hh = parameter("weight_hh", initial_recurrent(gates, hidden, init));
  Tensor bias = initial_bias({rows}, hidden, init);
  if (cell == Cell::lstm && init.scheme == Init::keras) {
    // Forget gates begin open (Jozefowicz et al. 2015).
    bias.rows(hidden, hidden).copy_from(ones(hidden, init.dtype));
  }
  weights.bias_ih = parameter("bias_ih", bias);
  weights.bias_hh = parameter("bias_hh", initial_bias({rows}, hidden, init));
  return weights;
}

}  // namespace

Recurrent::Recurrent(int64_t input_size, const RecurrentOptions& options, InitialWeights& init,
                     const TrainingClock& clock, uint32_t dropout_stream)
    : options_(options), clock_(clock), dropout_stream_(dropout_stream) {
  const int64_t hidden = options.hidden_size;
  if (std::min({input_size, hidden, options.num_layers}) < 1) {
    throw Error(
        fmt::format("a recurrence of {} layers, input size {} and hidden size {} cannot "
                    "be; each is at least 1",
                    options.num_layers, input_size, hidden));
  }
  for (int64_t layer = 0; layer < options.num_layers; ++layer) {
    layers_.emplace_back();
    const int64_t width = layer == 0 ? input_size : options.channels();
    for (const char* suffix : {"", "_reverse"}) {
      if (*suffix != '\0' && !options.bidirectional) break;
      layers_.back().push_back(initial_weights(
          options.cell, width, hidden, init, [&](const char* name, const Tensor& value) {
            return register_parameter(fmt::format("{}_l{}{}", name, layer, suffix), value);
          }));
    }
  }
}

Signal Recurrent::apply(std::span<const Signal> inputs) {
  auto [x, lengths, letters] = inputs[0];
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    const bool top = layer + 1 == layers_.size();
    x = recurrent(options_.cell, x, layers_[layer], top ? options_.output : RecurrentOutput::all,
                  lengths);
    if (!top && training() && options_.dropout > 0) {
      x = dropout(x, options_.dropout, clock_, dropout_stream_ + static_cast<uint32_t>(layer));
    }
  }
  return {x, options_.output == RecurrentOutput::all ? lengths : Tensor()};
}

namespace {

Cell cell_of(const LayerSpec& layer) {
  if (layer.type == "lstm") return Cell::lstm;
  if (layer.type == "gru") return Cell::gru;
  return layer.word("nonlinearity") == "relu" ? Cell::rnn_relu : Cell::rnn_tanh;
}

RecurrentOutput output_of(const LayerSpec& layer) {
  const std::string& output = layer.word("output");
  return output == "last"    ? RecurrentOutput::last
         : output == "final" ? RecurrentOutput::final
                             : RecurrentOutput::all;
}

RecurrentOptions options_of(const LayerSpec& layer) {
  return {.cell = cell_of(layer),
          .hidden_size = layer.integer("hidden_size"),
          .num_layers = layer.integer("num_layers"),
          .bidirectional = layer.flag("bidirectional"),
          .dropout = layer.number_of("dropout"),
          .output = output_of(layer)};
}

/// What each of its layers but the top one gives, and with output = "all" that one, too.
Flow flow_between(const RecurrentOptions& options, const Flow& input) {
  Flow flow = input;
  flow.channels = options.channels();
  return flow;
}

void check_dropout(const LayerSpec& layer, const FailAtKey& fail) {
  if (layer.integer("num_layers") > 1 || layer.number_of("dropout") == 0) return;
  fail("dropout", fmt::format("'dropout' of {} {} lies between its layers and needs num_layers "
                              "above 1; for dropout after it, add a layer of type dropout",
                              layer.type == "gru" ? "a" : "an", layer.type));
}

Flow flow(const LayerSpec& layer, Flows inputs) {
  need_sequence(inputs[0]);
  const RecurrentOptions options = options_of(layer);
  const Flow all = flow_between(options, inputs[0]);
  return options.output == RecurrentOutput::all ? all : Flow{false, 0, all.channels};
}

std::unique_ptr<Layer> build(const LayerSpec& layer, Flows inputs, LayerBuild& with) {
  const RecurrentOptions options = options_of(layer);
  const uint32_t first_stream = with.next_dropout;
  for (int64_t k = 0; k + 1 < options.num_layers; ++k) {
    with.drop(layer, fmt::format("_l{}", k), options.dropout, flow_between(options, inputs[0]));
  }
  return std::make_unique<Recurrent>(inputs[0].channels, options, with.init, with.clock,
                                     first_stream);
}

int64_t multiply_adds(const LayerSpec& layer, Flows inputs) {
  const RecurrentOptions options = options_of(layer);
  const Flow between = flow_between(options, inputs[0]);
  int64_t sum = 0;
  for (int64_t k = 0; k < options.num_layers; ++k) {
    const int64_t width = k == 0 ? inputs[0].channels : between.channels;
    const int64_t a_step =
        kernels::gates_of(options.cell) * options.hidden_size * (width + options.hidden_size);
    const bool last_only =
        options.output == RecurrentOutput::last && k + 1 == options.num_layers && !between.masked;
    sum += between.length * a_step;
    // Of the last position alone the other direction takes one step.
    if (options.bidirectional) sum += (last_only ? 1 : between.length) * a_step;
  }
  return sum;
}

/// Keras has a layer for each of ours, and one around it for two directions.
std::vector<KerasWeight> keras(const LayerSpec& layer) {
  const bool gru = layer.type == "gru", both = layer.flag("bidirectional");
  const std::string type = layer.type == "rnn" ? "simple_rnn" : layer.type;
  const int64_t layers = layer.integer("num_layers");
  // Keras' GRU has z, r, h and both biases, as rows of a matrix.
  const std::vector<int> gates = gru ? std::vector<int>{1, 0, 2} : std::vector<int>();
  std::vector<KerasWeight> weights;
  for (int64_t k = 0; k < layers; ++k) {
    const std::string of_layer = layers > 1 ? fmt::format("_l{}", k) : "";
    for (const char* suffix : {"", "_reverse"}) {
      if (*suffix != '\0' && !both) break;
      const std::string wrapper =
          both ? (*suffix == '\0' ? "/forward_" : "/backward_") + type : std::string();
      const std::string path = of_layer + wrapper + "/" + type + "_cell/";
      const std::string end = fmt::format("_l{}{}", k, suffix);
      weights.push_back(
          {.name = path + "kernel", .ours = {"weight_ih" + end}, .reversed = true, .gates = gates});
      weights.push_back({.name = path + "recurrent_kernel",
                         .ours = {"weight_hh" + end},
                         .reversed = true,
                         .gates = gates});
      weights.push_back({.name = path + "bias",
                         .ours = {"bias_ih" + end, "bias_hh" + end},
                         .stacked = gru,
                         .gates = gates});
    }
  }
  return weights;
}

LayerType recurrent_type(const std::string& name, const std::string& help,
                         const std::vector<LayerKey>& own_keys = {}) {
  std::vector<LayerKey> keys{
      {.name = "hidden_size", .allowed = Whole{1}, .help = "channels a direction"},
      {.name = "num_layers",
       .allowed = Whole{1},
       .otherwise = int64_t{1},
       .help = "layers, each reading the one before"},
      {.name = "bidirectional",
       .allowed = Flag{},
       .otherwise = false,
       .help = "also from the end to the beginning; the channels are joined"},
      {.name = "dropout",
       .allowed = ranges::probability,
       .otherwise = 0.0,
       .help = "probability of dropout between its layers"},
      {.name = "output",
       .allowed = Words{"all", "last", "final"},
       .otherwise = std::string("all"),
       .help = "all positions; or a vector: its output at the last one, or what "
               "each direction ends with, as Keras joins them"}};
  keys.insert(keys.end(), own_keys.begin(), own_keys.end());
  return {
      .name = name,
      .help = help,
      .keys = std::move(keys),
      .has_parameters = true,
      .turns = "sequence",
      .into = "sequence; with \"last\" or \"final\" a vector",
      .padding = "is not walked and gives zeros; the last position is the sequence's own",
      .check = check_dropout,
      .flow = flow,
      .build = build,
      .multiply_adds = multiply_adds,
      .keras = keras,
  };
}

}  // namespace

LayerType lstm_layer() {
  return recurrent_type("lstm", "long short-term memory, walked along a sequence");
}

LayerType gru_layer() {
  return recurrent_type("gru", "gated recurrent units, walked along a sequence");
}

LayerType rnn_layer() {
  return recurrent_type("rnn", "h = f(W · x + b + W′ · h₋), walked along a sequence",
                        {{.name = "nonlinearity",
                          .allowed = Words{"tanh", "relu"},
                          .otherwise = std::string("tanh"),
                          .help = "f"}});
}

}  // namespace stroma
