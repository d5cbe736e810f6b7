#include "bench/gpu/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bench/gpu/ceilings.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/stream.h"
#include "kernels/memory.h"

namespace stroma::bench {
namespace {

using Bytes = std::vector<std::byte>;

ArraySet set_at(Bytes& bytes) { return ArraySet(bytes.data()); }

/// How many launches, and so sets of arrays, a sample has; 0 where the case does not allow it.
int64_t launches_for(Cache cache, const Case& c, int64_t l2_bytes, int64_t most) {
  if (cache == Cache::warm) {
    return c.set_bytes() > l2_bytes / 4
               ? 0
               : std::clamp<int64_t>(l2_bytes / 2 / c.set_bytes(), 2, std::min<int64_t>(most, 64));
  }
  const int64_t overflowing = std::max<int64_t>(2, 3 * l2_bytes / c.set_bytes() + 1);
  return overflowing > most ? 0 : overflowing;
}

/// How far off rounded factors may leave a sum of products, as a share of the largest of many such
/// sums. Each product errs by 2u at most, by chance up or down, so that n of them err by λ √n 2u
/// times their size with λ = 8 all but never; and the largest sum is √n times their size or more.
double rounding_share(Precision precision) {
  const double u = precision == Precision::bf16 ? 0x1p-8 : 0x1p-11;
  return precision == Precision::fp32 ? 0 : 16 * u;
}

/// What is wrong with an array that the GPU wrote; empty where nothing is.
template <class T>
std::string difference(const T* actual, const T* expected, int64_t count, const Case& c) {
  double largest = 0;
  for (int64_t i = 0; i < count; ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  // Rounding errors of a sum of n random terms are below λ √n u Σ|term| with λ = 8 all but never
  // (Higham & Mary 2019); Σ|term| is about √n / 5 times the largest of many such sums.
  const double share = 2 * static_cast<double>(c.terms()) * 0x1p-24 + rounding_share(c.precision());
  const double tolerance = std::is_integral_v<T> ? 0 : share * largest;
  for (int64_t i = 0; i < count; ++i) {
    const double error =
        std::abs(static_cast<double>(actual[i]) - static_cast<double>(expected[i]));
    if (error <= tolerance) continue;
    return fmt::format("element {} is {}, not {} (tolerance {:.2g})", i, actual[i], expected[i],
                       tolerance);
  }
  return {};
}

std::string difference(const Case& c, Bytes& actual, Bytes& expected) {
  for (const Case::Written& w : c.written()) {
    std::string text;
    const auto compare = [&]<class T>(T) {
      const Array<T> array{w.offset, w.count};
      text = difference<T>(set_at(actual)(array), set_at(expected)(array), w.count, c);
    };
    if (w.dtype == DType::float32) compare(float{});
    if (w.dtype == DType::float64) compare(double{});
    if (w.dtype == DType::int32) compare(int32_t{});
    if (w.dtype == DType::int64) compare(int64_t{});
    if (!text.empty()) {
      return fmt::format("array {} of those written: {}", &w - c.written().data(), text);
    }
  }
  return {};
}

Timing time_with(const Cuda& cuda, const Case& c, Bytes& initial, Bytes& expected, Cache cache,
                 int64_t launches, int samples) {
  const int64_t set_bytes = c.set_bytes();
  kernels::Workspace<std::byte, Cuda> pristine(cuda, set_bytes), sets(cuda, launches * set_bytes);
  kernels::copy_bytes(cuda, pristine.data(), initial.data(), initial.size());
  const auto set = [&](int64_t i) { return sets.data() + i * set_bytes; };
  // Arrays that a launch changes in place begin anew, and outputs are poison, before every sample.
  const auto restore = [&] {
    for (int64_t i = 0; i < launches; ++i) {
      kernels::copy_bytes(cuda, set(i), pristine.data(), set_bytes);
    }
  };
  restore();
  c.run_on(cuda, ArraySet(set(0)));  // takes memory, loads code
  kernels::synchronize(cuda);
  const kernels::Graph graph(cuda, [&] {
    for (int64_t i = 0; i < launches; ++i) c.run_on(cuda, ArraySet(set(i)));
  });

  constexpr int warm_up = 2;
  kernels::Event start, stop;
  std::vector<double> microseconds;
  for (int sample = 0; sample < warm_up + samples; ++sample) {
    restore();
    hold(cuda);  // so that the graph is waiting when the clock starts
    start.record(cuda);
    graph.launch(cuda);
    stop.record(cuda);
    const double taken = stop.milliseconds_since(start) * 1e3 / static_cast<double>(launches);
    if (sample >= warm_up) microseconds.push_back(taken);
  }

  Timing timing{.cache = cache, .launches = launches, .problem = {}};
  timing.median_us = median_of(microseconds);
  timing.lowest_us = *std::min_element(microseconds.begin(), microseconds.end());
  timing.highest_us = *std::max_element(microseconds.begin(), microseconds.end());
  Bytes actual(set_bytes);
  for (const int64_t i : {int64_t{0}, launches - 1}) {
    kernels::copy_bytes(cuda, actual.data(), set(i), set_bytes);
    if (timing.problem.empty()) timing.problem = difference(c, actual, expected);
  }
  return timing;
}

}  // namespace

std::vector<CaseMaker>& case_makers() {
  static std::vector<CaseMaker> makers;
  return makers;
}

std::vector<Timing> time_case(const Cuda& cuda, const Case& c, const TimingOptions& options) {
  Bytes initial(c.set_bytes());
  c.fill(set_at(initial));
  Bytes expected = initial;
  c.run_on(Cpu{}, set_at(expected));

  std::vector<Timing> timings;
  const auto time = [&](Cache cache, int64_t launches) {
    timings.push_back(time_with(cuda, c, initial, expected, cache, launches, options.samples));
  };
  if (options.most_launches < 16) {
    time(Cache::warm, options.most_launches);
    return timings;
  }
  int l2_bytes = 0;
  kernels::check(cudaDeviceGetAttribute(&l2_bytes, cudaDevAttrL2CacheSize, cuda.index),
                 "cudaDeviceGetAttribute");
  for (const Cache cache : {Cache::warm, Cache::cold}) {
    const int64_t launches = launches_for(cache, c, l2_bytes, options.most_launches);
    if (launches > 0) time(cache, launches);
  }
  return timings;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace stroma::bench
