// One LSTM layer of the DNA model, forward and backward: the first as it is (both directions, all
// positions), the second as the answer needs it (the last position alone).
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "layers/lstm.h"

namespace stroma {
namespace {

constexpr int64_t length = 20, batch = 32, hidden = 128;

Variable random_variable(const Shape& shape, bool requires_grad) {
  static std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-0.09f, 0.09f);
  std::vector<float> values(count_of(shape));
  for (float& value : values) value = uniform(random);
  return Variable(Tensor::of(values, shape), requires_grad);
}

void step(benchmark::State& state, bool with_backward) {
  const int64_t input_size = state.range(0);
  const bool last_only = state.range(1) != 0;
  Variable input = random_variable({length, batch, input_size}, with_backward);
  std::vector<LstmWeights> directions;
  for (int direction = 0; direction < 2; ++direction) {
    directions.push_back({random_variable({4 * hidden, input_size}, with_backward),
                          random_variable({4 * hidden, hidden}, with_backward),
                          random_variable({4 * hidden}, with_backward),
                          random_variable({4 * hidden}, with_backward)});
  }
  for (auto _ : state) {
    const Variable output = lstm_layer(input, directions, last_only);
    if (with_backward) {
      Tensor grad = output.value();
      backward(make_result(Tensor::zeros({1}), {output},
                           [&](const Tensor&) { Variable(output).add_grad(grad); }));
      input.zero_grad();
    }
    benchmark::DoNotOptimize(output.value().bytes());
  }
  // Multiply-adds count as 2; the first step of a direction has no recurrent product.
  const double long_directions = last_only ? 1 : 2;
  const double input_flop =
      2.0 * batch * input_size * 4 * hidden * (length * long_directions + 2 - long_directions);
  const double recurrent_flop = 2.0 * batch * hidden * 4 * hidden * (length - 1) * long_directions;
  const double flop = (input_flop + recurrent_flop) * (with_backward ? 3 : 1);
  state.counters["GFLOP/s"] =
      benchmark::Counter(flop * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void forward(benchmark::State& state) { step(state, false); }
void forward_and_backward(benchmark::State& state) { step(state, true); }

BENCHMARK(forward)->ArgNames({"input", "last"})->Args({128, 0})->Args({256, 1})->UseRealTime();
BENCHMARK(forward_and_backward)
    ->ArgNames({"input", "last"})
    ->Args({128, 0})
    ->Args({256, 1})
    ->UseRealTime();

}  // namespace
}  // namespace stroma

BENCHMARK_MAIN();
