// Runs a function with its work in several orders.
#pragma once

#include <omp.h>

#include <cstdint>
#include <vector>

#include "kernels/context.h"
#if STROMA_EMULATED
#include "kernels/cuda/emulator/launch.h"
#endif

namespace stroma::test {

/// What `function()` returns with 1, 2, 3, 5 and 8 threads.
template <class F>
auto with_thread_counts(F&& function) {
  const int before = omp_get_max_threads();
  std::vector<decltype(function())> results;
  for (const int threads : {1, 2, 3, 5, 8}) {
    omp_set_num_threads(threads);
    results.push_back(function());
  }
  omp_set_num_threads(before);
  return results;
}

/// The same for any device: on the emulated GPU with three orders of its threads, on a GPU thrice.
template <class F>
auto with_thread_orders(const Cpu&, F&& function) {
  return with_thread_counts(function);
}
template <class F>
auto with_thread_orders(const Cuda&, F&& function) {
  std::vector<decltype(function())> results;
#if STROMA_EMULATED
  const uint64_t before = emulator::order_seed();
#endif
  for (const uint64_t seed : {0, 1, 2}) {
#if STROMA_EMULATED
    emulator::set_order_seed(seed);
#else
    static_cast<void>(seed);
#endif
    results.push_back(function());
  }
#if STROMA_EMULATED
  emulator::set_order_seed(before);
#endif
  return results;
}

}  // namespace stroma::test
