// Finds the GPUs of this machine, and keeps a stream on each for every thread that computes.
#include "kernels/context.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/stream.h"

namespace stroma {
namespace {

constexpr int oldest = 8;  // compute capability 8.0

/// Streams that no thread uses now, by GPU. Never destroyed: tensors in static storage may outlive
/// them otherwise.
struct IdleStreams {
  std::mutex mutex;
  std::map<int, std::vector<std::unique_ptr<kernels::Stream>>> of;
};
IdleStreams& idle_streams() {
  static IdleStreams& instance = *new IdleStreams;
  return instance;
}

/// The streams of one thread, left to others when it ends.
class ThreadStreams {
 public:
  ThreadStreams() = default;
  ~ThreadStreams() {
    const std::lock_guard lock(idle_streams().mutex);
    for (auto& [index, stream] : streams_) idle_streams().of[index].push_back(std::move(stream));
  }
  ThreadStreams(const ThreadStreams&) = delete;
  ThreadStreams& operator=(const ThreadStreams&) = delete;

  /// Null where this thread has not used the GPU yet.
  cudaStream_t find(int index) const {
    const auto found = streams_.find(index);
    return found == streams_.end() ? nullptr : found->second->get();
  }
  cudaStream_t take(int index) {
    const std::lock_guard lock(idle_streams().mutex);
    auto& idle = idle_streams().of[index];
    std::unique_ptr<kernels::Stream>& mine = streams_[index];
    if (idle.empty()) {
      mine = std::make_unique<kernels::Stream>();
    } else {
      mine = std::move(idle.back());
      idle.pop_back();
    }
    return mine->get();
  }

 private:
  std::map<int, std::unique_ptr<kernels::Stream>> streams_;
};

cudaDeviceProp properties_of(int index) {
  cudaDeviceProp properties{};
  kernels::check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  return properties;
}

std::string capability(const cudaDeviceProp& properties) {
  return "compute capability " + std::to_string(properties.major) + "." +
         std::to_string(properties.minor);
}

/// "13.0" of CUDA's 13000.
std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Why the runtime finds no GPU at all.
std::string why_none(cudaError_t status) {
  if (status == cudaSuccess) return "none found";
  int driver = 0, runtime = 0;
  if (status != cudaErrorInsufficientDriver || cudaDriverGetVersion(&driver) != cudaSuccess ||
      cudaRuntimeGetVersion(&runtime) != cudaSuccess) {
    return cudaGetErrorString(status);
  }
  if (driver == 0) return "no NVIDIA driver is installed";
  return "the NVIDIA driver knows CUDA " + cuda_version(driver) + ", this build needs " +
         cuda_version(runtime);
}

/// "139.8": of bytes, in GiB.
std::string gibibytes(std::size_t bytes) {
  const std::size_t tenths = (bytes * 10) >> 30;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

int cuda_device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

std::string cuda_problem(int index) {
  int count = 0;
  cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    cudaGetLastError();
    return "no GPU can be used (" + why_none(status) + ")";
  }
  const std::string name = "cuda:" + std::to_string(index);
  if (index < 0 || index >= count) {
    return "there is no " + name + ": this machine has " +
           (count == 1 ? "one GPU, cuda:0" : std::to_string(count) + " GPUs");
  }
  const cudaDeviceProp properties = properties_of(index);
  if (properties.major < oldest) {
    return name + " (" + properties.name + ", " + capability(properties) +
           ") is too old: " + std::to_string(oldest) + ".0 is needed";
  }
  // The first call that needs the device itself: fails where others keep it for themselves.
  status = cudaSetDevice(index);
  if (status == cudaSuccess) status = cudaFree(nullptr);
  if (status == cudaSuccess) return "";
  cudaGetLastError();
  return name + " (" + properties.name + ") cannot be used now: " + cudaGetErrorString(status);
}

std::string describe_cuda(int index) {
  const cudaDeviceProp properties = properties_of(index);
  std::string text = std::string(properties.name) + ", " + capability(properties) + ", " +
                     std::to_string(properties.multiProcessorCount) + " multiprocessors";
  std::size_t free = 0, total = 0;
  if (cudaSetDevice(index) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess) {
    text += ", " + gibibytes(free) + " of " + gibibytes(total) + " GiB free";
  }
  cudaGetLastError();
  return text;
}

Cuda cuda_context(int index) {
  thread_local ThreadStreams streams;
  cudaStream_t stream = streams.find(index);
  if (stream == nullptr) {
    if (const std::string problem = cuda_problem(index); !problem.empty()) {
      throw Error(problem + "; --device cpu needs no GPU");
    }
  }
  kernels::check(cudaSetDevice(index), "cudaSetDevice");
  return {.index = index, .stream = stream == nullptr ? streams.take(index) : stream};
}

}  // namespace stroma
