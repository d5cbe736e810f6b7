// The windows of sequences by the published rule: 100 upstream regions of 300 letters as in the
// plastome study, 10,000 of them, and one sequence of a million letters. Bytes: the index written,
// 8 a window. Letters and index stay on the device.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "kernels/memory.h"
#include "kernels/windows.h"

namespace stroma::kernels {
namespace {

/// Arguments: sequences, letters a sequence, min_shared. 15 letters, the default, leave no window
/// out; 30 have those of the neighbours looked up.
template <class Context>
void find_windows(benchmark::State& state, const Context& context) {
  const int64_t sequences = state.range(0), length = state.range(1);
  const WindowOptions options{.min_shared = state.range(2)};
  std::mt19937 random(1);
  std::vector<uint8_t> letters(sequences * length);
  for (uint8_t& letter : letters) letter = "ACGT"[random() % 4];
  std::vector<int64_t> begins;
  for (int64_t s = 0; s <= sequences; ++s) begins.push_back(s * length);
  const int64_t room = room_for_windows(sequences, begins.data(), options.length);

  Workspace<uint8_t, Context> codes(context, std::ssize(letters));
  Workspace<int32_t, Context> places(context, 2 * room);
  Workspace<int64_t, Context> count(context, 1);
  copy_bytes(context, codes.data(), letters.data(), letters.size());
  int64_t found = 0;
  for (auto _ : state) {
    windows(context, {.options = options,
                      .sequences = sequences,
                      .begins = begins.data(),
                      .letters = codes.data(),
                      .places = places.data(),
                      .count = count.data()});
    copy_bytes(context, &found, count.data(), sizeof found);  // waits for the device
  }
  state.SetBytesProcessed(state.iterations() * found * 2 * sizeof(int32_t));
  state.counters["windows"] = static_cast<double>(found);
}

void windows_cpu(benchmark::State& state) { find_windows(state, Cpu{}); }
#if STROMA_WITH_CUDA
void windows_cuda(benchmark::State& state) { find_windows(state, cuda_context(0)); }
#endif

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int64_t min_shared : {15, 30}) {
    benchmark->Args({100, 300, min_shared});
    benchmark->Args({10000, 300, min_shared});
    benchmark->Args({1, 1000000, min_shared});
  }
  benchmark->UseRealTime()->Unit(benchmark::kMicrosecond);
}

BENCHMARK(windows_cpu)->Apply(sizes);
#if STROMA_WITH_CUDA
BENCHMARK(windows_cuda)->Apply(sizes);
#endif

}  // namespace
}  // namespace stroma::kernels

BENCHMARK_MAIN();
