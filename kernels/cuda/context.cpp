// Finds the GPUs of this machine, and keeps one stream for each.
#include "kernels/context.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/stream.h"

namespace stroma {
namespace {

constexpr int oldest = 8;  // compute capability 8.0

[[noreturn]] void refuse(const std::string& why) {
  throw Error(why + "; --device cpu needs no GPU");
}

void check_device(int index) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    cudaGetLastError();
    refuse("no GPU can be used (" +
           std::string(status == cudaSuccess ? "none found" : cudaGetErrorString(status)) + ")");
  }
  if (index < 0 || index >= count) {
    refuse("there is no cuda:" + std::to_string(index) + ": this machine has " +
           (count == 1 ? "one GPU, cuda:0" : std::to_string(count) + " GPUs"));
  }
  cudaDeviceProp properties{};
  kernels::check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  if (properties.major < oldest) {
    refuse("cuda:" + std::to_string(index) + " (" + properties.name + ", compute capability " +
           std::to_string(properties.major) + "." + std::to_string(properties.minor) +
           ") is too old: " + std::to_string(oldest) + ".0 is needed");
  }
}

}  // namespace

int cuda_device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

Cuda cuda_context(int index) {
  // Never destroyed: tensors in static storage may outlive it otherwise.
  static std::mutex& mutex = *new std::mutex;
  static auto& streams = *new std::vector<std::unique_ptr<kernels::Stream>>;
  const std::lock_guard lock(mutex);
  const auto slot = static_cast<std::size_t>(index);
  const bool known = index >= 0 && slot < streams.size() && streams[slot] != nullptr;
  if (!known) check_device(index);
  kernels::check(cudaSetDevice(index), "cudaSetDevice");
  if (!known) {
    if (streams.size() <= slot) streams.resize(slot + 1);
    streams[slot] = std::make_unique<kernels::Stream>();
  }
  return {index, streams[slot]->get()};
}

}  // namespace stroma
