// How the CPU kernels share work among threads: in chunks whose boundaries depend on the size of
// the work alone, so that the bits of a result do not depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>

namespace stroma::kernels {

/// Calls f(begin, end) for consecutive chunks of `grain` elements of [0, count), the last perhaps
/// smaller. One chunk alone runs without waking the other threads: choose a grain of some
/// microseconds of work. f must not throw.
template <class F>
void in_chunks(int64_t count, int64_t grain, F&& f) {
  if (count <= grain) {
    if (count > 0) f(int64_t{0}, count);
    return;
  }
  const int64_t chunks = (count + grain - 1) / grain;
#pragma omp parallel for schedule(static)
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    f(chunk * grain, std::min(count, (chunk + 1) * grain));
  }
}

}  // namespace stroma::kernels
