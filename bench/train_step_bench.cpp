// Times one training step of a built-in model: gather, forward, loss, backward, update. Prints the
// median seconds of a step, as bench/peers/train_step_torch.py does for PyTorch;
// scripts/bench_cpu.sh runs both in turns.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <vector>

#include "training/training_step.h"

int main(int argc, char** argv) {
  using namespace stroma;
  std::string model = "cnn-lstm-dna";
  int64_t batch = 32, classes = 100;
  int threads = 1, steps = 100, warm_up = 20;
  CLI::App app("Times one training step on the CPU and prints the median seconds.");
  app.add_option("--model", model)->capture_default_str();
  app.add_option("--batch-size", batch)->capture_default_str();
  app.add_option("--classes", classes)->capture_default_str();
  app.add_option("--threads", threads)->capture_default_str();
  app.add_option("--steps", steps)->capture_default_str();
  app.add_option("--warm-up", warm_up)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  omp_set_num_threads(threads);

  const ModelSpec spec = load_model_spec(model);
  const int64_t letters = spec.alphabet == "protein" ? 20 : 4;
  std::mt19937 random(1);
  Dataset dataset;
  dataset.length = spec.length;
  const Alphabet& alphabet = letters == 20 ? protein_alphabet() : dna_alphabet();
  for (int64_t c = 0; c < classes; ++c) {
    dataset.labels.push_back(std::to_string(c));
    std::string sequence;
    for (int64_t i = 0; i < spec.length + 40; ++i) {
      sequence += alphabet.letters()[random() % letters];
    }
    dataset.sequences.push_back({fmt::format("s{}", c), sequence});
    for (int32_t offset = 0; offset <= 40; ++offset) {
      dataset.examples.push_back({static_cast<int32_t>(c), offset, static_cast<int32_t>(c)});
    }
  }
  const DeviceDataset data = to_device(dataset, alphabet, {});
  const TrainingClock clock{1, Tensor::zeros({1}, DType::int64)};
  Network network(
      spec, classes,
      spec.standardize ? standardization_of(dataset, alphabet, {}) : InputStandardization{}, clock,
      {});
  TrainingStep step(network, data, spec.training, {}, clock);

  const auto examples = static_cast<int64_t>(dataset.examples.size());
  const int64_t steps_an_epoch = std::max<int64_t>(1, examples / batch);
  std::vector<double> seconds;
  for (int i = 0; i < warm_up + steps; ++i) {
    if (i % steps_an_epoch == 0) {
      step.begin_epoch(shuffled_indices(examples, 1, RandomStream::shuffle, i), 0, {}, 5e-4);
    }
    const auto start = std::chrono::steady_clock::now();
    step.run(std::min(batch, examples));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (i >= warm_up) seconds.push_back(taken.count());
  }
  if (!std::isfinite(step.sums().loss)) return 1;
  std::nth_element(seconds.begin(), seconds.begin() + steps / 2, seconds.end());
  fmt::print("{:.6f}\n", seconds[steps / 2]);
}
