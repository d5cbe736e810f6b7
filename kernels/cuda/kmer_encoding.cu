// k-mers of letters on the GPU.
#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/elements.h"
#include "kernels/kmer_encoding.h"

namespace stroma::kernels {
namespace {

/// The number of the k-mer that begins at `codes`, −1 where there is none.
__device__ int64_t kmer_number(const uint8_t* codes, const KmerShape& s) {
  int64_t number = 0;
  for (int64_t i = 0; i < s.k; ++i) {
    const int64_t code = codes[i];
    if (code >= s.letters) return -1;
    number = number * s.letters + code;
  }
  return number;
}

struct Tokens {
  KmerTokens p;
  __device__ void operator()(int64_t i) const {
    const int64_t t = i / p.shape.batch, n = i % p.shape.batch;
    const uint8_t* codes = p.windows.codes + p.windows.starts[n] + t * p.shape.stride;
    p.output[i] = static_cast<int32_t>(1 + kmer_number(codes, p.shape));
  }
};

constexpr int count_threads = 256;

struct CountsShared {
  int warp_sums[count_threads / 32];
};

/// A block a window. It counts in whole numbers where the result will be, whose order of adding
/// changes nothing, and then writes them as floats.
__global__ void __launch_bounds__(count_threads)
    kmer_counts_kernel(const KmerCounts<float> p, int64_t positions, uint32_t* all_counts) {
  CountsShared& shared = *shared_memory<CountsShared>();
  const auto block = cg::this_thread_block();
  const KmerShape& s = p.shape;
  const int64_t n = blockIdx.x;
  const uint8_t* codes = p.windows.codes + p.windows.starts[n];
  uint32_t* counts = all_counts + n * p.features;
  for (int64_t f = threadIdx.x; f < p.features; f += count_threads) counts[f] = 0;
  block.sync();
  int mine = 0;
  for (int64_t t = threadIdx.x; t < positions; t += count_threads) {
    const int64_t kmer = kmer_number(codes + t, s);
    if (kmer < 0) continue;
    const int64_t feature = p.feature != nullptr ? p.feature[kmer] : kmer;
    STROMA_ASSERT(feature >= 0 && feature < p.features, "a k-mer is one of the features");
    atomicAdd(&counts[feature], 1U);
    ++mine;
  }
  const int all = block_sum(mine, shared.warp_sums);  // all have counted when it returns
  const bool divide = p.normalize && all > 0;
  for (int64_t f = threadIdx.x; f < p.features; f += count_threads) {
    const auto count = static_cast<float>(counts[f]);
    p.output[n * p.features + f] = divide ? count / static_cast<float>(all) : count;
  }
}

}  // namespace

void kmer_tokens(const Cuda& cuda, const KmerTokens& p) {
  p.shape.check();
  for_each_element(cuda, p.shape.positions() * p.shape.batch, Tokens{p});
}

void kmer_counts(const Cuda& cuda, const KmerCounts<float>& p) {
  p.shape.check();
  if (p.shape.batch == 0) return;
  launch<kmer_counts_kernel>({.grid = static_cast<unsigned>(p.shape.batch),
                              .block = count_threads,
                              .shared_bytes = sizeof(CountsShared),
                              .stream = cuda.stream},
                             p, p.shape.positions(), reinterpret_cast<uint32_t*>(p.output));
}

}  // namespace stroma::kernels
