#include "tools/train_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <type_traits>

#include "layers/loss.h"
#include "tools/data_options.h"
#include "tools/idle_options.h"
#include "tools/option_values.h"
#include "tools/usage.h"

namespace stroma {
namespace {

/// Option defaults that a spec gives: "the model's, or 50".
std::string models_or(const std::string& otherwise) { return "the model's, or " + otherwise; }

std::string shown(int value) { return std::to_string(value); }
std::string shown(double value) { return fmt::format("{}", value); }
std::string shown(std::optional<double> value) { return value ? shown(*value) : "none"; }
std::string shown(const LossName& value) { return value.text; }
std::string shown(const ClassWeights& value) { return to_string(value); }
template <Named Enum>
std::string shown(Enum value) {
  return to_string(value);
}

/// "--batch-size" of "batch_size", with `prefix` "--".
std::string option_name(const std::string& prefix, std::string key) {
  if (key == "learning_rate") return prefix + "lr";
  std::replace(key.begin(), key.end(), '_', '-');
  return prefix + key;
}

/// A flag that may have a value, so that the word after it stays what it was: DATA.
void add_class_weights(CLI::App& command, TrainOptions& options,
                       const TrainingKey<ClassWeights>& key, const std::string& otherwise) {
  const auto text = std::make_shared<std::string>();  // "": not given
  options.training.emplace_back([text, field = key.field](TrainingSpec& training) {
    if (!text->empty()) training.*field = read_class_weights(*text);
  });
  command
      .add_flag(option_name("--", key.name) + "," + option_name("!--no-", key.name), *text,
                fmt::format("{}: --class-weights for inverse, or "
                            "--class-weights=balanced, --class-weights=LABEL:WEIGHT,… (default: "
                            "{})",
                            key.help, otherwise))
      ->check(readable(read_class_weights));
}

/// The option that takes the place of a key of the spec's [training] table.
template <class T>
void add_key(CLI::App& command, TrainOptions& options, const TrainingKey<T>& key) {
  const auto keep = [&options, field = key.field](const auto& value) {
    options.training.emplace_back([=](TrainingSpec& training) { training.*field = value; });
  };
  const std::string name = option_name("--", key.name);
  const std::string otherwise = models_or(shown(TrainingSpec().*key.field));
  if constexpr (Named<T>) {
    const auto keep_named = [=](const std::string& text) { keep(named<T>(text)); };
    set_choices(command.add_option_function<std::string>(name, keep_named, key.help), names_of<T>())
        ->default_str(otherwise);
  } else if constexpr (std::is_same_v<T, LossName>) {
    const auto keep_named = [=](const std::string& text) { keep(LossName{text}); };
    set_choices(command.add_option_function<std::string>(name, keep_named, key.help),
                names_of_losses())
        ->default_str(otherwise);
  } else if constexpr (std::is_same_v<T, ClassWeights>) {
    add_class_weights(command, options, key, otherwise);
  } else if constexpr (std::is_same_v<T, int>) {
    command.add_option_function<int>(name, keep, key.help)
        ->type_name("N")
        ->default_str(otherwise)
        ->check(whole_number(static_cast<int>(key.allowed.low)));
  } else {
    command.add_option_function<double>(name, keep, key.help)
        ->type_name("X")
        ->default_str(otherwise)
        ->check(number_in(key.allowed));
  }
}

void add_training_options(CLI::App& command, TrainOptions& options) {
  for_each_training_key([&](const auto& key) { add_key(command, options, key); });
  command
      .add_option("--fold", options.fold,
                  "of kfold and leave-one-group-out: which fold or group to test on, from 1")
      ->type_name("N")
      ->check(whole_number(1));
  command
      .add_option("--seed", options.seed,
                  "of the split, the initial weights, the order and the dropout")
      ->type_name("N")
      ->check(seed_value());
  command
      .add_option("--trials", options.trials,
                  "models to train, with seeds from --seed on, each in a directory of --out; on a "
                  "GPU side by side")
      ->type_name("N")
      ->check(whole_number(1, 1000));
}

void add_example_options(CLI::App& command, TrainOptions& options) {
  CLI::Option* whole = command.add_flag("--whole,--no-augment", options.no_augment,
                                        "learn from whole sequences, not from windows");
  set_choices(command.add_option("--augment", options.augmentation,
                                 "what each training example also enters as, once the others are "
                                 "split off"),
              names_of<Augmentation>());
  command.add_option("--length", options.window_length, "letters a window")
      ->type_name("N")
      ->default_str("the model's")
      ->check(whole_number(1))
      ->excludes(whole);
  add_overlap_options(command, options.data.windows);
  add_short_option(command, options.data);
  add_label_option(command, options.data);
  add_genome_options(command, options.data);
  add_cut_options(command, options.data);
  add_unknown_option(command, options.unknown)->default_str(models_or(ModelSpec().unknown));
  set_choices(command.add_option("--balance", options.balance,
                                 "repeat training examples of smaller classes until each has as "
                                 "many as the largest"),
              names_of<Balance>());
  add_memory_option(command, options.memory_k)->default_str("12, of proteins 4");
  command.add_flag("--no-standardize", options.no_standardize,
                   "leave the one-hot input as it is where the model would standardise it");
}

void add_part_options(CLI::App& command, TrainOptions& options) {
  DataOptions& data = options.data;
  add_label_forms(command, data, "--", "DATA");
  command
      .add_option("--weight", data.weight,
                  "a column of the table of --labels: how much each sequence counts in the loss")
      ->type_name("COLUMN");
  command
      .add_option("--group", data.group,
                  "keep together in a split what comes from one genome, or has the same entry in a "
                  "column of --labels, or in a table FILE of ids and groups")
      ->type_name("genome|COLUMN|FILE");
  add_given_parts(command, data);
}

/// The configuration of the run in --out, where there is one.
std::filesystem::path saved_config(const TrainOptions& options) {
  const std::filesystem::path run = options.directory;
  return (options.trials > 1 ? run / "trial-1" : run) / "config.json";
}

void check_together(const RunConfig& config) {
  if (config.data.augment) check_overlaps(config.data.windows);
  if (config.augmentation == Augmentation::reverse_complement &&
      config.model.alphabet == "protein") {
    fail_usage("--augment reverse_complement is for DNA and RNA; " + config.model.name +
               " reads proteins");
  }
  const TrainingSpec& training = config.model.training;
  const bool one_group_out = training.split == SplitMethod::leave_one_group_out;
  if (one_group_out && config.data.group.empty()) {
    fail_usage("--split leave-one-group-out needs --group, which says what a group is");
  }
  if (!config.data.test.empty() && (one_group_out || training.split == SplitMethod::kfold)) {
    fail_usage(
        fmt::format("--test gives the test part, and --split {} makes one of each fold; leave "
                    "one of them out",
                    to_string(training.split)));
  }
  if (!config.data.weight.empty() && config.data.labels.empty()) {
    fail_usage("--weight names a column of the table of --labels; add that");
  }
  if (config.balance != Balance::none && training.class_weights.rule != ClassWeights::Rule::none) {
    fail_usage(
        "--balance and class weights do the same twice; leave --balance out, or add "
        "--no-class-weights");
  }
  if (training.split == SplitMethod::kfold && config.fold > training.folds) {
    fail_usage(fmt::format("--fold {} is none of {} folds", config.fold, training.folds));
  }
  if (const auto conflict = conflict_in(training)) {
    fail_usage(option_name("--", conflict->key) + " " + conflict->why);
  }
  if (training.momentum > 0 && training.optimizer != OptimizerOptions::Rule::sgd) {
    fail_usage("--momentum belongs to --optimizer sgd; adam has its own");
  }
}

/// Where the run that is resumed was told how labels are made of names, or is of a version that had
/// one way, it keeps to that unless told otherwise.
void keep_label_rule(const TrainOptions& options, DataOptions& data) {
  const std::filesystem::path saved = saved_config(options);
  if (data.label_until.empty() && std::filesystem::exists(saved)) {
    data.label_until = read_config(saved).data.label_until;
  }
}

}  // namespace

void add_train_options(CLI::App& command, TrainOptions& options) {
  options.is_given = [&command](const std::string& name) { return command.count(name) > 0; };
  add_data_argument(command, options.data, "DATA")->required(false);  // there may be --class
  command.add_option("--model", options.model, "a built-in model or the TOML file of one")
      ->type_name("NAME|FILE")
      ->required();
  command
      .add_option("--weights", options.weights,
                  "a safetensors file of the weights to begin with, in place of ones drawn from "
                  "--seed")
      ->type_name("FILE");
  command.add_option("--out", options.directory, "the run directory to make")
      ->type_name("RUN")
      ->default_str("runs/DATA-MODEL");
  CLI::Option* resume = command.add_flag("--resume", options.resume,
                                         "go on with the run in --out, as if it had never stopped");
  command.add_flag("--force", options.force, "replace the run in --out")->excludes(resume);
  add_device_option(command, options.device);
  add_precision_option(command, options.precision);
  add_threads_option(command, options.threads);
  add_quiet_flag(command, options.quiet);
  const std::string usual_group = command.option_defaults()->get_group();
  command.option_defaults()->group("Training");
  add_training_options(command, options);
  command.option_defaults()->group("Examples");
  add_example_options(command, options);
  command.option_defaults()->group("Labels and parts");
  add_part_options(command, options);
  command.option_defaults()->group(usual_group);
}

std::string run_directory(const TrainOptions& options) {
  if (!options.directory.empty()) return options.directory;
  const std::filesystem::path model(options.model);
  const std::vector<std::filesystem::path> files = options.data.sequence_files();
  if (files.empty()) fail_usage("DATA is required");
  const std::string data = files.front() == "-" ? "stdin" : files.front().stem().string();
  const std::string more = files.size() > 1 ? fmt::format("-and-{}-more", files.size() - 1) : "";
  return fmt::format("runs/{}{}-{}{}", data, more, model.stem().string(),
                     options.no_augment ? "-whole" : "");
}

RunConfig run_config(const TrainOptions& options) {
  if (options.data.empty()) fail_usage("DATA is required");
  check_data_files(options.data);
  RunConfig config;
  config.model = load_model_spec(options.model);
  const ModelSpec spec = config.model;
  for (const auto& change : options.training) change(config.model.training);
  if (options.resume && !options.is_given("--epochs")) {
    const std::filesystem::path saved = saved_config(options);
    if (std::filesystem::exists(saved)) {
      config.model.training.epochs = read_config(saved).model.training.epochs;
    }
  }
  if (options.no_standardize) config.model.standardize = false;
  config.data = options.data;
  if (options.resume) keep_label_rule(options, config.data);
  config.data.padding = config.model.padding;
  config.data.label_sets = loss_named(config.model.training.loss.text).several_labels;
  config.data.augment = !options.no_augment && !config.model.padding.on;
  config.data.windows.length =
      options.window_length > 0 ? options.window_length : config.model.length;
  config.data.unknown = options.unknown.empty() ? config.model.unknown : options.unknown;
  config.seed = options.seed;
  config.fold = options.fold;
  config.balance = named<Balance>(options.balance);
  config.augmentation = named<Augmentation>(options.augmentation);
  config.memory_k = options.memory_k;
  config.weights = options.weights;
  config.threads = options.threads;
  config.device = chosen_device(options.device, options.quiet);
  config.precision = named<Precision>(options.precision);
  check_together(config);
  refuse_idle(options, spec, config);
  return config;
}

}  // namespace stroma
