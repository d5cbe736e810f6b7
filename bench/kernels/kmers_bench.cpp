// k-mers on each device of the build: the shared matrix of the plastome study (100 sequences of 300
// bases, k = 5 … 12) and of larger sets, and the counting of long random DNA. Threads:
// OMP_NUM_THREADS. What is timed starts and ends in the device's memory. Bytes: the letters once,
// and what is written: 8 for each two sequences, or 16 a distinct k-mer.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "kernels/kmers.h"
#include "kernels/memory.h"
#if STROMA_WITH_CUDA
#include "kernels/cuda/stream.h"
#endif

namespace stroma::kernels {
namespace {

Cpu context_of(Cpu) { return {}; }
void wait(const Cpu&) {}
#if STROMA_WITH_CUDA
Cuda context_of(Cuda) { return cuda_context(0); }
void wait(const Cuda& cuda) { synchronize(cuda); }
#endif

/// Random bases, four equally frequent, in sequences that each end with a code that is no letter.
struct Sequences {
  Sequences(int64_t sequences, int64_t length) {
    std::mt19937 random(1);
    for (int64_t s = 0; s < sequences; ++s) {
      for (int64_t i = 0; i < length; ++i) codes.push_back(random() >> 30);
      codes.push_back(4);
      starts.push_back(static_cast<int64_t>(codes.size()));
    }
  }
  std::vector<uint8_t> codes;
  std::vector<int64_t> starts = {0};
};

/// A copy of `values` in a device's memory.
template <class T, class Context>
class Copy : public Workspace<T, Context> {
 public:
  Copy(const Context& context, const std::vector<T>& values)
      : Workspace<T, Context>(context, std::ssize(values)) {
    copy_bytes(context, this->data(), values.data(), values.size() * sizeof(T));
  }
};

/// Argument: sequences of 300 bases.
template <class Device>
void shared_kmers_5_to_12(benchmark::State& state) {
  const auto context = context_of(Device{});
  const int64_t sequences = state.range(0);
  const Sequences s(sequences, 300);
  Copy codes(context, s.codes);
  Copy starts(context, s.starts);
  Workspace<int64_t, Device> shared(context, sequences * sequences);
  for (auto _ : state) {
    shared_kmers(context, {.text = {codes.data(), static_cast<int64_t>(s.codes.size()), 4},
                           .starts = starts.data(),
                           .sequences = sequences,
                           .rows = sequences,
                           .first_column = 0,
                           .min_k = 5,
                           .max_k = 12,
                           .shared = shared.data()});
    wait(context);
  }
  state.SetBytesProcessed(state.iterations() * (std::ssize(s.codes) + sequences * sequences * 8));
  state.counters["pairs"] =
      benchmark::Counter(0.5 * static_cast<double>(sequences * (sequences - 1)),
                         benchmark::Counter::kIsIterationInvariantRate);
}

/// Arguments: k, millions of bases. Canonical.
template <class Device>
void count_canonical_kmers(benchmark::State& state) {
  const auto context = context_of(Device{});
  const Sequences s(1, state.range(1) * 1000000);
  const int64_t count = std::ssize(s.codes);
  Copy codes(context, s.codes);
  Workspace<uint64_t, Device> kmers(context, count);
  Workspace<int64_t, Device> counts(context, count), distinct(context, 1);
  for (auto _ : state) {
    count_kmers(context, {.text = {codes.data(), count, 4},
                          .k = static_cast<int>(state.range(0)),
                          .canonical = true,
                          .kmers = kmers.data(),
                          .counts = counts.data(),
                          .distinct = distinct.data()});
    wait(context);
  }
  int64_t found = 0;
  copy_bytes(context, &found, distinct.data(), sizeof found);
  state.SetBytesProcessed(state.iterations() * (count + found * 16));
  state.counters["bases"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate);
}

#define STROMA_BENCHMARK(f) BENCHMARK_TEMPLATE(f, Cpu)->UseRealTime()->Unit(benchmark::kMillisecond)
STROMA_BENCHMARK(shared_kmers_5_to_12)->Arg(100)->Arg(1000)->Arg(4000);
STROMA_BENCHMARK(count_canonical_kmers)->ArgsProduct({{8, 12, 15, 21, 31}, {1, 100}});
#if STROMA_WITH_CUDA
#undef STROMA_BENCHMARK
#define STROMA_BENCHMARK(f) \
  BENCHMARK_TEMPLATE(f, Cuda)->UseRealTime()->Unit(benchmark::kMillisecond)
STROMA_BENCHMARK(shared_kmers_5_to_12)->Arg(100)->Arg(1000)->Arg(10000);
STROMA_BENCHMARK(count_canonical_kmers)->ArgsProduct({{8, 12, 15, 21, 31}, {1, 100}});
#endif

}  // namespace
}  // namespace stroma::kernels

BENCHMARK_MAIN();
