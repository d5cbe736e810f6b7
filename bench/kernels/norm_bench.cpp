// Batch and layer normalisation, forward and backward, of sequences [length, 32, channels];
// bench/peers/norm_torch.py does the same. Threads: OMP_NUM_THREADS.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "layers/batch_norm1d.h"
#include "layers/layer_norm.h"

namespace stroma {
namespace {

constexpr int64_t batch = 32;

/// Runs a layer that normalises and its gradients of input, weight and bias.
void forward_and_backward(benchmark::State& state, Layer& layer) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  const Shape shape{state.range(0), batch, state.range(1)};
  std::vector<float> values(count_of(shape));
  for (float& value : values) value = uniform(random);
  Variable input(Tensor::of(values, shape), /*requires_grad=*/true);
  const Tensor output_grad = Tensor::of(values, shape);
  for (auto _ : state) {
    const Variable output = layer.forward(input);
    backward(make_result(Tensor::zeros({1}), {output},
                         [&](const Tensor&) { GradSlot(output).add_grad(output_grad); }));
    benchmark::DoNotOptimize(input.grad().bytes());
    input.zero_grad();
  }
  // The input is read twice forward, and with the output's gradient twice backward; two are
  // written.
  state.counters["bytes"] =
      benchmark::Counter(8.0 * static_cast<double>(input.value().byte_count()),
                         benchmark::Counter::kIsIterationInvariantRate);
}

void batch_norm1d_both(benchmark::State& state) {
  BatchNorm1d layer(state.range(1), {}, {});
  forward_and_backward(state, layer);
}

void layer_norm_both(benchmark::State& state) {
  LayerNorm layer(state.range(1), 1e-5, {});
  forward_and_backward(state, layer);
}

void shapes(benchmark::internal::Benchmark* each) {
  each->ArgNames({"length", "channels"})->Args({40, 128})->Args({1296, 64})->UseRealTime();
}

BENCHMARK(batch_norm1d_both)->Apply(shapes);
BENCHMARK(layer_norm_both)->Apply(shapes);

}  // namespace
}  // namespace stroma

BENCHMARK_MAIN();
