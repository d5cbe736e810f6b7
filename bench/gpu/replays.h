// How a whole layer is timed on the GPU, ours and cuDNN's alike.
#pragma once

#include <functional>
#include <string>

#include "kernels/context.h"

namespace stroma::bench {

struct Replays {
  double median_us = 0, lowest_us = 0, highest_us = 0;  // one run of the work
  bool as_graph = false;                                // or call by call
};

/// Events around `replays` runs of `work`, `samples` times, after it has run twice. The work is
/// replayed as a graph; where it cannot be recorded, it is called each time.
Replays time_replays(const Cuda& cuda, const std::function<void()>& work, int samples, int replays);

/// Prints one line of JSON.
void print_replays(const std::string& program, const std::string& shape, const std::string& detail,
                   const Replays& timing);

}  // namespace stroma::bench
