// The convolutions and the pooling of a training step of cnn-lstm-dna (40 letters, batch 32),
// beside the bare matrix products that conv1d is made of. FLOPS counts a multiply-add as 2; for the
// letters it counts the additions of table rows. Threads: OMP_NUM_THREADS.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "kernels/conv1d.h"
#include "kernels/conv1d_letters.h"
#include "kernels/gemm.h"
#include "kernels/pool1d.h"

namespace stroma::kernels {
namespace {

std::vector<float> random_values(int64_t count) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

void report_flops(benchmark::State& state, double operations) {
  state.counters["FLOPS"] = benchmark::Counter(
      operations, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

/// Arguments of the benchmarks below: length, in_channels, out_channels.
struct Conv1dData {
  explicit Conv1dData(const benchmark::State& state)
      : shape{.length = state.range(0),
              .batch = 32,
              .in_channels = state.range(1),
              .out_channels = state.range(2),
              .kernel_size = 3,
              .padding = 1},
        x(random_values(shape.length * shape.batch * shape.in_channels)),
        w(random_values(shape.out_channels * shape.in_channels * shape.kernel_size)),
        b(random_values(shape.out_channels)),
        y(random_values(shape.out_length() * shape.batch * shape.out_channels)),
        dy(random_values(shape.out_length() * shape.batch * shape.out_channels)),
        dx(x.size()),
        dw(w.size()),
        db(b.size()) {}

  double operations() const {
    return 2.0 * shape.out_length() * shape.batch * shape.in_channels * shape.out_channels *
           shape.kernel_size;
  }

  Conv1dShape shape;
  std::vector<float> x, w, b, y, dy, dx, dw, db;
};

void forward_gemm(benchmark::State& state) {
  Conv1dData d(state);
  const Conv1dShape& s = d.shape;
  const int64_t rows = s.length * s.batch, k = s.kernel_size * s.in_channels;
  const std::vector<float> columns = random_values(rows * k);
  for (auto _ : state) {
    gemm(Cpu{}, Gemm<float>{.m = rows,
                            .n = s.out_channels,
                            .k = k,
                            .a = columns.data(),
                            .lda = k,
                            .b = d.w.data(),
                            .ldb = s.out_channels,
                            .c = d.y.data(),
                            .ldc = s.out_channels});
    benchmark::ClobberMemory();
  }
  report_flops(state, d.operations());
}

void conv1d_forward(benchmark::State& state) {
  Conv1dData d(state);
  for (auto _ : state) {
    conv1d_forward(Cpu{}, Conv1dForward<float>{.shape = d.shape,
                                               .input = d.x.data(),
                                               .weight = d.w.data(),
                                               .bias = d.b.data(),
                                               .output = d.y.data()});
    benchmark::ClobberMemory();
  }
  report_flops(state, d.operations());
}

void conv1d_backward(benchmark::State& state) {
  Conv1dData d(state);
  for (auto _ : state) {
    conv1d_backward(Cpu{}, Conv1dBackward<float>{.shape = d.shape,
                                                 .input = d.x.data(),
                                                 .weight = d.w.data(),
                                                 .output_grad = d.dy.data(),
                                                 .input_grad = d.dx.data(),
                                                 .weight_grad = d.dw.data(),
                                                 .bias_grad = d.db.data()});
    benchmark::ClobberMemory();
  }
  report_flops(state, 2 * d.operations());
}

/// The letters of a batch and their standardisation.
struct LettersData : Conv1dData {
  explicit LettersData(const benchmark::State& state)
      : Conv1dData(state),
        codes(100000),
        starts(shape.batch),
        mean(random_values(shape.length * shape.in_channels)),
        inverse_sd(random_values(shape.length * shape.in_channels)) {
    std::mt19937 random(2);
    for (uint8_t& code : codes) code = random() % shape.in_channels;
    for (int64_t& start : starts) start = random() % (codes.size() - shape.length);
  }

  double additions() const {
    return 1.0 * shape.out_length() * shape.batch * shape.out_channels * shape.kernel_size;
  }

  std::vector<uint8_t> codes;
  std::vector<int64_t> starts;
  std::vector<float> mean, inverse_sd;
};

void conv1d_letters_forward(benchmark::State& state) {
  LettersData d(state);
  for (auto _ : state) {
    conv1d_letters_forward(
        Cpu{}, Conv1dLettersForward<float>{.shape = d.shape,
                                           .windows = {d.codes.data(), d.starts.data()},
                                           .standardization = {d.mean.data(), d.inverse_sd.data()},
                                           .weight = d.w.data(),
                                           .bias = d.b.data(),
                                           .relu = true,
                                           .output = d.y.data()});
    benchmark::ClobberMemory();
  }
  report_flops(state, d.additions());
}

void conv1d_letters_backward(benchmark::State& state) {
  LettersData d(state);
  for (auto _ : state) {
    conv1d_letters_backward(
        Cpu{}, Conv1dLettersBackward<float>{.shape = d.shape,
                                            .windows = {d.codes.data(), d.starts.data()},
                                            .standardization = {d.mean.data(), d.inverse_sd.data()},
                                            .relu = true,
                                            .output = d.y.data(),
                                            .output_grad = d.dy.data(),
                                            .weight_grad = d.dw.data(),
                                            .bias_grad = d.db.data()});
    benchmark::ClobberMemory();
  }
  report_flops(state, d.additions());
}

/// Max-pooling by 2 with ReLU over [40, 32, 128].
struct PoolData {
  Pool1dShape shape{.length = 40, .batch = 32, .channels = 128, .window = 2, .stride = 2};
  int64_t row = shape.batch * shape.channels;
  std::vector<float> x = random_values(40 * row), y = random_values(20 * row),
                     dy = random_values(20 * row), dx = random_values(40 * row);
};

void max_pool1d_forward(benchmark::State& state) {
  PoolData d;
  for (auto _ : state) {
    max_pool1d_forward(
        Cpu{}, MaxPool1dForward<float>{
                   .shape = d.shape, .relu = true, .input = d.x.data(), .output = d.y.data()});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * 4 * (d.x.size() + d.y.size()));
}

void max_pool1d_backward(benchmark::State& state) {
  PoolData d;
  max_pool1d_forward(
      Cpu{}, MaxPool1dForward<float>{
                 .shape = d.shape, .relu = true, .input = d.x.data(), .output = d.y.data()});
  for (auto _ : state) {
    max_pool1d_backward(Cpu{}, MaxPool1dBackward<float>{.shape = d.shape,
                                                        .relu = true,
                                                        .input = d.x.data(),
                                                        .output = d.y.data(),
                                                        .output_grad = d.dy.data(),
                                                        .input_grad = d.dx.data()});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * 4 * 2 * (d.x.size() + d.y.size()));
}

#define STROMA_BENCHMARK(f) BENCHMARK(f)->UseRealTime()->Unit(benchmark::kMicrosecond)
STROMA_BENCHMARK(forward_gemm)->Args({40, 64, 128})->Args({20, 64, 128});
STROMA_BENCHMARK(conv1d_forward)->Args({40, 64, 128})->Args({20, 64, 128})->Args({40, 4, 64});
STROMA_BENCHMARK(conv1d_backward)->Args({40, 64, 128})->Args({20, 64, 128})->Args({40, 4, 64});
STROMA_BENCHMARK(conv1d_letters_forward)->Args({40, 4, 64})->Args({40, 20, 64});
STROMA_BENCHMARK(conv1d_letters_backward)->Args({40, 4, 64})->Args({40, 20, 64});
STROMA_BENCHMARK(max_pool1d_forward);
STROMA_BENCHMARK(max_pool1d_backward);

}  // namespace
}  // namespace stroma::kernels

BENCHMARK_MAIN();
