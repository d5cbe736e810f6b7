// A roofline of every operation on the GPU, at the shapes of the DNA model: the time of a launch in
// a graph, the bytes and operations it cannot do without, and their share of what this device was
// measured to do at best. The operations are in gpu/kernels/, how they are timed in gpu/timing.h.
//   gpu_kernels_bench [--format json|table] [--only lstm] [--batch-size 32 4096] [--quick]
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/gpu/ceilings.h"
#include "bench/gpu/product.h"
#include "bench/gpu/timing.h"
#include "kernels/cuda/check.h"
#include "kernels/error.h"

namespace stroma::bench {
namespace {

struct Options {
  std::string format = "table", only;
  std::vector<int64_t> batch_sizes = {32, 4096};
  bool quick = false;
};

/// Of one launch: the shortest time in which the device can move its bytes and do its operations.
struct Ceilings {
  double memory_bytes_per_us = 0, cache_bytes_per_us = 0;
  std::map<Precision, double> flops_per_us;

  double shortest_us(const Case& c, Cache cache) const {
    const double bandwidth = cache == Cache::warm ? cache_bytes_per_us : memory_bytes_per_us;
    return std::max(static_cast<double>(c.bytes()) / bandwidth,
                    static_cast<double>(c.flops()) / flops_per_us.at(c.precision()));
  }
};

const char* name_of(Cache cache) { return cache == Cache::warm ? "L2" : "memory"; }

class Report {
 public:
  Report(const Options& options, std::string device)
      : as_json_(options.format == "json"), device_(std::move(device)) {
    if (as_json_) return;
    fmt::print("{}\n", device_);
    fmt::print("{:30} {:26} {:6} {:>10} {:>21} {:>9} {:>9} {:>6}\n", "operation", "shape", "from",
               "us", "lowest to highest", "GB/s", "GFLOP/s", "%");
  }

  /// `shortest_us` is 0 for a ceiling itself.
  void add(const Case& c, const Timing& t, double shortest_us) {
    failed_ = failed_ || !t.problem.empty();
    const double percent = 100 * shortest_us / t.median_us;
    if (!as_json_) {
      fmt::print("{:30} {:26} {:6} {:10.2f} {:>21} {:9.1f} {:9.1f} {:>6}\n", c.name(), c.shape(),
                 name_of(t.cache), t.median_us,
                 fmt::format("{:.2f} to {:.2f}", t.lowest_us, t.highest_us),
                 static_cast<double>(c.bytes()) / t.median_us * 1e-3,
                 static_cast<double>(c.flops()) / t.median_us * 1e-3,
                 shortest_us == 0 ? "" : fmt::format("{:.1f}", percent));
      if (!t.problem.empty()) fmt::print("  WRONG: {}\n", t.problem);
    } else {
      nlohmann::ordered_json row{
          {"device", device_},        {"name", c.name()},
          {"shape", c.shape()},       {"from", name_of(t.cache)},
          {"median_us", t.median_us}, {"spread", {t.lowest_us, t.highest_us}},
          {"launches", t.launches},   {"bytes", c.bytes()},
          {"flops", c.flops()},       {"correct", t.problem.empty()}};
      if (shortest_us > 0) row["percent_of_ceiling"] = percent;
      if (!t.problem.empty()) row["problem"] = t.problem;
      fmt::print("{}\n", row.dump());
    }
    std::fflush(stdout);
  }

  /// An operation that could not be run.
  void add_failure(const Case& c, const std::string& what) {
    failed_ = true;
    if (as_json_) {
      fmt::print(
          "{}\n",
          nlohmann::ordered_json{
              {"name", c.name()}, {"shape", c.shape()}, {"correct", false}, {"problem", what}}
              .dump());
    } else {
      fmt::print("{:30} {:26} FAILED: {}\n", c.name(), c.shape(), what);
    }
  }

  bool failed() const { return failed_; }

 private:
  bool as_json_, failed_ = false;
  std::string device_;
};

Ceilings measure_ceilings(const Cuda& cuda, const Options& options, int multiprocessors,
                          const TimingOptions& timing, Report& report) {
  const int64_t blocks = options.quick ? 2 : int64_t{8} * multiprocessors;
  const Case in_memory = copy_case(options.quick ? 4096 : int64_t{128} << 20),
             in_cache = copy_case(options.quick ? 4096 : int64_t{1} << 20),
             arithmetic = multiply_add_case(blocks, options.quick ? 16 : 4096),
             launch = launch_case();
  const int64_t n = options.quick ? 32 : 4096;
  const Product square = {.m = n, .n = n, .k = n};
  const auto time = [&](const Case& c, Cache cache) {
    const std::vector<Timing> timings = time_case(cuda, c, timing);
    const auto found = std::find_if(timings.begin(), timings.end(),
                                    [&](const Timing& t) { return t.cache == cache; });
    const Timing& t = found == timings.end() ? timings.at(0) : *found;
    report.add(c, t, 0);
    return t.median_us;
  };
  const auto flops_per_us = [&](const Case& c, Cache cache) {
    return static_cast<double>(c.flops()) / time(c, cache);
  };
  time(launch, Cache::warm);
  return {
      .memory_bytes_per_us = static_cast<double>(in_memory.bytes()) / time(in_memory, Cache::cold),
      .cache_bytes_per_us = static_cast<double>(in_cache.bytes()) / time(in_cache, Cache::warm),
      .flops_per_us = {
          {Precision::fp32, flops_per_us(arithmetic, Cache::warm)},
          {Precision::tf32,
           flops_per_us(product_case("product", square, Precision::tf32), Cache::cold)},
          {Precision::bf16,
           flops_per_us(product_case("product", square, Precision::bf16), Cache::cold)}}};
}

/// Returns whether every result was right.
bool run(const Options& options) {
  const Cuda cuda = cuda_context(0);
  TimingOptions timing;
  if (options.quick) timing = {.samples = 2, .most_launches = 2};
  cudaDeviceProp device{};
  kernels::check(cudaGetDeviceProperties(&device, cuda.index), "cudaGetDeviceProperties");
  Report report(options, device.name);
  const Ceilings ceilings =
      measure_ceilings(cuda, options, device.multiProcessorCount, timing, report);
  std::vector<std::string> seen;  // what the batch does not change is timed once
  for (const int64_t batch : options.batch_sizes) {
    for (const CaseMaker make : case_makers()) {
      for (const Case& c : make(batch)) {
        if (c.name().find(options.only) == std::string::npos) continue;
        const std::string title = c.name() + " " + c.shape();
        if (std::find(seen.begin(), seen.end(), title) != seen.end()) continue;
        seen.push_back(title);
        try {
          for (const Timing& t : time_case(cuda, c, timing)) {
            report.add(c, t, ceilings.shortest_us(c, t.cache));
          }
        } catch (const Error& error) {
          report.add_failure(c, error.what());
        }
      }
    }
  }
  return !report.failed();
}

}  // namespace
}  // namespace stroma::bench

int main(int argc, char** argv) {
  stroma::bench::Options options;
  CLI::App app("Times every operation on the GPU and draws its roofline.");
  app.add_option("--format", options.format)
      ->check(CLI::IsMember({"json", "table"}))
      ->capture_default_str();
  app.add_option("--only", options.only, "operations with this in their name");
  app.add_option("--batch-size", options.batch_sizes)->capture_default_str();
  app.add_flag("--quick", options.quick,
               "two launches, two samples: to see that all of it runs; the figures mean nothing");
  CLI11_PARSE(app, argc, argv);
  try {
    return stroma::bench::run(options) ? 0 : 1;
  } catch (const stroma::Error& error) {
    fmt::print(stderr, "gpu_kernels_bench: {}\n", error.what());
    return 1;
  }
}
