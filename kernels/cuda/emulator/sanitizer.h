// AddressSanitizer's manual poisoning, where the build has it.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace stroma::emulator {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool address_sanitizer = true;
inline void poison(void* first, std::size_t bytes) { __asan_poison_memory_region(first, bytes); }
inline void unpoison(void* first, std::size_t bytes) {
  __asan_unpoison_memory_region(first, bytes);
}
inline void start_switch(void** saved, const void* bottom, std::size_t bytes) {
  __sanitizer_start_switch_fiber(saved, bottom, bytes);
}
inline void finish_switch(void* saved, const void** bottom, std::size_t* bytes) {
  __sanitizer_finish_switch_fiber(saved, bottom, bytes);
}
#else
inline constexpr bool address_sanitizer = false;
inline void poison(void*, std::size_t) {}
inline void unpoison(void*, std::size_t) {}
inline void start_switch(void**, const void*, std::size_t) {}
inline void finish_switch(void*, const void**, std::size_t*) {}
#endif

}  // namespace stroma::emulator
