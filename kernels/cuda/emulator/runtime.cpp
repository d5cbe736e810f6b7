// Errors, and the device.
#include "kernels/cuda/emulator/runtime.h"

#include <cstring>
#include <utility>

#include "kernels/cuda/emulator/chip.h"
#include "kernels/cuda/emulator/memory.h"
#include "kernels/cuda/emulator/stream.h"

namespace stroma::emulator {
namespace {

thread_local cudaError_t last_error = cudaSuccess;

}  // namespace

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

}  // namespace stroma::emulator

using stroma::emulator::forbid_during_captures;
using stroma::emulator::remember;
namespace chip = stroma::emulator::chip;

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorInvalidMemcpyDirection:
      return "cudaErrorInvalidMemcpyDirection";
    case cudaErrorInsufficientDriver:
      return "cudaErrorInsufficientDriver";
    case cudaErrorNoDevice:
      return "cudaErrorNoDevice";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorInvalidResourceHandle:
      return "cudaErrorInvalidResourceHandle";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    case cudaErrorCooperativeLaunchTooLarge:
      return "cudaErrorCooperativeLaunchTooLarge";
    case cudaErrorStreamCaptureUnsupported:
      return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorStreamCaptureInvalidated:
      return "cudaErrorStreamCaptureInvalidated";
    case cudaErrorStreamCaptureUnjoined:
      return "cudaErrorStreamCaptureUnjoined";
  }
  return "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorInvalidMemcpyDirection:
      return "invalid copy direction for memcpy";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    case cudaErrorInvalidResourceHandle:
      return "invalid resource handle";
    case cudaErrorNotReady:
      return "device not ready";
    case cudaErrorCooperativeLaunchTooLarge:
      return "too many blocks in cooperative launch";
    case cudaErrorStreamCaptureUnsupported:
      return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated:
      return "operation failed due to a previous error during capture";
    case cudaErrorStreamCaptureUnjoined:
      return "capturing stream has unjoined work";
  }
  return "unrecognized error code";
}

cudaError_t cudaGetLastError() { return std::exchange(stroma::emulator::last_error, cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return stroma::emulator::last_error; }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return remember(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device != 0) return remember(cudaErrorInvalidDevice);
  *properties = {};
  std::strncpy(properties->name, chip::name, sizeof properties->name - 1);
  properties->totalGlobalMem = stroma::emulator::memory_limit();
  properties->sharedMemPerBlock = chip::shared_by_default;
  properties->regsPerBlock = properties->regsPerMultiprocessor = chip::registers_per_multiprocessor;
  properties->warpSize = warpSize;
  properties->maxThreadsPerBlock = chip::threads_per_block;
  for (int axis = 0; axis < 3; ++axis) {
    properties->maxThreadsDim[axis] = static_cast<int>(chip::block_extent[axis]);
    properties->maxGridSize[axis] = static_cast<int>(chip::grid_extent[axis]);
  }
  properties->major = chip::major;
  properties->minor = chip::minor;
  properties->multiProcessorCount = chip::multiprocessors;
  properties->l2CacheSize = chip::l2_bytes;
  properties->maxThreadsPerMultiProcessor = chip::threads_per_multiprocessor;
  properties->sharedMemPerMultiprocessor = chip::shared_per_multiprocessor;
  properties->cooperativeLaunch = 1;
  properties->sharedMemPerBlockOptin = chip::shared_on_request;
  properties->maxBlocksPerMultiProcessor = chip::blocks_per_multiprocessor;
  properties->reservedSharedMemPerBlock = chip::shared_reserved;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (device != 0) return remember(cudaErrorInvalidDevice);
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      *value = chip::threads_per_block;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = chip::shared_by_default;
      return cudaSuccess;
    case cudaDevAttrWarpSize:
      *value = warpSize;
      return cudaSuccess;
    case cudaDevAttrMultiProcessorCount:
      *value = chip::multiprocessors;
      return cudaSuccess;
    case cudaDevAttrL2CacheSize:
      *value = chip::l2_bytes;
      return cudaSuccess;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      *value = chip::threads_per_multiprocessor;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMajor:
      *value = chip::major;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMinor:
      *value = chip::minor;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *value = chip::shared_per_multiprocessor;
      return cudaSuccess;
    case cudaDevAttrMaxRegistersPerMultiprocessor:
      *value = chip::registers_per_multiprocessor;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = chip::shared_on_request;
      return cudaSuccess;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      *value = chip::blocks_per_multiprocessor;
      return cudaSuccess;
    case cudaDevAttrReservedSharedMemoryPerBlock:
      *value = chip::shared_reserved;
      return cudaSuccess;
    case cudaDevAttrCooperativeLaunch:
    case cudaDevAttrClusterLaunch:
      *value = 1;
      return cudaSuccess;
  }
  return remember(cudaErrorInvalidValue);
}

cudaError_t cudaDeviceSynchronize() { return forbid_during_captures(); }
cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) { return cudaDriverGetVersion(version); }
