// How work on the CPU is shared among threads: in pieces whose boundaries depend on the shape of
// the work alone, so that the bits of a result do not depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

namespace stroma::kernels {

/// Calls call(work, i) once for each i in [0, pieces), on as many threads as OpenMP would start
/// (omp_set_num_threads, OMP_NUM_THREADS). Each thread has its run of neighbouring pieces and then
/// takes what others have left, so that a thread that another program keeps from its core holds up
/// one piece at most. Threads that find no work spin for some microseconds, then sleep. Inside a
/// piece that is shared so, it calls in order, on the calling thread. Where a call throws, the
/// first exception is thrown again here, once no call is running; whether the calls after it are
/// made depends on the number of threads.
void share_pieces(int64_t pieces, void (*call)(const void* work, int64_t piece), const void* work);

/// The same for f(i).
template <class F>
void in_pieces(int64_t pieces, const F& f) {
  if (pieces == 1) return f(int64_t{0});
  share_pieces(
      pieces, [](const void* work, int64_t piece) { (*static_cast<const F*>(work))(piece); },
      std::addressof(f));
}

/// Calls f(begin, end) for consecutive chunks of `grain` elements of [0, count), the last perhaps
/// smaller. One chunk alone runs without waking the other threads: choose a grain of some
/// microseconds of work.
template <class F>
void in_chunks(int64_t count, int64_t grain, const F& f) {
  in_pieces((count + grain - 1) / grain,
            [&](int64_t chunk) { f(chunk * grain, std::min(count, (chunk + 1) * grain)); });
}

}  // namespace stroma::kernels
