// How an operation is timed on the GPU: events around replays of a graph of many launches, each on
// arrays of its own, whose results are compared with the CPU's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/gpu/case.h"

namespace stroma::bench {

struct TimingOptions {
  int samples = 30;
  int64_t most_launches = 256;  // in a graph
};

/// Where a launch finds its arrays: in the L2 cache, as in a training step that has just written
/// them, or in the device's memory, since other launches' arrays have filled the cache.
enum class Cache { warm, cold };

struct Timing {
  Cache cache = Cache::warm;
  int64_t launches = 0;                                 // of a sample
  double median_us = 0, lowest_us = 0, highest_us = 0;  // a launch
  std::string problem;  // what is wrong with the results; empty where they are right
};

/// Times the case with a warm cache where four sets of its arrays fit in there, and with a cold one
/// where `most_launches` sets overflow it three times. With fewer than 16 launches allowed, once,
/// whatever fits.
std::vector<Timing> time_case(const Cuda& cuda, const Case& c, const TimingOptions& options);

/// The middle of values; of an even number, the upper one of two.
double median_of(std::vector<double> values);

}  // namespace stroma::bench
