// Recurrent layers, forward and backward. One LSTM layer of the DNA model: the first as it is (both
// directions, all positions), the second as the answer needs it (the last position alone); and each
// cell in one direction along a long sequence, as bench/peers/recurrent_torch.py has it.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "layers/recurrent.h"

namespace stroma {
namespace {

struct Sizes {
  int64_t length, batch, input, hidden;
};

Variable random_variable(const Shape& shape, bool requires_grad) {
  static std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-0.09f, 0.09f);
  std::vector<float> values(count_of(shape));
  for (float& value : values) value = uniform(random);
  return Variable(Tensor::of(values, shape), requires_grad);
}

std::vector<RecurrentWeights> random_weights(Cell cell, const Sizes& s, int directions,
                                             bool requires_grad) {
  const int64_t gates = kernels::gates_of(cell) * s.hidden;
  std::vector<RecurrentWeights> weights;
  for (int direction = 0; direction < directions; ++direction) {
    weights.push_back({random_variable({gates, s.input}, requires_grad),
                       random_variable({gates, s.hidden}, requires_grad),
                       random_variable({gates}, requires_grad),
                       random_variable({gates}, requires_grad)});
  }
  return weights;
}

void step(benchmark::State& state, Cell cell, const Sizes& s, int directions,
          RecurrentOutput output, bool with_backward) {
  Variable input = random_variable({s.length, s.batch, s.input}, with_backward);
  const std::vector<RecurrentWeights> weights = random_weights(cell, s, directions, with_backward);
  for (auto _ : state) {
    const Variable h = recurrent(cell, input, weights, output);
    if (with_backward) {
      Tensor grad = h.value();
      backward(
          make_result(Tensor::zeros({1}), {h}, [&](const Tensor&) { Variable(h).add_grad(grad); }));
      input.zero_grad();
    }
    benchmark::DoNotOptimize(h.value().bytes());
  }
  // Multiply-adds count as 2; the first step of a direction has no recurrent product.
  const double columns = 2.0 * s.batch * kernels::gates_of(cell) * s.hidden;
  double flop = 0;
  for (int direction = 0; direction < directions; ++direction) {
    const bool one_step = direction == 1 && output == RecurrentOutput::last;
    const auto steps = static_cast<double>(one_step ? 1 : s.length);
    flop += columns *
            (static_cast<double>(s.input) * steps + static_cast<double>(s.hidden) * (steps - 1));
  }
  state.counters["GFLOP/s"] = benchmark::Counter(flop * (with_backward ? 3e-9 : 1e-9),
                                                 benchmark::Counter::kIsIterationInvariantRate);
}

void of_the_dna_model(benchmark::State& state, bool with_backward) {
  step(state, Cell::lstm, {20, 32, state.range(0), 128}, 2,
       state.range(1) != 0 ? RecurrentOutput::last : RecurrentOutput::all, with_backward);
}

void forward(benchmark::State& state) { of_the_dna_model(state, false); }
void forward_and_backward(benchmark::State& state) { of_the_dna_model(state, true); }

BENCHMARK(forward)->ArgNames({"input", "last"})->Args({128, 0})->Args({256, 1})->UseRealTime();
BENCHMARK(forward_and_backward)
    ->ArgNames({"input", "last"})
    ->Args({128, 0})
    ->Args({256, 1})
    ->UseRealTime();

void long_sequence(benchmark::State& state, Cell cell) {
  step(state, cell, {1296, 32, 64, 64}, 1, RecurrentOutput::all, /*with_backward=*/true);
}

BENCHMARK_CAPTURE(long_sequence, rnn, Cell::rnn_tanh)->UseRealTime();
BENCHMARK_CAPTURE(long_sequence, gru, Cell::gru)->UseRealTime();
BENCHMARK_CAPTURE(long_sequence, lstm, Cell::lstm)->UseRealTime();

}  // namespace
}  // namespace stroma

BENCHMARK_MAIN();
