#include "kernels/cuda/emulator/async_copy.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "kernels/cuda/emulator/checker.h"
#include "kernels/cuda/emulator/scheduler.h"

namespace stroma::emulator {
namespace {

AsyncCopies& async_copies() {
  if (current->copies == nullptr) current->copies = std::make_unique<AsyncCopies>();
  return *current->copies;
}

void carry_out(const AsyncCopy& copy) {
  current->in_kernel = true;  // what is copied is the kernel's
  check_access(copy.source, copy.copied, AccessKind::read, copy.place);
  check_access(copy.target, copy.copied + copy.zeroed, AccessKind::write, copy.place);
  current->in_kernel = false;
  // A copy of zeros alone may name no source.
  if (copy.copied > 0) std::memcpy(copy.target, copy.source, copy.copied);
  std::memset(copy.target + copy.copied, 0, copy.zeroed);
}

}  // namespace
}  // namespace stroma::emulator

void __pipeline_memcpy_async(void* shared, const void* global, std::size_t size,
                             std::size_t zfill) {
  const stroma::emulator::InEmulator in_emulator;
  const auto aligned = [size](const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) % size == 0;
  };
  if ((size != 4 && size != 8 && size != 16) || zfill > size || !aligned(shared) ||
      !aligned(global)) {
    stroma::emulator::fail("an asynchronous copy of " + std::to_string(size) +
                           " bytes: only 4, 8 or 16, with both addresses aligned to it");
  }
  auto& copies = stroma::emulator::async_copies();
  copies.pending.push_back({static_cast<std::byte*>(shared), static_cast<const std::byte*>(global),
                            size - zfill, zfill, copies.group, __builtin_return_address(0)});
}

void __pipeline_commit() {
  const stroma::emulator::InEmulator in_emulator;
  ++stroma::emulator::async_copies().group;
}

void __pipeline_wait_prior(std::size_t newest) {
  const stroma::emulator::InEmulator in_emulator;
  auto& copies = stroma::emulator::async_copies();
  while (!copies.pending.empty() && copies.pending.front().group + newest < copies.group) {
    stroma::emulator::carry_out(copies.pending.front());
    copies.pending.pop_front();
  }
}
