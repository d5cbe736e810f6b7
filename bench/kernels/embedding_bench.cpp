// Vectors of 128 channels for the 6-mers of 32 windows: the tokens, then the vectors forward and
// backward; and what is pooled of them by attention.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "layers/attention_pool.h"
#include "layers/embedding.h"
#include "layers/kmer_encoding.h"

namespace stroma {
namespace {

constexpr int64_t batch = 32, channels = 128, letters = 4, k = 6, vocabulary = 4097;

Variable random_variable(const Shape& shape) {
  static std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count_of(shape));
  for (float& value : values) value = uniform(random);
  return Variable(Tensor::of(values, shape), /*requires_grad=*/true);
}

LetterBatch random_letters(int64_t length) {
  std::mt19937 random(1);
  std::vector<uint8_t> codes(batch * length);
  for (uint8_t& code : codes) code = static_cast<uint8_t>(random() % letters);
  std::vector<int64_t> starts;
  for (int64_t n = 0; n < batch; ++n) starts.push_back(n * length);
  return {Tensor::of(codes, {batch * length}), Tensor::of(starts, {batch}), length};
}

void back(const Variable& output, const Tensor& grad) {
  backward(make_result(Tensor::zeros({1}), {output},
                       [&](const Tensor&) { Variable(output).add_grad(grad); }));
}

void tokens(benchmark::State& state) {
  const LetterBatch windows = random_letters(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(kmer_tokens(windows, letters, k, 1).bytes());
}

void vectors(benchmark::State& state) {
  const Tensor of_windows = kmer_tokens(random_letters(state.range(0)), letters, k, 1);
  const Variable table = random_variable({vocabulary, channels});
  const Tensor grad = random_variable({of_windows.size(0), batch, channels}).value();
  for (auto _ : state) back(embedding(of_windows, table), grad);
}

void pooled(benchmark::State& state) {
  Variable input = random_variable({state.range(0), batch, channels});
  Variable scores = random_variable({state.range(0), batch, 1});
  const Tensor grad = random_variable({batch, channels}).value();
  for (auto _ : state) {
    back(attention_pool(input, scores), grad);
    input.zero_grad();
    scores.zero_grad();
  }
}

BENCHMARK(tokens)->ArgName("length")->Arg(40)->Arg(300)->UseRealTime();
BENCHMARK(vectors)->ArgName("length")->Arg(40)->Arg(300)->UseRealTime();
BENCHMARK(pooled)->ArgName("length")->Arg(40)->Arg(300)->UseRealTime();

}  // namespace
}  // namespace stroma

BENCHMARK_MAIN();
