#include "training/run.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <numeric>

#include "augment/overlap.h"
#include "datasets/split.h"
#include "engine/files.h"
#include "engine/precision.h"
#include "engine/safetensors.h"
#include "kernels/error.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;

/// The model's spec for examples of another length than it names.
ModelSpec spec_for(const RunConfig& config) {
  ModelSpec spec = config.model;
  spec.length = config.length;
  return spec;
}

InputStandardization standardization_in(const RunConfig& config, Device device) {
  if (config.mean.empty()) return {};
  const Shape shape{config.length, alphabet_named(config.model.alphabet).size()};
  return {Tensor::of(config.mean, shape, device), Tensor::of(config.inverse_sd, shape, device)};
}

Split split_of(const Dataset& dataset, const RunConfig& config) {
  const TrainingSpec& training = config.model.training;
  return naming_file(config.data.path, [&] {
    return split_examples(dataset, {.method = training.split,
                                    .test_fraction = training.test_fraction,
                                    .validation_fraction = training.validation_fraction,
                                    .folds = training.folds,
                                    .fold = config.fold - 1,
                                    .seed = config.seed});
  });
}

/// N / n_c over the training examples; a class without any gets the weight 1, which nothing uses.
Tensor class_weights(const Dataset& dataset, const std::vector<int32_t>& train, Device device) {
  std::vector<int64_t> count(dataset.labels.size());
  for (const int32_t example : train) ++count[dataset.examples[example].label];
  std::vector<float> weights;
  for (const int64_t n : count) {
    weights.push_back(n == 0 ? 1.0f : static_cast<float>(train.size()) / static_cast<float>(n));
  }
  return Tensor::of(weights, {static_cast<int64_t>(weights.size())}, device);
}

void write_model(const fs::path& path, const Network& network) {
  SafetensorsFile file;
  file.metadata["format"] = "pt";
  for (const NamedParameter& parameter : network.parameters()) {
    file.tensors[parameter.name] = parameter.variable.value().to(Device{});
  }
  write_safetensors(path, file);
}

/// Whether the directory holds what a run has learned. One that has only its config.json has
/// nothing to lose.
bool holds_run(const fs::path& directory) {
  return fs::exists(directory / "config.json") && (fs::exists(directory / "state.safetensors") ||
                                                   fs::exists(directory / "model.safetensors"));
}

bool holds_trials(const fs::path& directory) {
  return fs::exists(directory / "trials.csv") || fs::exists(directory / "trial-1");
}

/// Whether there is anything but what a run leaves that was killed before its config.json.
bool holds_files(const fs::path& directory) {
  if (!fs::is_directory(directory)) return false;
  const fs::directory_iterator entries(directory);
  return !std::all_of(begin(entries), end(entries),
                      [](const fs::directory_entry& entry) { return is_temporary(entry.path()); });
}

/// Makes the directory ready for a run; returns whether there is a state to go on from.
bool prepare_directory(const RunConfig& config, const fs::path& directory, ExistingRun existing,
                       const RunWatcher& watcher) {
  const fs::path config_path = directory / "config.json";
  const bool is_run = holds_run(directory);
  if (fs::exists(directory) && !fs::is_directory(directory)) {
    throw Error(directory.string() + " is a file; name a directory with --out");
  }
  if (existing == ExistingRun::refuse && is_run) {
    throw Error(directory.string() +
                " holds a run already; --resume continues it, --force replaces it");
  }
  if (holds_trials(directory)) {
    throw Error(directory.string() +
                " holds several trials; add --trials, or name another directory with --out");
  }
  if (!fs::exists(config_path) && holds_files(directory)) {
    throw Error(directory.string() +
                " holds other files and no run; name a new or an empty directory with --out");
  }
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    throw Error("cannot make the directory " + directory.string() + ": " + error.message() +
                "; name another with --out");
  }
  if (existing == ExistingRun::resume && is_run) {
    if (!fs::exists(directory / "state.safetensors")) {
      throw Error(directory.string() +
                  " has lost its state.safetensors, without which it cannot go on; start anew with "
                  "--force, or name another directory with --out");
    }
    const RunConfig saved = read_config(config_path);
    const std::string other = difference(saved, config);
    if (!other.empty()) {
      throw Error(directory.string() + " is another run than asked for: " + other +
                  "; resume with what it has, or start anew with --force");
    }
    if (saved.device != config.device) {
      watcher.note(
          fmt::format("The run used {} and goes on with {}: the last digits may differ from a run "
                      "never interrupted.",
                      saved.device, config.device));
    }
  } else {
    if (existing == ExistingRun::resume) {
      watcher.note(directory.string() + " holds no run to resume: a new one starts.");
    }
    for (const char* name : run_results) fs::remove(directory / name);
  }
  remove_temporaries(directory);
  write_config(config_path, config);
  return fs::exists(directory / "state.safetensors");
}

/// How many test examples have a label that no training example has.
int64_t of_unseen_classes(const Dataset& dataset, const Split& split) {
  std::vector<bool> seen(dataset.labels.size());
  for (const int32_t i : split.train) seen[dataset.examples[i].label] = true;
  return std::count_if(split.test.begin(), split.test.end(),
                       [&](int32_t i) { return !seen[dataset.examples[i].label]; });
}

void summarize(const Dataset& dataset, const Split& split, const Trainer& trainer,
               RunSummary& summary) {
  summary.epochs_run = trainer.position().epochs_done;
  summary.best_epoch = trainer.position().best_epoch;
  summary.label_ceiling = label_ceiling(dataset);
  summary.leakage_letters = std::min(summary.leakage_letters, dataset.length);
  summary.leakage = leakage(dataset, split.train, split.test, summary.leakage_letters);
  summary.train_examples = static_cast<int64_t>(split.train.size());
  summary.validation_examples = static_cast<int64_t>(split.validation.size());
  summary.test_examples = static_cast<int64_t>(split.test.size());
  for (const EpochMetrics& epoch : trainer.position().history) summary.seconds += epoch.seconds;
}

}  // namespace

Device device_named(const std::string& name) {
  if (name == "cpu") return {};
  return {Device::Kind::cuda, name == "cuda" ? 0 : std::stoi(name.substr(5))};
}

std::vector<int32_t> all_examples(const Dataset& dataset) {
  std::vector<int32_t> all(dataset.examples.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

RunResult train_run(RunConfig config, const fs::path& directory, ExistingRun existing,
                    const RunWatcher& watcher) {
  omp_set_num_threads(config.threads);
  const Device device = device_named(config.device);
  check_precision(config.precision, device);
  const PrecisionScope precision(config.precision);
  const Alphabet& alphabet = alphabet_named(config.model.alphabet);
  std::vector<std::string> notes;
  const Dataset dataset = load_dataset(config.data, alphabet, notes, device);
  for (const std::string& note : notes) watcher.note(note);
  const Split split = split_of(dataset, config);
  const auto classes = static_cast<int64_t>(dataset.labels.size());

  config.length = dataset.length;
  config.labels = dataset.labels;
  config.fingerprint = fingerprint(dataset);
  InputStandardization standardization;
  if (config.model.standardize) {
    standardization = standardization_of(dataset, alphabet, device);
    config.mean = standardization.mean.to_vector<float>();
    config.inverse_sd = standardization.inverse_sd.to_vector<float>();
  }
  const TrainingClock clock{config.seed, Tensor::zeros({1}, DType::int64, device)};
  Network network(spec_for(config), classes, standardization, clock, device);
  const DeviceDataset data = to_device(dataset, alphabet, device);
  const TrainingSpec& training = config.model.training;
  Trainer trainer(network, data, split.train, split.validation, training,
                  training.class_weights ? class_weights(dataset, split.train, device) : Tensor(),
                  clock);

  const bool has_state = prepare_directory(config, directory, existing, watcher);
  const fs::path state_path = directory / "state.safetensors";
  if (has_state) read_state(state_path, trainer);

  RunResult result;
  summarize(dataset, split, trainer, result.summary);
  watcher.note(fmt::format(
      "{} examples of {} letters in {} classes: {} to train on, {} to validate, {} to test.",
      dataset.examples.size(), dataset.length, classes, split.train.size(), split.validation.size(),
      split.test.size()));
  watcher.note(describe_label_ceiling(result.summary.label_ceiling));
  if (!split.test.empty()) {
    watcher.note(
        fmt::format("{:.1f} % of the test windows share {} or more letters in a row with a "
                    "training window, {:.1f} % are equal to one.",
                    100 * result.summary.leakage, result.summary.leakage_letters,
                    100 * leakage(dataset, split.train, split.test, dataset.length)));
  }
  if (const int64_t unseen = of_unseen_classes(dataset, split); unseen > 0) {
    watcher.note(
        fmt::format("{} of the test examples are of classes without a training example.", unseen));
  }
  watcher.note(device.kind == Device::Kind::cpu
                   ? fmt::format("Training on the CPU with {} thread{}.", config.threads,
                                 config.threads == 1 ? "" : "s")
                   : fmt::format("Training on {}.", config.device));
  if (has_state) {
    watcher.note(fmt::format("Resuming after epoch {}.", trainer.position().epochs_done));
  }

  const Watcher trainer_watcher = {.progress = watcher.progress,
                                   .epoch_done = watcher.epoch_done,
                                   .save =
                                       [&] {
                                         write_state(state_path, trainer);
                                         write_history(directory / "metrics.csv",
                                                       trainer.position().history);
                                       },
                                   .stop_requested = watcher.stop_requested};
  try {
    result.outcome = trainer.run(trainer_watcher);
  } catch (const LossNotFinite& error) {
    const int64_t epochs = trainer.position().epochs_done;
    if (epochs == 0) throw;
    throw Error(
        fmt::format("{}; {} keeps the state after epoch {}: --resume --epochs {} ends the "
                    "run there",
                    error.what(), directory.string(), epochs, epochs));
  }
  if (result.outcome == Trainer::Outcome::interrupted) {
    write_model(directory / "model.safetensors", network);
    return result;
  }

  trainer.keep_chosen_weights();
  summarize(dataset, split, trainer, result.summary = RunSummary{});
  result.summary.ended =
      result.outcome == Trainer::Outcome::finished ? "finished" : "stopped_early";
  const auto measure = [&](const std::vector<int32_t>& examples) {
    return make_predictions(dataset, examples,
                            evaluate(network, data, examples, true).probabilities, classes);
  };
  if (!split.validation.empty()) {
    result.summary.validation = part_metrics(measure(split.validation), classes);
  }
  const Predictions predictions = measure(split.test);
  if (!split.test.empty()) result.summary.test = part_metrics(predictions, classes);
  write_model(directory / "model.safetensors", network);
  write_history(directory / "metrics.csv", trainer.position().history);
  write_file(directory / "predictions.csv",
             [&](std::ostream& out) { write_predictions(out, predictions, dataset.labels); });
  write_summary(directory / "metrics.json", result.summary, dataset.labels);
  return result;
}

LoadedRun load_run(const fs::path& directory, Device device, std::optional<Precision> precision) {
  if (holds_trials(directory)) {
    throw Error(directory.string() + " holds several trials; name one of them, such as " +
                (directory / "trial-1").string());
  }
  if (!fs::exists(directory / "config.json")) {
    throw Error(directory.string() +
                " is not a run directory: stroma train has written none there");
  }
  LoadedRun run;
  run.ended = fs::exists(directory / "metrics.json");
  run.config = read_config(directory / "config.json");
  if (precision) run.config.precision = *precision;
  if (!precision && device.kind == Device::Kind::cpu) run.config.precision = Precision::fp32;
  check_precision(run.config.precision, device);
  run.clock = {run.config.seed, Tensor::zeros({1}, DType::int64, device)};
  run.network = std::make_unique<Network>(
      spec_for(run.config), static_cast<int64_t>(run.config.labels.size()),
      standardization_in(run.config, device), run.clock, device);
  const fs::path model = directory / "model.safetensors";
  if (!fs::exists(model)) {
    throw Error(directory.string() +
                " holds a run that has not ended; go on with stroma train … --resume");
  }
  const SafetensorsFile weights = read_safetensors(model);
  naming_file(model, [&] { run.network->load(weights.tensors); });
  return run;
}

Predictions predict(LoadedRun& run, const Dataset& dataset, const std::vector<int32_t>& examples) {
  DeviceDataset data =
      to_device(dataset, alphabet_named(run.config.model.alphabet), run.clock.step.device());
  const PrecisionScope precision(run.config.precision);
  // The loss is not asked for, so that any label will do where none is known.
  data.example_label.zero();
  return make_predictions(dataset, examples,
                          evaluate(*run.network, data, examples, true).probabilities,
                          static_cast<int64_t>(run.config.labels.size()));
}

TestPart test_part(const RunConfig& config, std::vector<std::string>& notes) {
  std::error_code error;
  if (fs::status(config.data.path, error).type() == fs::file_type::not_found) {
    throw Error("the run was trained on " + config.data.path.string() +
                ", which is not found from this folder; go to the folder it was trained in, or "
                "name DATA to measure on, all of it");
  }
  TestPart part{load_dataset(config.data, alphabet_named(config.model.alphabet), notes), {}};
  if (fingerprint(part.dataset) != config.fingerprint) {
    throw Error(config.data.path.string() +
                " has changed since the run was trained; name the data to evaluate on");
  }
  part.examples = split_of(part.dataset, config).test;
  if (part.examples.empty()) {
    throw Error("the run kept no test part (--test-fraction 0); name DATA to measure on");
  }
  return part;
}

Dataset load_for_run(const RunConfig& config, const fs::path& path, bool labels_may_be_unknown,
                     std::vector<std::string>& notes) {
  DataOptions options = config.data;
  options.path = path;
  Dataset dataset = load_dataset(options, alphabet_named(config.model.alphabet), notes);
  if (dataset.length != config.length) {
    throw Error(fmt::format("{}: examples of {} letters, but the model reads {}", path.string(),
                            dataset.length, config.length));
  }
  std::vector<int32_t> label_in_run;
  for (const std::string& label : dataset.labels) {
    const auto found = std::lower_bound(config.labels.begin(), config.labels.end(), label);
    const bool known = found != config.labels.end() && *found == label;
    if (!known && !labels_may_be_unknown) {
      throw Error(
          fmt::format("{}: the model knows no label \"{}\"; stroma predict works without "
                      "labels",
                      path.string(), label));
    }
    label_in_run.push_back(known ? static_cast<int32_t>(found - config.labels.begin()) : -1);
  }
  for (Example& example : dataset.examples) example.label = label_in_run[example.label];
  dataset.labels = config.labels;
  return dataset;
}

}  // namespace stroma
