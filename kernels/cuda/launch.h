// The one way to start a kernel:
//   launch<kernel>({.grid = blocks, .block = 256, .stream = cuda.stream}, arguments…);
// The kernel is a template argument so that messages can name it and its attributes are set once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "kernels/cuda/check.h"
#if STROMA_EMULATED
#include "kernels/cuda/emulator/launch.h"
#endif

namespace stroma::kernels {

struct LaunchConfig {
  dim3 grid = 1;
  dim3 block = 1;
  std::size_t shared_bytes = 0;
  cudaStream_t stream = nullptr;
  unsigned cluster = 1;      // blocks of a cluster, along x; divides grid.x
  bool cooperative = false;  // all blocks at once, so that this_grid().sync() works
  // The kernel may start before the one before it in the stream has ended, and calls
  // wait_for_previous_kernel() before it touches what that one writes or reads. No effect before
  // compute capability 9.0.
  bool overlaps_previous = false;
  const char* file = __builtin_FILE();
  int line = __builtin_LINE();
};

/// Of the calling thread's GPU.
inline int device_attribute(cudaDeviceAttr attribute) {
  int device = 0, value = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&value, attribute, device), "cudaDeviceGetAttribute");
  return value;
}

/// The bytes of shared memory that a block may ask for.
inline int most_shared_bytes() { return device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin); }

/// "relu_kernel" of the kernel stroma::kernels::(anonymous)::relu_kernel.
template <auto kernel>
std::string kernel_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("kernel = ") + 9);
  text = text.substr(0, text.find_first_of(";]"));
  const std::size_t scope = text.substr(0, text.find('<')).rfind(':');
  if (scope != std::string_view::npos) text.remove_prefix(scope + 1);
  return std::string(text);
}

#if STROMA_EMULATED

template <auto kernel, class Arguments>
void call_with(const void* arguments) {
  std::apply(kernel, *static_cast<const Arguments*>(arguments));
}

template <auto kernel, class... Parameters>
void launch_as(void (*)(Parameters...), const LaunchConfig& config,
               std::type_identity_t<Parameters>... arguments) {
  using Arguments = std::tuple<Parameters...>;
  emulator::Grid grid{.kernel = kernel_name<kernel>(),
                      .blocks = config.grid,
                      .threads = config.block,
                      .cluster = config.cluster,
                      .cooperative = config.cooperative,
                      .shared_bytes = config.shared_bytes,
                      .site = {config.file, config.line},
                      .call = call_with<kernel, Arguments>,
                      .arguments = std::make_shared<const Arguments>(arguments...),
                      .argument_bytes = sizeof(Arguments)};
  check(emulator::launch(std::move(grid), config.stream), "kernel " + kernel_name<kernel>(),
        config.file, config.line);
}

template <auto kernel, class... Arguments>
void launch(const LaunchConfig& config, Arguments&&... arguments) {
  launch_as<kernel>(kernel, config, std::forward<Arguments>(arguments)...);
}

/// How many blocks of such a launch the device holds at once (whole clusters); 0 where it cannot
/// hold one. A kernel whose blocks wait for each other must not be launched with more.
template <auto kernel>
int resident_blocks(const LaunchConfig& config) {
  return emulator::resident_blocks(config.block.x * config.block.y * config.block.z,
                                   config.shared_bytes, config.cluster);
}

#else

/// The launch as CUDA wants it.
struct CudaLaunch {
  explicit CudaLaunch(const LaunchConfig& config) {
    config_.gridDim = config.grid;
    config_.blockDim = config.block;
    config_.dynamicSmemBytes = config.shared_bytes;
    config_.stream = config.stream;
    config_.attrs = attributes_;
    if (config.cluster > 1) {
      cudaLaunchAttribute& attribute = attributes_[config_.numAttrs++];
      attribute.id = cudaLaunchAttributeClusterDimension;
      attribute.val.clusterDim.x = config.cluster;
      attribute.val.clusterDim.y = attribute.val.clusterDim.z = 1;
    }
    if (config.cooperative) {
      cudaLaunchAttribute& attribute = attributes_[config_.numAttrs++];
      attribute.id = cudaLaunchAttributeCooperative;
      attribute.val.cooperative = 1;
    }
    if (config.overlaps_previous && device_attribute(cudaDevAttrComputeCapabilityMajor) >= 9) {
      cudaLaunchAttribute& attribute = attributes_[config_.numAttrs++];
      attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
      attribute.val.programmaticStreamSerializationAllowed = 1;
    }
  }
  CudaLaunch(const CudaLaunch&) = delete;
  CudaLaunch& operator=(const CudaLaunch&) = delete;

  const cudaLaunchConfig_t* get() const { return &config_; }

 private:
  cudaLaunchAttribute attributes_[3] = {};
  cudaLaunchConfig_t config_ = {};
};

/// Asks for more shared memory or larger clusters than a kernel has by default.
template <auto kernel>
cudaError_t allow(const LaunchConfig& config) {
  if (config.shared_bytes > 48 * 1024) {
    // All that the chip has: another thread may launch the kernel with more at the same time.
    const cudaError_t status = cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most_shared_bytes());
    if (status != cudaSuccess) return status;
  }
  if (config.cluster <= 8) return cudaSuccess;
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1);
}

template <auto kernel, class... Arguments>
void launch(const LaunchConfig& config, Arguments&&... arguments) {
  cudaError_t status = allow<kernel>(config);
  if (status == cudaSuccess) {
    status =
        cudaLaunchKernelEx(CudaLaunch(config).get(), kernel, std::forward<Arguments>(arguments)...);
  }
  if (status != cudaSuccess) {
    check(status, "kernel " + kernel_name<kernel>(), config.file, config.line);
  }
}

/// How many blocks of such a launch the device holds at once (whole clusters); 0 where it cannot
/// hold one. A kernel whose blocks wait for each other must not be launched with more.
template <auto kernel>
int resident_blocks(const LaunchConfig& config) {
  int count = 0;
  cudaError_t status = allow<kernel>(config);
  if (status == cudaSuccess && config.cluster > 1) {
    status = cudaOccupancyMaxActiveClusters(&count, kernel, CudaLaunch(config).get());
    count *= static_cast<int>(config.cluster);
  } else if (status == cudaSuccess) {
    const unsigned threads = config.block.x * config.block.y * config.block.z;
    status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &count, kernel, static_cast<int>(threads), config.shared_bytes);
    count *= device_attribute(cudaDevAttrMultiProcessorCount);
  }
  if (status != cudaSuccess) {
    cudaGetLastError();
    return 0;
  }
  return count;
}

#endif

}  // namespace stroma::kernels
