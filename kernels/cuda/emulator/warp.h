// What the lanes of a warp do together: shuffles, votes, matches, reductions. The last lane to come
// does it for all. A value taken from a lane that takes no part is a pattern of ones (NaN, −1).
#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/cuda/emulator/scheduler.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's.

namespace stroma::emulator {

template <class T>
void put(std::byte* slot, const T& value) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(Thread::given));
  std::memcpy(slot, &value, sizeof(T));
}

template <class T>
T get(const std::byte* slot) {
  T value;
  std::memcpy(&value, slot, sizeof(T));
  return value;
}

inline unsigned current_lane() { return current->rank % 32; }

/// Each lane takes the value of lane source(lane, its parameter).
template <class T, class Source>
T exchange(uint32_t mask, const T& value, int parameter, const char* operation, Site site,
           Source source) {
  Thread& self = *current;
  put(self.given, value);
  self.parameter = parameter;
  Scheduler::of_this_host_thread().meet(mask, operation, site, [&](Thread* warp) {
    for (int lane = 0; lane < 32; ++lane) {
      if ((mask >> lane & 1) == 0) continue;
      const int from = source(lane, warp[lane].parameter);
      if (mask >> from & 1) {
        std::memcpy(warp[lane].taken, warp[from].given, sizeof(T));
      } else {
        std::memset(warp[lane].taken, 0xFF, sizeof(T));
      }
    }
  });
  return get<T>(self.taken);
}

// The four shuffles inside segments of `width` lanes (PTX ISA, "shfl.sync").

template <class T>
T shuffle(uint32_t mask, const T& value, int source, int width, const char* operation, Site site) {
  return exchange(mask, value, source, operation, site, [width](int lane, int from) {
    return (lane & ~(width - 1)) | (from & (width - 1));
  });
}

template <class T>
T shuffle_up(uint32_t mask, const T& value, int delta, int width, const char* operation,
             Site site) {
  return exchange(mask, value, delta, operation, site, [width](int lane, int by) {
    return (lane & (width - 1)) < by ? lane : lane - by;
  });
}

template <class T>
T shuffle_down(uint32_t mask, const T& value, int delta, int width, const char* operation,
               Site site) {
  return exchange(mask, value, delta, operation, site, [width](int lane, int by) {
    return (lane & (width - 1)) + by >= width ? lane : lane + by;
  });
}

template <class T>
T shuffle_xor(uint32_t mask, const T& value, int bits, int width, const char* operation,
              Site site) {
  return exchange(mask, value, bits, operation, site, [width](int lane, int by) {
    const int from = lane ^ by;
    return from > (lane | (width - 1)) ? lane : from;
  });
}

/// complete(values of the lanes, mask) of all lanes, the same result to each.
template <class T, class Result, class Complete>
Result together(uint32_t mask, const T& value, const char* operation, Site site,
                Complete complete) {
  Thread& self = *current;
  put(self.given, value);
  Scheduler::of_this_host_thread().meet(mask, operation, site, [&](Thread* warp) {
    T values[32];
    for (int lane = 0; lane < 32; ++lane) {
      if (mask >> lane & 1) values[lane] = get<T>(warp[lane].given);
    }
    const Result result = complete(values, mask);
    for (int lane = 0; lane < 32; ++lane) {
      if (mask >> lane & 1) put(warp[lane].taken, result);
    }
  });
  return get<Result>(self.taken);
}

inline unsigned ballot(uint32_t mask, bool predicate, const char* operation, Site site) {
  return together<bool, unsigned>(mask, predicate, operation, site,
                                  [](const bool* values, uint32_t lanes) {
                                    unsigned set = 0;
                                    for (int lane = 0; lane < 32; ++lane) {
                                      if ((lanes >> lane & 1) && values[lane]) set |= 1u << lane;
                                    }
                                    return set;
                                  });
}

inline void meet_only(uint32_t mask, const char* operation, Site site) {
  Scheduler::of_this_host_thread().meet(mask, operation, site, [](Thread*) {});
}

/// The lanes whose value is the same as the caller's, bit for bit.
template <class T>
unsigned match_any(uint32_t mask, const T& value, const char* operation, Site site) {
  Thread& self = *current;
  put(self.given, value);
  Scheduler::of_this_host_thread().meet(mask, operation, site, [&](Thread* warp) {
    for (int lane = 0; lane < 32; ++lane) {
      if ((mask >> lane & 1) == 0) continue;
      unsigned equal = 0;
      for (int other = 0; other < 32; ++other) {
        if ((mask >> other & 1) &&
            std::memcmp(warp[lane].given, warp[other].given, sizeof(T)) == 0) {
          equal |= 1u << other;
        }
      }
      put(warp[lane].taken, equal);
    }
  });
  return get<unsigned>(self.taken);
}

/// op over the values of all lanes. Lanes are paired by halves, as the hardware's butterfly does;
/// of a mask that is no power of two of neighbours, in order.
template <class T, class Op>
T reduce(uint32_t mask, const T& value, Op op, const char* operation, Site site) {
  return together<T, T>(mask, value, operation, site, [&op](T* values, uint32_t lanes) {
    int count = 0;
    for (int lane = 0; lane < 32; ++lane) {
      if (lanes >> lane & 1) values[count++] = values[lane];
    }
    if ((count & (count - 1)) == 0) {
      for (int step = count / 2; step > 0; step /= 2) {
        for (int i = 0; i < step; ++i) values[i] = op(values[i], values[i + step]);
      }
      return values[0];
    }
    T result = values[0];
    for (int i = 1; i < count; ++i) result = op(result, values[i]);
    return result;
  });
}

}  // namespace stroma::emulator

// CUDA's names (programming guide, "Warp Vote, Match, Reduce, Shuffle Functions").

#define STROMA_EMULATED_SITE stroma::emulator::Site site = stroma::emulator::Site::here()

inline void __syncwarp(unsigned mask = 0xffffffffu, STROMA_EMULATED_SITE) {
  stroma::emulator::meet_only(mask, "__syncwarp", site);
}
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, STROMA_EMULATED_SITE) {
  return stroma::emulator::shuffle(mask, value, source, width, "__shfl_sync", site);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, STROMA_EMULATED_SITE) {
  return stroma::emulator::shuffle_up(mask, value, static_cast<int>(delta), width, "__shfl_up_sync",
                                      site);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, STROMA_EMULATED_SITE) {
  return stroma::emulator::shuffle_down(mask, value, static_cast<int>(delta), width,
                                        "__shfl_down_sync", site);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, STROMA_EMULATED_SITE) {
  return stroma::emulator::shuffle_xor(mask, value, bits, width, "__shfl_xor_sync", site);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, STROMA_EMULATED_SITE) {
  return stroma::emulator::ballot(mask, predicate != 0, "__ballot_sync", site);
}
inline int __any_sync(unsigned mask, int predicate, STROMA_EMULATED_SITE) {
  return stroma::emulator::ballot(mask, predicate != 0, "__any_sync", site) != 0;
}
inline int __all_sync(unsigned mask, int predicate, STROMA_EMULATED_SITE) {
  return stroma::emulator::ballot(mask, predicate != 0, "__all_sync", site) == mask;
}
template <class T>
unsigned __match_any_sync(unsigned mask, T value, STROMA_EMULATED_SITE) {
  return stroma::emulator::match_any(mask, value, "__match_any_sync", site);
}
template <class T>
unsigned __match_all_sync(unsigned mask, T value, int* all_equal, STROMA_EMULATED_SITE) {
  *all_equal = stroma::emulator::match_any(mask, value, "__match_all_sync", site) == mask;
  return *all_equal ? mask : 0;
}

#define STROMA_EMULATED_REDUCE(name, type, expression)                                \
  inline type name(unsigned mask, type value, STROMA_EMULATED_SITE) {                 \
    return stroma::emulator::reduce(                                                  \
        mask, value, [](type a, type b) -> type { return expression; }, #name, site); \
  }
STROMA_EMULATED_REDUCE(__reduce_add_sync, unsigned, a + b)
STROMA_EMULATED_REDUCE(__reduce_min_sync, unsigned, a < b ? a : b)
STROMA_EMULATED_REDUCE(__reduce_max_sync, unsigned, a < b ? b : a)
STROMA_EMULATED_REDUCE(__reduce_add_sync, int,
                       static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b)))
STROMA_EMULATED_REDUCE(__reduce_min_sync, int, a < b ? a : b)
STROMA_EMULATED_REDUCE(__reduce_max_sync, int, a < b ? b : a)
STROMA_EMULATED_REDUCE(__reduce_and_sync, unsigned, a& b)
STROMA_EMULATED_REDUCE(__reduce_or_sync, unsigned, a | b)
STROMA_EMULATED_REDUCE(__reduce_xor_sync, unsigned, a ^ b)
#undef STROMA_EMULATED_REDUCE

// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
