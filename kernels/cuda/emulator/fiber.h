// A fiber: a function with a stack of its own that can stop in the middle and be gone on with
// later. Boost.Context changes the stacks; AddressSanitizer is told of each change.
#pragma once

#include <boost/context/fiber.hpp>
#include <functional>

namespace stroma::emulator {

class Fiber {
 public:
  /// `body` runs from the first resume() on; when it returns, so does the last resume().
  explicit Fiber(std::function<void(Fiber&)> body);
  /// The body must have returned.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// From outside: goes on until the fiber suspends itself.
  void resume();

  /// From inside: back to whoever resumed.
  void suspend();

  bool on_stack(const void* address) const {
    return address < stack_.sp && address >= static_cast<std::byte*>(stack_.sp) - stack_.size;
  }

 private:
  std::function<void(Fiber&)> body_;
  boost::context::stack_context stack_;
  boost::context::fiber inside_;   // where the fiber goes on
  boost::context::fiber outside_;  // where its resumer goes on
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace stroma::emulator
