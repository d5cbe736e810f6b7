#include "training/loaded_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/precision.h"
#include "engine/safetensors.h"
#include "kernels/error.h"
#include "training/data_tables.h"
#include "training/finite.h"
#include "training/run_lock.h"

namespace stroma {

namespace fs = std::filesystem;

std::vector<int32_t> all_examples(const Dataset& dataset) {
  std::vector<int32_t> all(dataset.examples.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

RunConfig config_of_run(const fs::path& directory) {
  if (holds_trials(directory)) {
    throw Error(directory.string() + " holds several trials; name one of them, such as " +
                (directory / "trial-1").string());
  }
  if (!fs::exists(directory / "config.json")) {
    throw Error(directory.string() +
                " is not a run directory: stroma train has written none there");
  }
  return read_config(directory / "config.json");
}

namespace {

/// Throws Error for a run that has left no weights yet, with what to do.
void check_has_weights(const fs::path& directory) {
  if (fs::exists(directory / "model.safetensors")) return;
  if (const std::string holder = holder_of_lock(directory); !holder.empty()) {
    throw Error(directory.string() + " is being trained by " + holder +
                " and has no weights yet; wait until it ends or stop it");
  }
  if (has_learned(directory)) {
    throw Error(directory.string() +
                " holds a run that has not ended; go on with stroma train … --resume");
  }
  throw Error(directory.string() +
              " holds a run that ended in its first epoch and has learned nothing; train again, "
              "and if its loss was not finite, " +
              after_divergence);
}

}  // namespace

LoadedRun load_run(const fs::path& directory, Device device, std::vector<std::string>& notes,
                   std::optional<Precision> precision) {
  RunConfig config = config_of_run(directory);
  if (precision) config.precision = *precision;
  if (!precision && device.kind == Device::Kind::cpu) config.precision = Precision::fp32;
  check_precision(config.precision, device);
  Learner learner = learner_of(config, device);
  const fs::path model = directory / "model.safetensors";
  check_has_weights(directory);
  const SafetensorsFile weights = read_safetensors(model);
  naming_file(model, [&] { learner.network().load(weights.tensors); });
  check_weights(learner.network(), model);
  if (!fs::exists(directory / "metrics.json")) {
    notes.push_back(directory.string() +
                    ": the training has not come to its end yet; these are the weights it had when "
                    "it last stopped.");
  }
  return {std::move(config), std::move(learner)};
}

Predictions predict(LoadedRun& run, const Dataset& dataset, const std::vector<int32_t>& examples,
                    const std::function<void(int64_t done, int64_t all)>& progress) {
  DeviceDataset data = to_device(dataset, alphabet_of(run.config.model), run.learner.device());
  // The loss is not asked for, so that any label will do where none is known.
  data.example_label.zero();
  data.example_answers = {};
  run.learner.set_data(std::move(data));
  const PrecisionScope precision(run.config.precision);
  return make_predictions(dataset, examples,
                          evaluate(run.learner, examples, true, progress).probabilities,
                          std::ssize(run.config.labels), run.learner.loss().several_labels);
}

OwnExamples own_examples(const RunConfig& config, std::vector<std::string>& notes,
                         const std::string& otherwise) {
  for (const fs::path& path : config.data.files()) {
    if (path == "-") {
      throw Error("the run was trained on standard input, which is gone" + otherwise);
    }
    std::error_code error;
    if (fs::status(path, error).type() == fs::file_type::not_found) {
      throw Error("the run was trained on " + path.string() +
                  ", which is not found from this folder; go to the folder it was trained in" +
                  otherwise);
    }
  }
  OwnExamples own{load_dataset(config.data, alphabet_of(config.model), notes), {}};
  if (fingerprint(own.dataset) != config.fingerprint) {
    throw Error(name_of(config.data) +
                " has changed since the run was trained; put back what it was" + otherwise);
  }
  own.split = split_of(own.dataset, config);
  return own;
}

TestPart test_part(const RunConfig& config, std::vector<std::string>& notes) {
  OwnExamples own = own_examples(config, notes, ", or name DATA to measure on, all of it");
  const auto memory = memory_of(config, own.dataset, own.split);
  TestPart part{std::move(own.dataset), std::move(own.split.test), memory};
  if (part.examples.empty()) {
    throw Error("the run kept no test part (--test-fraction 0); name DATA to measure on");
  }
  return part;
}

namespace {

/// Gives the labels of sets their numbers in a run. A set with a label that the run does not know
/// is not known: it becomes empty, and its examples have the label -1.
void renumber_sets(Dataset& dataset, const std::vector<int32_t>& label_in_run) {
  std::vector<bool> known;
  for (std::vector<int32_t>& set : dataset.label_sets) {
    for (int32_t& label : set) label = label_in_run[label];
    known.push_back(std::find(set.begin(), set.end(), -1) == set.end());
    if (!known.back()) set.clear();
    std::sort(set.begin(), set.end());
  }
  for (Example& example : dataset.examples) {
    const std::vector<int32_t>& set = dataset.label_sets[example.sequence];
    example.label = !known[example.sequence] ? -1 : set.empty() ? 0 : set.front();
  }
}

/// Leaves out the examples without a label.
void leave_out_unknown(const DataOptions& data, Dataset& dataset, std::vector<std::string>& notes) {
  dataset.unseen_tests =
      std::erase_if(dataset.examples, [](const Example& example) { return example.label < 0; });
  if (dataset.unseen_tests == 0) return;
  if (dataset.examples.empty()) {
    throw Error(name_of(data) +
                ": the model knows no label in it; stroma predict works without "
                "labels");
  }
  notes.push_back(describe_unseen(name_of(data), dataset.unseen_tests, data.unseen == Unseen::wrong,
                                  dataset.unseen_labels));
}

}  // namespace

Dataset load_for_run(const RunConfig& config, const DataOptions& data, bool labels_needed,
                     std::vector<std::string>& notes) {
  Dataset dataset =
      load_for_model(data, alphabet_of(config.model), config.length, labels_needed, notes);
  std::vector<int32_t> label_in_run;
  const bool refused = labels_needed && data.unseen == Unseen::error;
  for (const std::string& label : dataset.labels) {
    // Not sorted where they are numbers of classes.
    const auto found = std::find(config.labels.begin(), config.labels.end(), label);
    const bool known = found != config.labels.end();
    if (!known) dataset.unseen_labels.push_back(label);
    if (!known && refused) {
      throw Error(
          fmt::format("{}: the model knows no label \"{}\"; stroma predict works without "
                      "labels",
                      name_of(data), label));
    }
    label_in_run.push_back(known ? static_cast<int32_t>(found - config.labels.begin()) : -1);
  }
  for (Example& example : dataset.examples) example.label = label_in_run[example.label];
  if (!dataset.label_sets.empty()) renumber_sets(dataset, label_in_run);
  dataset.labels = config.labels;
  if (labels_needed) leave_out_unknown(data, dataset, notes);
  return dataset;
}

std::optional<MemoryBaseline> memory_on(const RunConfig& config, const Dataset& dataset,
                                        std::vector<std::string>& notes) {
  try {
    std::vector<std::string> told_in_training;
    OwnExamples own = own_examples(config, told_in_training);
    own.split.test.clear();
    own.dataset.unseen_tests = dataset.unseen_tests;
    const auto before = static_cast<int32_t>(own.dataset.sequences.size());
    for (const Sequence& sequence : dataset.sequences) own.dataset.sequences.push_back(sequence);
    for (const auto& set : dataset.label_sets) own.dataset.label_sets.push_back(set);
    for (Example example : dataset.examples) {
      example.sequence += before;
      own.split.test.push_back(static_cast<int32_t>(own.dataset.examples.size()));
      own.dataset.examples.push_back(example);
    }
    return memory_of(config, own.dataset, own.split);
  } catch (const Error& error) {
    notes.push_back(fmt::format("What memory alone scores is not known: {}.", error.what()));
    return {};
  }
}

}  // namespace stroma
