#include "tools/train_options.h"

#include <fmt/format.h>

#include <filesystem>
#include <type_traits>

#include "tools/data_options.h"
#include "tools/idle_options.h"
#include "tools/option_values.h"
#include "tools/usage.h"

namespace stroma {
namespace {

template <class T>
std::string shown(const T& value) {
  if constexpr (std::is_same_v<T, bool>) return value ? "yes" : "no";
  return fmt::format("{}", value);
}

/// "the model's: 50", or each built-in model's where they differ; `get` takes it from a spec.
template <class Get>
std::string models_default(Get get) {
  std::string each, first;
  bool same = true;
  for (const std::string& name : built_in_models()) {
    const std::string value = shown(get(load_model_spec(name)));
    if (first.empty()) first = value;
    same = same && value == first;
    each += fmt::format("{}{} in {}", each.empty() ? "" : ", ", value, name);
  }
  return "the model's: " + (same ? first : each);
}

template <class T>
std::string training_default(T TrainingSpec::*field) {
  return models_default([=](const ModelSpec& spec) { return spec.training.*field; });
}

/// An option that takes the place of a key of the spec's [training] table.
template <class T>
CLI::Option* add_key(CLI::App& command, TrainOptions& options, const char* name,
                     T TrainingSpec::*field, const char* meaning) {
  const auto keep = [&options, field](const T& value) {
    options.training.emplace_back([=](TrainingSpec& training) { training.*field = value; });
  };
  return command.add_option_function<T>(name, keep, meaning)
      ->type_name(std::is_same_v<T, double> ? "X" : "N")
      ->default_str(training_default(field));
}

void add_optimizer_options(CLI::App& command, TrainOptions& options) {
  const auto add = [&](const char* name, auto field, const char* meaning) {
    return add_key(command, options, name, field, meaning);
  };
  add("--epochs", &TrainingSpec::epochs, "passes over the training examples, at most")
      ->check(whole_number(1));
  add("--batch-size", &TrainingSpec::batch_size, "examples an update")->check(whole_number(1));
  set_choices(add("--optimizer", &TrainingSpec::optimizer, "how weights are updated"),
              {"sgd", "adam", "adamw"});
  add("--lr", &TrainingSpec::learning_rate, "learning rate")->check(float32_number(false));
  add("--lr-step", &TrainingSpec::lr_step,
      "epochs after which the learning rate is multiplied by --lr-gamma; 0: never")
      ->check(whole_number(0));
  add("--lr-gamma", &TrainingSpec::lr_gamma, "factor of --lr-step")->check(float32_number(false));
  add("--weight-decay", &TrainingSpec::weight_decay, "pull of the weights towards 0")
      ->check(float32_number(true));
  add("--momentum", &TrainingSpec::momentum, "of sgd")->check(float32_number(true, 1));
  const auto clip = [&options](const double& norm) {
    options.training.emplace_back([=](TrainingSpec& training) { training.clip_norm = norm; });
  };
  command
      .add_option_function<double>("--clip-norm", clip,
                                   "norm above which the gradient is scaled down")
      ->type_name("X")
      ->default_str("the model's: none")
      ->check(float32_number(false));
  add("--patience", &TrainingSpec::patience,
      "stop after this many epochs without a better validation loss; 0: never")
      ->check(whole_number(0));
  set_choices(
      add("--keep", &TrainingSpec::keep, "weights kept: the last, or the best by validation loss"),
      {"last", "best"});
  const auto weigh = [&options](int64_t sign) {
    options.training.emplace_back(
        [=](TrainingSpec& training) { training.class_weights = sign > 0; });
  };
  command.add_flag_function("--class-weights,!--no-class-weights", weigh,
                            "weigh class c in the loss by N / n_c (default: " +
                                training_default(&TrainingSpec::class_weights) + ")");
}

void add_split_options(CLI::App& command, TrainOptions& options) {
  set_choices(add_key(command, options, "--split", &TrainingSpec::split,
                      "how the examples are split into parts"),
              {"random", "stratified", "kfold"});
  add_key(command, options, "--test-fraction", &TrainingSpec::test_fraction,
          "share of the examples to test on; with kfold it is one fold")
      ->check(fraction());
  add_key(command, options, "--validation-fraction", &TrainingSpec::validation_fraction,
          "share of the rest to validate on")
      ->check(fraction());
  add_key(command, options, "--folds", &TrainingSpec::folds, "folds of kfold")
      ->check(whole_number(2));
  command.add_option("--fold", options.fold, "of kfold: which fold to test on, from 1")
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
              augmentation_names());
  command.add_option("--length", options.window_length, "letters a window")
      ->type_name("N")
      ->default_str(models_default([](const ModelSpec& spec) { return spec.length; }))
      ->check(whole_number(1))
      ->excludes(whole);
  add_overlap_options(command, options.data.windows);
  add_short_option(command, options.data.too_short);
  add_label_option(command, options.data);
  add_genome_options(command, options.data);
  add_cut_options(command, options.data);
  add_unknown_option(command, options.unknown)
      ->default_str(models_default([](const ModelSpec& spec) { return spec.unknown; }));
  command.add_flag("--no-standardize", options.no_standardize,
                   "leave the one-hot input as it is where the model would standardise it");
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
  if (training.split == "kfold" && config.fold > training.folds) {
    fail_usage(fmt::format("--fold {} is none of {} folds", config.fold, training.folds));
  }
  if (training.momentum > 0 && training.optimizer != "sgd") {
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
  add_data_argument(command, options.data, "DATA");
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
  add_optimizer_options(command, options);
  command.option_defaults()->group("Split");
  add_split_options(command, options);
  command.option_defaults()->group("Examples");
  add_example_options(command, options);
  command.option_defaults()->group(usual_group);
}

std::string run_directory(const TrainOptions& options) {
  if (!options.directory.empty()) return options.directory;
  const std::filesystem::path model(options.model);
  const std::vector<std::filesystem::path>& files = options.data.paths;
  const std::string data = files.front() == "-" ? "stdin" : files.front().stem().string();
  const std::string more = files.size() > 1 ? fmt::format("-and-{}-more", files.size() - 1) : "";
  return fmt::format("runs/{}{}-{}{}", data, more, model.stem().string(),
                     options.no_augment ? "-whole" : "");
}

RunConfig run_config(const TrainOptions& options) {
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
  config.data.augment = !options.no_augment;
  config.data.windows.length =
      options.window_length > 0 ? options.window_length : config.model.length;
  config.data.unknown = options.unknown.empty() ? config.model.unknown : options.unknown;
  config.seed = options.seed;
  config.fold = options.fold;
  config.augmentation = augmentation_named(options.augmentation);
  config.weights = options.weights;
  config.threads = options.threads;
  config.device = chosen_device(options.device, options.quiet);
  config.precision = precision_named(options.precision);
  check_together(config);
  refuse_idle(options, spec, config);
  return config;
}

}  // namespace stroma
