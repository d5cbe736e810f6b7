#include "training/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "augment/augmentation.h"
#include "engine/files.h"
#include "kernels/dropout.h"
#include "kernels/error.h"
#include "training/class_weights.h"
#include "training/trainer.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

int64_t steps_of_epoch(int64_t examples, int64_t batch_size) {
  return (examples + batch_size - 1) / batch_size;
}

/// [numbers] int32.
Tensor list_of(const std::vector<int32_t>& numbers) {
  return Tensor::of(numbers, {static_cast<int64_t>(numbers.size())});
}

/// A file of weights to which other tensors are added, each with words on it.
class Export {
 public:
  explicit Export(SafetensorsFile weights) : file_(std::move(weights)) {
    for (const auto& [name, tensor] : file_.tensors) weights_.push_back(name);
  }

  void add(const std::string& name, Tensor tensor, const std::string& description) {
    describe(name, description);
    file_.tensors[name] = std::move(tensor);
  }
  /// For all tensors NAME.step_N.
  void describe(const std::string& name, const std::string& description) {
    described_[name] = description;
  }
  void add_undescribed(const std::string& name, Tensor tensor) {
    file_.tensors[name] = std::move(tensor);
  }
  void say(const std::string& key, const Json& value) { file_.metadata[key] = value.dump(); }

  SafetensorsFile finish() && {
    if (described_.empty()) return std::move(file_);
    say("weights", weights_);
    say("tensors", described_);
    return std::move(file_);
  }

 private:
  SafetensorsFile file_;
  Json weights_ = Json::array(), described_ = Json::object();
};

void add_examples(Export& file, const OwnExamples& own, const RunConfig& config) {
  const Alphabet alphabet = alphabet_of(config.model);
  const Dataset& dataset = own.dataset;
  std::vector<uint8_t> codes;
  std::vector<int32_t> labels;
  for (const Example& example : dataset.examples) {
    append_codes(dataset, example, alphabet, codes);
    labels.push_back(example.label);
  }
  const auto count = static_cast<int64_t>(labels.size());
  file.add("examples.codes", Tensor::of(codes, {count, dataset.length}),
           fmt::format("[example, position] the letter's place in {}; {}: none of them, a row of "
                       "zeros before the input is standardised",
                       alphabet.letters(), alphabet.size()));
  if (dataset.padding) {
    std::vector<int32_t> lengths;
    for (const Example& example : dataset.examples) {
      lengths.push_back(static_cast<int32_t>(std::ssize(dataset.window(example))));
    }
    file.add("examples.lengths", list_of(lengths), "[example] its letters; the others are padding");
  }
  file.add("examples.labels", list_of(labels), "[example] its class: a place in \"labels\"");
  file.add("split.train", list_of(own.split.train), "numbers of the examples that are trained on");
  file.add("split.validation", list_of(own.split.validation), "of those that validate");
  file.add("split.test", list_of(own.split.test),
           "of those that test, in the order of predictions.csv");
  if (const Tensor weights = class_weights_of(config, dataset, own.split.train, {});
      weights.defined()) {
    file.add("class_weights", weights,
             "[class] the loss is the mean weighted by these, as PyTorch's cross_entropy has it");
  }
}

void add_order(Export& file, const std::vector<int32_t>& train, uint64_t seed, int epochs) {
  std::vector<int32_t> order;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const std::vector<int32_t> next = epoch_order(train, seed, epoch);
    order.insert(order.end(), next.begin(), next.end());
  }
  file.add("order", Tensor::of(order, {epochs, static_cast<int64_t>(train.size())}),
           "[epoch, place] numbers of examples; batches are cut from it, the last one shorter");
}

void add_masks(Export& file, const std::vector<DropoutPlace>& places, const ExportOptions& options,
               const RunConfig& config, int64_t examples) {
  Json probabilities = Json::object();
  for (const DropoutPlace& place : places) {
    const std::string name = "dropout." + place.name;
    probabilities[place.name] = place.probability;
    file.describe(name + ".step_N",
                  place.shape.size() == 2
                      ? "[batch, position, channel] 1: kept at step N, the first of which is 1"
                      : "[batch, feature] 1: kept at step N, the first of which is 1");
    for (const int64_t step : options.steps) {
      const int64_t batch = batch_of_step(step, examples, config.model.training.batch_size);
      file.add_undescribed(fmt::format("{}.step_{}", name, step),
                           dropout_mask(place, batch, config.seed, step));
    }
  }
  file.say("dropout_probabilities", probabilities);
}

/// Throws Error for a step after the last one of all epochs that the run was given.
void check_steps(const std::vector<int64_t>& steps, const TrainingSpec& training,
                 int64_t examples) {
  const int64_t an_epoch = steps_of_epoch(examples, training.batch_size);
  const int64_t all = an_epoch * training.epochs;
  const auto beyond = std::find_if(steps.begin(), steps.end(), [&](int64_t s) { return s > all; });
  if (beyond == steps.end()) return;
  throw Error(
      fmt::format("the run has no step {}: its {} epoch{} of {} training examples, {} a step, "
                  "are {} steps; name steps from 1 to {}",
                  *beyond, training.epochs, training.epochs == 1 ? "" : "s", examples,
                  training.batch_size, all, all));
}

/// The run as it was before its first step.
LoadedRun load_initial(const fs::path& directory) {
  RunConfig config = config_of_run(directory);
  Learner learner = learner_of(config, {});
  if (config.weights.empty()) return {std::move(config), std::move(learner)};
  const GivenWeights given = read_weights(config.weights);
  if (fingerprint(given.tensors) != config.weights_fingerprint) {
    throw Error(config.weights.string() + " has changed since the run began with its weights");
  }
  naming_file(config.weights, [&] { load_weights(learner.network(), config, given.tensors); });
  return {std::move(config), std::move(learner)};
}

}  // namespace

SafetensorsFile export_run(const fs::path& directory, const ExportOptions& options,
                           std::vector<std::string>& notes) {
  const LoadedRun run = options.initial ? load_initial(directory) : load_run(directory, {}, notes);
  const RunConfig& config = run.config;
  Export file(weights_file(run.learner.network(), config, options.layout));
  file.say("holds", options.initial ? "initial weights" : "trained weights");
  file.say("training", Json::parse(read_file(directory / "config.json")).at("training"));
  if (!options.examples && options.order == 0 && options.steps.empty()) {
    return std::move(file).finish();
  }
  OwnExamples own = own_examples(config, notes);
  augment_training_part(own.dataset, own.split, config.augmentation, config.seed);
  if (options.examples || options.order > 0) add_examples(file, own, config);
  if (options.order > 0) add_order(file, own.split.train, config.seed, options.order);
  if (!options.steps.empty()) {
    const auto examples = static_cast<int64_t>(own.split.train.size());
    check_steps(options.steps, config.model.training, examples);
    add_masks(file, run.learner.network().dropouts(), options, config, examples);
  }
  return std::move(file).finish();
}

SafetensorsFile export_initial(const ModelSpec& spec, int64_t classes, uint64_t seed,
                               Layout layout) {
  RunConfig config;
  config.model = spec;
  if (spec.length == 0) {
    throw Error(spec.where +
                ": the length is that of a run's longest sequence; for weights without data, write "
                "it as a number");
  }
  config.length = spec.length;
  config.seed = seed;
  config.labels.resize(classes);
  Export file(weights_file(learner_of(config, {}).network(), config, layout));
  file.say("holds", "initial weights");
  return std::move(file).finish();
}

int64_t batch_of_step(int64_t step, int64_t examples, int64_t batch_size) {
  const int64_t first = (step - 1) % steps_of_epoch(examples, batch_size) * batch_size;
  return std::min(batch_size, examples - first);
}

Tensor dropout_mask(const DropoutPlace& place, int64_t batch, uint64_t seed, int64_t step) {
  // Layers see sequences time-major; the numbers are counted in that order.
  const bool sequence = place.shape.size() == 2;
  const int64_t length = sequence ? place.shape[0] : 1;
  const int64_t channels = place.shape.back();
  const int64_t done = step - 1;
  std::vector<float> elements(length * batch * channels, 1.0f);
  kernels::dropout(Cpu{}, kernels::Dropout<float>{.count = std::ssize(elements),
                                                  .probability = place.probability,
                                                  .seed = seed,
                                                  .stream = place.stream,
                                                  .step = &done,
                                                  .input = elements.data(),
                                                  .output = elements.data()});
  std::vector<uint8_t> kept(elements.size());
  for (int64_t t = 0; t < length; ++t) {
    for (int64_t n = 0; n < batch; ++n) {
      const float* row = elements.data() + (t * batch + n) * channels;
      uint8_t* to = kept.data() + (n * length + t) * channels;
      std::transform(row, row + channels, to, [](float x) { return x != 0; });
    }
  }
  return Tensor::of(kept, sequence ? Shape{batch, length, channels} : Shape{batch, channels});
}

}  // namespace stroma
