// The GPU's memory pool. A block freed in a stream is given out again in the same stream only, so
// that the order of the stream is all the synchronisation that reuse needs.
#include "kernels/memory.h"

#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/pool.h"
#include "kernels/size_class.h"

namespace stroma::kernels {

struct Pool {
  std::unordered_map<std::size_t, std::vector<void*>> free;  // blocks by size class
  bool of_graph = false;
};

namespace {

struct Pools {
  std::mutex mutex;
  std::map<cudaStream_t, Pool> common;      // of each stream
  std::map<cudaStream_t, Pool*> recording;  // of the graph that the stream records now
  std::unordered_map<void*, Pool*> owner;   // of every block
};

// Never destroyed: tensors in static storage may outlive it otherwise.
Pools& pools() {
  static Pools& instance = *new Pools;
  return instance;
}

Pool& pool_of(cudaStream_t stream) {
  const auto recording = pools().recording.find(stream);
  return recording != pools().recording.end() ? *recording->second : pools().common[stream];
}

/// While it lives, its thread may take memory although a stream is being captured.
class RelaxedCapture {
 public:
  RelaxedCapture() { exchange(); }
  ~RelaxedCapture() { exchange(); }
  RelaxedCapture(const RelaxedCapture&) = delete;
  RelaxedCapture& operator=(const RelaxedCapture&) = delete;

 private:
  void exchange() { cudaThreadExchangeStreamCaptureMode(&mode_); }

  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
};

/// Gives what no tensor and no graph needs back to the device. A stream that records is left alone:
/// to wait for it, or for the whole device, would spoil the recording.
void empty_pools() {
  for (auto& [stream, pool] : pools().common) {
    if (pools().recording.contains(stream)) continue;
    check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    for (auto& [size, blocks] : pool.free) {
      for (void* block : blocks) {
        pools().owner.erase(block);
        check(cudaFree(block), "cudaFree");
      }
    }
    pool.free.clear();
  }
}

std::string mebibytes(std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

[[noreturn]] void out_of_memory(const Cuda& cuda, std::size_t bytes) {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  throw Error("out of memory on cuda:" + std::to_string(cuda.index) + ": " + mebibytes(bytes) +
              " were asked for, " + mebibytes(free) + " of " + mebibytes(total) +
              " are free; less data or a smaller --batch-size needs less, --device cpu none");
}

void* new_block(const Cuda& cuda, std::size_t size) {
  const RelaxedCapture relaxed;
  void* block = nullptr;
  cudaError_t status = cudaMalloc(&block, size);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    empty_pools();
    status = cudaMalloc(&block, size);
  }
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    out_of_memory(cuda, size);
  }
  check(status, "cudaMalloc");
  return block;
}

/// Null where there is none.
void* take_free_block(Pool& pool, std::size_t size) {
  std::vector<void*>& blocks = pool.free[size];
  if (!reuse_blocks || blocks.empty()) return nullptr;
  void* block = blocks.back();
  blocks.pop_back();
  return block;
}

}  // namespace

void* allocate(const Cuda& cuda, std::size_t bytes) {
  const std::size_t size = size_class(bytes == 0 ? 1 : bytes);
  const std::lock_guard lock(pools().mutex);
  Pool& pool = pool_of(cuda.stream);
  void* block = take_free_block(pool, size);
  if (block != nullptr) return block;
  // A graph that is recorded keeps what the same work took before, or it would need that twice.
  if (pool.of_graph) block = take_free_block(pools().common[cuda.stream], size);
  if (block == nullptr) block = new_block(cuda, size);
  pools().owner[block] = &pool;
  return block;
}

void release(const Cuda&, void* block, std::size_t bytes) {
  if (block == nullptr) return;
  const std::size_t size = size_class(bytes == 0 ? 1 : bytes);
  const std::lock_guard lock(pools().mutex);
  Pool& pool = *pools().owner.at(block);
  if (reuse_blocks || pool.of_graph) {
    pool.free[size].push_back(block);
  } else {
    pools().owner.erase(block);
    const RelaxedCapture relaxed;
    check(cudaFree(block), "cudaFree");
  }
}

PrivateMemory::PrivateMemory(const Cuda& cuda) : cuda_(cuda), pool_(new Pool) {
  pool_->of_graph = true;
}

PrivateMemory::~PrivateMemory() {
  const std::lock_guard lock(pools().mutex);
  Pool& common = pools().common[cuda_.stream];
  for (auto& [size, blocks] : pool_->free) {
    auto& target = common.free[size];
    target.insert(target.end(), blocks.begin(), blocks.end());
  }
  for (auto& [block, owner] : pools().owner) {
    if (owner == pool_) owner = &common;
  }
  delete pool_;
}

PrivateMemory::Use::Use(const PrivateMemory& memory) : memory_(memory) {
  const std::lock_guard lock(pools().mutex);
  pools().recording[memory_.cuda_.stream] = memory_.pool_;
}

PrivateMemory::Use::~Use() {
  const std::lock_guard lock(pools().mutex);
  pools().recording.erase(memory_.cuda_.stream);
}

void copy_bytes(const Cuda& cuda, void* target, const void* source, std::size_t bytes) {
  if (bytes == 0) return;
  check(cudaMemcpyAsync(target, source, bytes, cudaMemcpyDefault, cuda.stream), "cudaMemcpyAsync");
  const auto on_device = [](const void* address) {
    cudaPointerAttributes attributes{};
    check(cudaPointerGetAttributes(&attributes, address), "cudaPointerGetAttributes");
    return attributes.type == cudaMemoryTypeDevice;
  };
  if (on_device(target) && on_device(source)) return;
  check(cudaStreamSynchronize(cuda.stream), "a copy between host and device");
}

void zero_bytes(const Cuda& cuda, void* target, std::size_t bytes) {
  if (bytes == 0) return;
  check(cudaMemsetAsync(target, 0, bytes, cuda.stream), "cudaMemsetAsync");
}

}  // namespace stroma::kernels
