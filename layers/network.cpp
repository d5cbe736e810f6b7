#include "layers/network.h"

#include <fmt/format.h>

#include <set>

#include "kernels/error.h"
#include "layers/activation.h"
#include "layers/conv1d.h"
#include "layers/conv1d_letters.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/lstm.h"
#include "layers/pool1d.h"

namespace stroma {
namespace {

/// What flows between layers: a sequence [length, batch, channels] or a vector [batch, channels].
struct Flow {
  bool sequence;
  int64_t length, channels;

  std::string text() const {
    return sequence ? fmt::format("a sequence [{}, batch, {}]", length, channels)
                    : fmt::format("a vector [batch, {}]", channels);
  }
};

/// Builds the layers of a spec one by one and follows the shapes between them.
class Builder {
 public:
  Builder(const ModelSpec& spec, int64_t classes, int64_t letters, const TrainingClock& clock,
          Device device)
      : spec_(spec),
        classes_(classes),
        clock_(clock),
        init_{.seed = clock.seed, .device = device},
        flow_{true, spec.length, letters} {}

  std::unique_ptr<Layer> build(std::size_t index, bool after_relu) {
    layer_ = &spec_.layers[index];
    index_ = index;
    const std::string& type = layer_->type;
    if (type == "conv1d") return conv1d();
    if (type == "max_pool1d") return std::make_unique<MaxPool1d>(pool(), after_relu);
    if (type == "average_pool1d") return std::make_unique<AveragePool1d>(pool());
    if (type == "relu") return activation(kernels::Activation::relu);
    if (type == "tanh") return activation(kernels::Activation::tanh);
    if (type == "sigmoid") return activation(kernels::Activation::sigmoid);
    if (type == "dropout") return dropout();
    if (type == "lstm") return lstm();
    if (type == "flatten") return flatten();
    if (type == "linear") return linear();
    fail("there is no such layer");
  }

  std::vector<DropoutPlace> dropouts() const { return dropouts_; }

  void check_output() const {
    if (flow_.sequence || flow_.channels != classes_) {
      fail(
          fmt::format("the last layer gives {}, and the data has {} classes; end with a linear "
                      "layer of out_features = \"classes\"",
                      flow_.text(), classes_));
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    const std::string name = layer_->name.empty() ? "" : " '" + layer_->name + "'";
    throw Error(fmt::format("{}:{}: layer {} ({}{}): {}", spec_.where, layer_->line, index_ + 1,
                            layer_->type, name, what));
  }

  int64_t integer(const char* key) const { return std::get<int64_t>(layer_->options.at(key)); }
  double number(const char* key) const { return std::get<double>(layer_->options.at(key)); }

  void need_sequence() const {
    if (!flow_.sequence) {
      fail(fmt::format("it reads a sequence, and what comes before gives {}", flow_.text()));
    }
  }

  /// The length that is left after a window of `reach` positions moved by `stride`.
  void slide(const char* what, int64_t reach, int64_t stride, int64_t padding) {
    const int64_t length = flow_.length + 2 * padding;
    if (reach > length) {
      fail(fmt::format("a {} of {} positions is longer than the {} that are left", what, reach,
                       length));
    }
    flow_.length = (length - reach) / stride + 1;
  }

  std::unique_ptr<Layer> conv1d() {
    need_sequence();
    const Conv1dOptions options{.stride = integer("stride"),
                                .padding = integer("padding"),
                                .dilation = integer("dilation"),
                                .groups = integer("groups")};
    const int64_t in_channels = flow_.channels, out_channels = integer("out_channels");
    const int64_t kernel_size = integer("kernel_size");
    if (in_channels % options.groups != 0 || out_channels % options.groups != 0) {
      fail(fmt::format("groups = {} does not divide its {} input and {} output channels",
                       options.groups, in_channels, out_channels));
    }
    slide("kernel", options.dilation * (kernel_size - 1) + 1, options.stride, options.padding);
    flow_.channels = out_channels;
    return std::make_unique<Conv1d>(in_channels, out_channels, kernel_size, options, init_);
  }

  Pool1dOptions pool() {
    need_sequence();
    const Pool1dOptions options{.window = integer("kernel_size"),
                                .stride = integer("stride"),
                                .padding = integer("padding")};
    slide("window", options.window, options.stride, options.padding);
    return options;
  }

  std::unique_ptr<Layer> activation(kernels::Activation kind) {
    return std::make_unique<ActivationLayer>(kind);
  }

  /// Notes that elements are dropped here, and gives the stream for it.
  uint32_t drop(const std::string& suffix, float probability, const Shape& shape) {
    const uint32_t stream = next_dropout_++;
    const std::string name = layer_->name.empty() ? std::to_string(index_ + 1) : layer_->name;
    if (probability > 0) dropouts_.push_back({name + suffix, stream, probability, shape});
    return stream;
  }

  std::unique_ptr<Layer> dropout() {
    const auto probability = static_cast<float>(number("probability"));
    const Shape shape =
        flow_.sequence ? Shape{flow_.length, flow_.channels} : Shape{flow_.channels};
    return std::make_unique<Dropout>(probability, clock_, drop("", probability, shape));
  }

  std::unique_ptr<Layer> lstm() {
    need_sequence();
    const LstmOptions options{
        .hidden_size = integer("hidden_size"),
        .num_layers = integer("num_layers"),
        .bidirectional = std::get<bool>(layer_->options.at("bidirectional")),
        .dropout = static_cast<float>(number("dropout")),
        .last_only = std::get<std::string>(layer_->options.at("output")) == "last"};
    const int64_t in_features = flow_.channels;
    const uint32_t first_stream = next_dropout_;
    flow_ = {!options.last_only, flow_.length,
             options.hidden_size * (options.bidirectional ? 2 : 1)};
    for (int64_t k = 0; k + 1 < options.num_layers; ++k) {
      drop(fmt::format("_l{}", k), options.dropout, {flow_.length, flow_.channels});
    }
    return std::make_unique<Lstm>(in_features, options, init_, clock_, first_stream);
  }

  std::unique_ptr<Layer> flatten() {
    need_sequence();
    flow_ = {false, 0, count_of({flow_.length, flow_.channels})};
    return std::make_unique<Flatten>();
  }

  std::unique_ptr<Layer> linear() {
    if (flow_.sequence) {
      fail(
          fmt::format("it reads a vector, and what comes before gives {}; put a flatten layer, or "
                      "an lstm with output = \"last\", between them",
                      flow_.text()));
    }
    const bool classes = std::holds_alternative<std::string>(layer_->options.at("out_features"));
    const int64_t in_features = flow_.channels;
    flow_.channels = classes ? classes_ : integer("out_features");
    return std::make_unique<Linear>(in_features, flow_.channels, init_);
  }

  const ModelSpec& spec_;
  int64_t classes_;
  const TrainingClock& clock_;
  InitialWeights init_;
  std::vector<DropoutPlace> dropouts_;
  uint32_t next_dropout_ = static_cast<uint32_t>(RandomStream::dropout);
  Flow flow_;
  const LayerSpec* layer_ = nullptr;
  std::size_t index_ = 0;
};

int64_t letters_of(const std::string& alphabet) { return alphabet == "protein" ? 20 : 4; }

}  // namespace

Network::Network(const ModelSpec& spec, int64_t classes,
                 const InputStandardization& standardization, const TrainingClock& clock,
                 Device device)
    : name_(spec.name),
      length_(spec.length),
      letters_(letters_of(spec.alphabet)),
      standardization_(standardization) {
  const auto type = [&](std::size_t i) {
    return i < spec.layers.size() ? spec.layers[i].type : std::string();
  };
  Builder builder(spec, classes, letters_, clock, device);
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    // A ReLU before a maximum pool is computed after it, on fewer elements; after a convolution of
    // letters it is part of that.
    const bool relu_of_letters = i == 1 && letters_convolution_ && type(i) == "relu";
    if (type(i) == "relu" && type(i + 1) == "max_pool1d" && !relu_of_letters) continue;
    const bool after_relu = i > 0 && type(i - 1) == "relu" && !(i == 2 && letters_relu_);
    layers_.push_back(builder.build(i, after_relu));
    const std::string& name = spec.layers[i].name;
    register_child(name.empty() ? std::to_string(i) : name, *layers_.back());
    if (relu_of_letters) letters_relu_ = true;
    if (i == 0 && type(0) == "conv1d" &&
        std::get<int64_t>(spec.layers[0].options.at("groups")) == 1) {
      letters_convolution_ = static_cast<Conv1d*>(layers_[0].get());
    }
  }
  builder.check_output();
  dropouts_ = builder.dropouts();
}

Network::~Network() = default;

Variable Network::forward(const LetterBatch& batch) {
  if (batch.length != length_) {
    throw Error(fmt::format("the model '{}' reads windows of {} letters, not of {}", name_, length_,
                            batch.length));
  }
  if (!letters_convolution_) return forward(one_hot(batch, letters_, standardization_));
  Variable x = letters_convolution_->forward(batch, standardization_, letters_relu_);
  for (std::size_t i = letters_relu_ ? 2 : 1; i < layers_.size(); ++i) x = layers_[i]->forward(x);
  return x;
}

Variable Network::forward(const Variable& one_hot) {
  Variable x = one_hot;
  for (const auto& layer : layers_) x = layer->forward(x);
  return x;
}

void Network::load(const std::map<std::string, Tensor>& weights) {
  const std::string sentence = "the weights do not fit the model '" + name_ + "': ";
  std::set<std::string> known;
  std::vector<NamedParameter> all = parameters();
  for (const auto& [name, variable] : all) {
    known.insert(name);
    const auto found = weights.find(name);
    if (found == weights.end()) throw Error(sentence + "'" + name + "' is missing");
    const Tensor& weight = found->second;
    if (weight.shape() != variable.shape() || weight.dtype() != variable.value().dtype()) {
      throw Error(fmt::format("{}'{}' is {} of {}, and {} of {} is needed", sentence, name,
                              to_string(weight.shape()), to_string(weight.dtype()),
                              to_string(variable.shape()), to_string(variable.value().dtype())));
    }
  }
  for (const auto& [name, weight] : weights) {
    if (!known.contains(name)) throw Error(sentence + "it has no '" + name + "'");
  }
  for (NamedParameter& parameter : all) {
    parameter.variable.value().copy_from(weights.at(parameter.name));
  }
}

int64_t parameter_count(const ModelSpec& spec, int64_t classes) {
  const Network network(spec, classes, {}, {}, Device{});
  int64_t count = 0;
  for (const auto& [name, variable] : network.parameters()) count += variable.value().count();
  return count;
}

}  // namespace stroma
