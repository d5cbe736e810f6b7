// Times one training step of a built-in model: gather, forward, loss, backward, update. Prints one
// JSON line, as bench/peers/train_step_torch.py and train_step_jax.py do for their frameworks, on
// the same network and as much data; bench/compare_gpu.py runs them in turns.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "kernels/error.h"
#include "training/learner.h"

namespace stroma {
namespace {

struct Options {
  std::string model = "cnn-lstm-dna", device = "cpu";
  int64_t batch = 32, classes = 100;
  int threads = 1;
  int64_t samples = 100, steps = 1, warm_up = 20;
};

/// A random region of 300 letters a class, and every window of it.
Dataset random_windows(const ModelSpec& spec, const Alphabet& alphabet, int64_t classes) {
  constexpr int32_t region = 300;
  std::mt19937 random(1);
  Dataset dataset;
  dataset.length = spec.length;
  for (int32_t c = 0; c < classes; ++c) {
    dataset.labels.push_back(std::to_string(c));
    std::string sequence;
    for (int32_t i = 0; i < region; ++i) {
      sequence += alphabet.letters()[random() % (spec.alphabet == "protein" ? 20 : 4)];
    }
    dataset.sequences.push_back({fmt::format("s{}", c), sequence});
    for (int32_t offset = 0; offset + spec.length <= region; ++offset) {
      dataset.examples.push_back({c, offset, c});
    }
  }
  return dataset;
}

void run(const Options& options) {
  omp_set_num_threads(options.threads);
  const Device device{options.device == "cuda" ? Device::Kind::cuda : Device::Kind::cpu, 0};
  const ModelSpec spec = load_model_spec(options.model);
  const Alphabet& alphabet = spec.alphabet == "protein" ? protein_alphabet() : dna_alphabet();
  const Dataset dataset = random_windows(spec, alphabet, options.classes);
  const auto examples = static_cast<int64_t>(dataset.examples.size());
  Learner learner(
      spec, options.classes,
      spec.standardize ? standardization_of(dataset, alphabet, device) : InputStandardization{}, 1,
      device, to_device(dataset, alphabet, device));
  TrainingStep& step = learner.step();

  const int64_t batch = std::min(options.batch, examples);
  uint32_t epoch = 0;
  double loss = 0;
  // Microseconds a step, by the host's clock from the first call until the device has done the
  // last, which is the ruler of every program that is compared.
  const auto time_steps = [&](int64_t count) {
    step.begin_epoch(shuffled_indices(examples, 1, RandomStream::shuffle, epoch++), 0, {}, 5e-4);
    step.sums();
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < count; ++i) step.run(batch);
    const TrainingStep::Sums sums = step.sums();
    const std::chrono::duration<double, std::micro> taken =
        std::chrono::steady_clock::now() - start;
    loss = sums.loss / static_cast<double>(count * batch);
    return taken.count() / static_cast<double>(count);
  };
  const int64_t steps = std::min(options.steps, examples / batch);
  for (int64_t done = 0; done < options.warm_up; done += steps) time_steps(steps);
  std::vector<double> microseconds;
  for (int64_t i = 0; i < options.samples; ++i) microseconds.push_back(time_steps(steps));
  std::sort(microseconds.begin(), microseconds.end());
  const double median = microseconds[microseconds.size() / 2];
  fmt::print("{}\n", nlohmann::ordered_json{{"program", "Stroma"},
                                            {"version", STROMA_VERSION},
                                            {"device", to_string(device)},
                                            {"parameters", parameter_count(spec, options.classes)},
                                            {"model", options.model},
                                            {"batch_size", batch},
                                            {"threads", options.threads},
                                            {"median_us", median},
                                            {"spread", {microseconds.front(), microseconds.back()}},
                                            {"steps_per_second", 1e6 / median},
                                            {"loss", loss}}
                         .dump());
}

}  // namespace
}  // namespace stroma

int main(int argc, char** argv) {
  stroma::Options options;
  CLI::App app("Times one training step and prints a line of JSON.");
  app.add_option("--model", options.model)->capture_default_str();
  app.add_option("--device", options.device)
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  app.add_option("--batch-size", options.batch)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--classes", options.classes)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--threads", options.threads, "of the CPU")->capture_default_str();
  app.add_option("--samples", options.samples)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--steps", options.steps,
                 "of a sample; the device is waited for at its end; an epoch at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--warm-up", options.warm_up, "steps")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    stroma::run(options);
  } catch (const stroma::Error& error) {
    fmt::print(stderr, "train_step_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
