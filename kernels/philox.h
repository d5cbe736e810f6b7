// Philox4x32-10, the counter-based random generator (Salmon et al., "Parallel random numbers: as
// easy as 1, 2, 3", SC 2011). The same function in C++ and CUDA: the bits depend on the seed, the
// stream, the step and the index alone, so a mask is recomputed instead of stored.
#pragma once

#include <cstdint>

#if defined(__CUDACC__)
#define STROMA_HOST_DEVICE __host__ __device__
#else
#define STROMA_HOST_DEVICE
#endif

namespace stroma {

struct PhiloxWords {
  uint32_t word[4];
};

/// The 128-bit block that `counter` maps to under `key`.
STROMA_HOST_DEVICE inline PhiloxWords philox4x32_10(PhiloxWords counter, uint32_t key0,
                                                    uint32_t key1) {
  // Plain variables instead of the array, so that a loop over blocks vectorises.
  uint32_t c0 = counter.word[0], c1 = counter.word[1], c2 = counter.word[2], c3 = counter.word[3];
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xD2511F53} * c0;
    const uint64_t product1 = uint64_t{0xCD9E8D57} * c2;
    c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ key0;
    c1 = static_cast<uint32_t>(product1);
    c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ key1;
    c3 = static_cast<uint32_t>(product0);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

/// Four words of a stream of random numbers. `seed` is the user's; `stream` names the use (a
/// dropout layer, the shuffle of an epoch, a parameter); `step` is time; `block` counts groups of
/// four numbers.
STROMA_HOST_DEVICE inline PhiloxWords random_block(uint64_t seed, uint32_t stream, uint32_t step,
                                                   uint64_t block) {
  return philox4x32_10(
      {{static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), step, stream}},
      static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
}

/// A number in [0, 1) with 24 random bits, exact in float.
STROMA_HOST_DEVICE inline float uniform_from_word(uint32_t word) {
  return static_cast<float>(word >> 8) * (1.0f / 16777216.0f);
}

}  // namespace stroma
