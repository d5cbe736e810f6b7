#include "tools/machine.h"

#include <fmt/format.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <unistd.h>

#include <fstream>

#include "kernels/context.h"

namespace stroma {
namespace {

std::string compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)  // how clang says it
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

std::string sanitizers() {
#ifdef __SANITIZE_ADDRESS__
  return "address, undefined";
#else
  return "none";
#endif
}

std::string gpu_support() {
#if STROMA_EMULATED
  return "emulated";
#elif STROMA_WITH_CUDA
  return "cuda";
#else
  return "off";
#endif
}

std::string vector_instructions() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#else
  return "none beyond the base";
#endif
}

/// The value of a line "KEY  : VALUE" of a file such as /proc/cpuinfo; "unknown" without one.
std::string line_value(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (!line.starts_with(key) || colon == std::string::npos) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? "unknown" : line.substr(value);
  }
  return "unknown";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_machine() {
  const dnnl_version_t* dnnl = dnnl_version();
  const double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  std::vector<std::pair<std::string, std::string>> lines = {
      {"version", STROMA_VERSION},
      {"compiler", compiler()},
      {"vector code", vector_instructions()},
      {"sanitizers", sanitizers()},
      {"GPU support", gpu_support()},
      {"oneDNN", fmt::format("{}.{}.{}", dnnl->major, dnnl->minor, dnnl->patch)},
      {"CPU", line_value("/proc/cpuinfo", "model name")},
      {"cores", fmt::format("{} online, {} for this program", sysconf(_SC_NPROCESSORS_ONLN),
                            omp_get_num_procs())},
      {"memory", fmt::format("{:.1f} GiB", bytes / (1 << 30))},
      {"devices", "cpu"},
  };
#if STROMA_WITH_CUDA
  for (int i = 0; i < cuda_device_count(); ++i) {
    const std::string problem = cuda_problem(i);
    const std::string about = problem.empty() ? describe_cuda(i) : problem;
    lines.emplace_back("", fmt::format("cuda:{}  {}", i, about));
  }
  if (cuda_device_count() == 0) lines.emplace_back("", cuda_problem(0));
#endif
  return lines;
}

}  // namespace stroma
