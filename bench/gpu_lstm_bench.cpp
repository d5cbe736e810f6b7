// The two bidirectional LSTM layers of the DNA model on the GPU, forward and backward with all
// gradients, as bench/peers/cudnn_lstm.cpp times them in cuDNN. Prints one line of JSON.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>

#include "bench/gpu/dna_model.h"
#include "bench/gpu/replays.h"
#include "kernels/error.h"
#include "layers/init.h"
#include "layers/recurrent_layer.h"

namespace stroma::bench {
namespace {

struct Options {
  std::string output = "all";
  int64_t batch = 32;
  int samples = 30, replays = 20;
};

void run(const Options& options) {
  const Cuda cuda = cuda_context(0);
  const Device device{Device::Kind::cuda, 0};
  const bool last_only = options.output == "last";
  const int64_t width = 2 * dna_model::hidden;
  InitialWeights init{.seed = 1, .device = device};
  const TrainingClock clock{1, Tensor::zeros({1}, DType::int64, device)};
  Recurrent lstm(dna_model::conv2_channels,
                 {.cell = Cell::lstm,
                  .hidden_size = dna_model::hidden,
                  .num_layers = 2,
                  .bidirectional = true,
                  .output = last_only ? RecurrentOutput::last : RecurrentOutput::all},
                 init, clock, 0);
  Variable input(
      uniform_parameter({dna_model::positions, options.batch, dna_model::conv2_channels}, 1, init),
      true);
  const Tensor output_grad =
      last_only ? uniform_parameter({options.batch, width}, 1, init)
                : uniform_parameter({dna_model::positions, options.batch, width}, 1, init);
  Tensor input_grad = Tensor::empty(input.shape(), DType::float32, device);
  const Tensor loss = Tensor::zeros({1}, DType::float32, device);

  const auto work = [&] {
    const Variable output = lstm.forward(input);
    backward(make_result(loss, {output},
                         [&](const Tensor&) { Variable(output).add_grad(output_grad); }));
    input_grad.copy_from(input.grad());
    input.zero_grad();
  };
  const Replays timing = time_replays(cuda, work, options.samples, options.replays);
  for (const float value : input_grad.to_vector<float>()) {
    if (!std::isfinite(value)) throw Error("a gradient of the input is not finite");
  }
  print_replays("Stroma",
                fmt::format("[{}, {}, {}], 2 layers of 2 x {}", dna_model::positions, options.batch,
                            dna_model::conv2_channels, dna_model::hidden),
                "output " + options.output, timing);
}

}  // namespace
}  // namespace stroma::bench

int main(int argc, char** argv) {
  stroma::bench::Options options;
  CLI::App app("Times the LSTM layers of the DNA model on the GPU.");
  app.add_option("--output", options.output,
                 "all positions, or the last alone as the DNA model reads them")
      ->check(CLI::IsMember({"all", "last"}))
      ->capture_default_str();
  app.add_option("--batch-size", options.batch)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--samples", options.samples)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--replays", options.replays, "of a sample")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    stroma::bench::run(options);
  } catch (const stroma::Error& error) {
    fmt::print(stderr, "gpu_lstm_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
