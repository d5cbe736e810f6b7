#include "kernels/cuda/emulator/fiber.h"

#include <sys/mman.h>

#include <atomic>
#include <boost/context/preallocated.hpp>
#include <new>
#include <utility>

#include "kernels/cuda/emulator/sanitizer.h"

namespace stroma::emulator {
namespace {

// AddressSanitizer's frames are several times larger.
constexpr std::size_t stack_bytes = address_sanitizer ? 256 << 10 : 64 << 10;
constexpr std::size_t guard_bytes = 4096;

boost::context::stack_context new_stack() {
  void* bottom = mmap(nullptr, stack_bytes + guard_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (bottom == MAP_FAILED) throw std::bad_alloc();
  // The kernel allows some 65,000 mappings a process; past that a stack goes without its guard.
  (void)mprotect(bottom, guard_bytes, PROT_NONE);
  // Tops at the same place of a page would share the same few lines of the cache.
  static std::atomic<std::size_t> count = 0;
  const std::size_t shift = count++ % 61 * 64;
  boost::context::stack_context stack;
  stack.size = stack_bytes - shift;
  stack.sp = static_cast<std::byte*>(bottom) + guard_bytes + stack.size;
  return stack;
}

/// The stack is the Fiber's, not its context's.
struct Kept {
  void deallocate(boost::context::stack_context&) {}
};

}  // namespace

Fiber::Fiber(std::function<void(Fiber&)> body) : body_(std::move(body)), stack_(new_stack()) {
  inside_ = boost::context::fiber(std::allocator_arg,
                                  boost::context::preallocated(stack_.sp, stack_.size, stack_),
                                  Kept{}, [this](boost::context::fiber&& outside) {
                                    outside_ = std::move(outside);
                                    finish_switch(nullptr, &outside_bottom_, &outside_size_);
                                    body_(*this);
                                    start_switch(nullptr, outside_bottom_, outside_size_);
                                    return std::move(outside_);
                                  });
}

Fiber::~Fiber() {
  std::byte* const bottom = static_cast<std::byte*>(stack_.sp) - stack_.size - guard_bytes;
  unpoison(bottom + guard_bytes, stack_bytes);
  (void)munmap(bottom, stack_bytes + guard_bytes);
}

void Fiber::resume() {
  void* saved = nullptr;
  start_switch(&saved, static_cast<std::byte*>(stack_.sp) - stack_.size, stack_.size);
  inside_ = std::move(inside_).resume();
  finish_switch(saved, nullptr, nullptr);
}

void Fiber::suspend() {
  void* saved = nullptr;
  start_switch(&saved, outside_bottom_, outside_size_);
  outside_ = std::move(outside_).resume();
  finish_switch(saved, &outside_bottom_, &outside_size_);
}

}  // namespace stroma::emulator
