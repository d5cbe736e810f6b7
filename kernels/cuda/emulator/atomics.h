// Atomic functions (CUDA programming guide, "Atomic Functions"): real ones, since blocks may run on
// several host threads.
#pragma once

#include <type_traits>

#include "kernels/cuda/emulator/checker.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names are CUDA's.

namespace stroma::emulator {

/// *address = f(*address) in one go; the value before. The checker is told that it is atomic, so
/// the compiler must not tell it otherwise.
template <class T, class F>
__attribute__((no_sanitize_address)) T update(T* address, F f) {
  check_access(address, sizeof(T), AccessKind::atomic, __builtin_return_address(0));
  T before;
  __atomic_load(address, &before, __ATOMIC_RELAXED);
  for (;;) {
    T after = f(before);
    if (__atomic_compare_exchange(address, &before, &after, true, __ATOMIC_RELAXED,
                                  __ATOMIC_RELAXED)) {
      return before;
    }
  }
}

}  // namespace stroma::emulator

#define STROMA_EMULATED_ATOMIC(name, expression)                                            \
  template <class T>                                                                        \
  T name(T* address, std::type_identity_t<T> operand) {                                     \
    return stroma::emulator::update(                                                        \
        address, [operand]([[maybe_unused]] T old) { return static_cast<T>(expression); }); \
  }                                                                                         \
  template <class T>                                                                        \
  T name##_block(T* address, std::type_identity_t<T> operand) {                             \
    return name(address, operand);                                                          \
  }
STROMA_EMULATED_ATOMIC(atomicAdd, old + operand)
STROMA_EMULATED_ATOMIC(atomicSub, old - operand)
STROMA_EMULATED_ATOMIC(atomicExch, operand)
STROMA_EMULATED_ATOMIC(atomicMin, operand < old ? operand : old)
STROMA_EMULATED_ATOMIC(atomicMax, old < operand ? operand : old)
STROMA_EMULATED_ATOMIC(atomicInc, old >= operand ? 0 : old + 1)
STROMA_EMULATED_ATOMIC(atomicDec, old == 0 || old > operand ? operand : old - 1)
STROMA_EMULATED_ATOMIC(atomicAnd, old& operand)
STROMA_EMULATED_ATOMIC(atomicOr, old | operand)
STROMA_EMULATED_ATOMIC(atomicXor, old ^ operand)
#undef STROMA_EMULATED_ATOMIC

template <class T>
T atomicCAS(T* address, std::type_identity_t<T> compare, std::type_identity_t<T> value) {
  return stroma::emulator::update(address, [=](T old) { return old == compare ? value : old; });
}

// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
