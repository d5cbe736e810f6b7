#include "bench/gpu/replays.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "bench/gpu/ceilings.h"
#include "bench/gpu/timing.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/stream.h"

namespace stroma::bench {

Replays time_replays(const Cuda& cuda, const std::function<void()>& work, int samples,
                     int replays) {
  for (int i = 0; i < 2; ++i) work();  // takes memory, loads code
  kernels::synchronize(cuda);
  std::optional<kernels::Graph> graph;
  try {
    graph.emplace(cuda, work);
  } catch (const Error& error) {
    fmt::print(stderr, "not as a graph: {}\n", error.what());
  }
  kernels::Event start, stop;
  std::vector<double> microseconds;
  for (int sample = 0; sample < samples; ++sample) {
    hold(cuda);  // so that the first replay is waiting when the clock starts
    start.record(cuda);
    for (int i = 0; i < replays; ++i) graph ? graph->launch(cuda) : work();
    stop.record(cuda);
    microseconds.push_back(stop.milliseconds_since(start) * 1e3 / replays);
  }
  return {.median_us = median_of(microseconds),
          .lowest_us = *std::min_element(microseconds.begin(), microseconds.end()),
          .highest_us = *std::max_element(microseconds.begin(), microseconds.end()),
          .as_graph = graph.has_value()};
}

void print_replays(const std::string& program, const std::string& shape, const std::string& detail,
                   const Replays& timing) {
  fmt::print("{}\n", nlohmann::ordered_json{{"program", program},
                                            {"shape", shape},
                                            {"detail", detail},
                                            {"timing", timing.as_graph ? "graph" : "calls"},
                                            {"median_us", timing.median_us},
                                            {"spread", {timing.lowest_us, timing.highest_us}}}
                         .dump());
}

}  // namespace stroma::bench
