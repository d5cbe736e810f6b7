// A self-attention layer, forward and backward: 128 channels, 4 heads, 32 sequences.
// bench/peers/attention_torch.py is the same in PyTorch.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "layers/multi_head_attention.h"

namespace stroma {
namespace {

constexpr int64_t batch = 32, channels = 128, heads = 4;

void forward_and_backward(benchmark::State& state) {
  const int64_t length = state.range(0);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(length * batch * channels);
  for (float& value : values) value = uniform(random);
  InitialWeights init{.seed = 1};
  MultiHeadAttention layer(channels, heads, init);
  Variable input(Tensor::of(values, {length, batch, channels}), /*requires_grad=*/true);
  const Tensor grad = input.value().clone();
  for (auto _ : state) {
    const Variable output = layer.forward(input);
    backward(make_result(Tensor::zeros({1}), {output},
                         [&](const Tensor&) { Variable(output).add_grad(grad); }));
    input.zero_grad();
    benchmark::DoNotOptimize(output.value().bytes());
  }
  // Multiply-adds count as 2, and backward is twice forward.
  const double flop =
      3 * 2.0 * static_cast<double>(length * batch * channels * (4 * channels + 2 * length));
  state.counters["GFLOP/s"] =
      benchmark::Counter(flop * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(forward_and_backward)->ArgName("length")->Arg(40)->Arg(300)->UseRealTime();

}  // namespace
}  // namespace stroma

BENCHMARK_MAIN();
