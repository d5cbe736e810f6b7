// One operation at one shape, to be timed on the GPU and compared with the CPU: its arrays, what it
// must move and compute, and the call. A file kernels/NAME.cpp makes the cases of kernels/NAME.h:
//   Case c("relu_forward", "32 x 100");
//   const auto x = c.input(3200);
//   const auto y = c.output<float>(3200);
//   c.run([=](const auto& context, const auto& at) { relu(context, at(x), at(y)); });
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/device.h"
#include "engine/precision.h"
#include "kernels/context.h"

namespace stroma::bench {

/// Where an array lies in a set of a case's arrays.
template <class T>
struct Array {
  int64_t offset;  // bytes
  int64_t count;
};

/// All arrays of a case, side by side in host or device memory.
class ArraySet {
 public:
  explicit ArraySet(void* base) : base_(static_cast<std::byte*>(base)) {}

  template <class T>
  T* operator()(const Array<T>& array) const {
    return reinterpret_cast<T*>(base_ + array.offset);
  }

 private:
  std::byte* base_;
};

class Case {
 public:
  Case(std::string name, std::string shape) : name_(std::move(name)), shape_(std::move(shape)) {}

  /// [count] numbers uniform in ±bound, read.
  Array<float> input(int64_t count, float bound = 1) { return floats(count, bound, 1, false); }
  /// The same, read and written: accumulated or changed in place.
  Array<float> updated(int64_t count, float bound = 1) { return floats(count, bound, 2, true); }
  /// [count] whole numbers uniform in [0, end), read; `updated_integers` written too.
  template <class T>
  Array<T> integers(int64_t count, int64_t end) {
    return integers<T>(count, end, 1, false);
  }
  template <class T>
  Array<T> updated_integers(int64_t count, int64_t end) {
    return integers<T>(count, end, 2, true);
  }
  /// [count] elements that are written; before that they are NaN or −1.
  template <class T>
  Array<T> output(int64_t count) {
    const Array<T> array = place<T>(count, 1, true);
    fills_.emplace_back([=](const ArraySet& at, std::mt19937&) {
      auto* bytes = reinterpret_cast<unsigned char*>(at(array));
      std::fill(bytes, bytes + count * static_cast<int64_t>(sizeof(T)), 0xFF);
    });
    return array;
  }

  /// Bytes of the arrays that the operation does not touch.
  void leave_out(int64_t bytes) { bytes_ -= bytes; }
  /// Floating-point operations; a multiply-add is 2.
  void flops(int64_t count) { flops_ = count; }
  /// The number of terms of the longest sum, from which the tolerance follows.
  void terms(int64_t count) { terms_ = count; }
  /// In what the GPU multiplies matrices, added to the name unless it is fp32. The CPU, with which
  /// it is compared, multiplies in fp32.
  void precision(Precision precision) {
    precision_ = precision;
    if (precision != Precision::fp32) name_ += "_" + to_string(precision);
  }
  /// Changes the arrays on the host before they are used: f(at).
  void prepare(std::function<void(const ArraySet&)> f) {
    fills_.emplace_back([f = std::move(f)](const ArraySet& at, std::mt19937&) { f(at); });
  }
  /// The call: f(context, at), for `Cpu` and `Cuda`.
  template <class F>
  void run(F f) {
    run_cpu_ = [f](const ArraySet& at) { f(Cpu{}, at); };
    run_cuda_ = [f](const Cuda& cuda, const ArraySet& at) { f(cuda, at); };
  }

  /// What of a set is written.
  struct Written {
    int64_t offset, count;
    DType dtype;
  };

  const std::string& name() const { return name_; }
  const std::string& shape() const { return shape_; }
  int64_t set_bytes() const { return set_bytes_; }
  int64_t bytes() const { return bytes_; }
  int64_t flops() const { return flops_; }
  int64_t terms() const { return terms_; }
  Precision precision() const { return precision_; }
  const std::vector<Written>& written() const { return written_; }
  void fill(const ArraySet& host) const {
    std::mt19937 random(1);
    for (const auto& fill : fills_) fill(host, random);
  }
  void run_on(const Cpu&, const ArraySet& at) const { run_cpu_(at); }
  void run_on(const Cuda& cuda, const ArraySet& at) const {
    run_cuda_({.index = cuda.index, .stream = cuda.stream, .precision = precision_}, at);
  }

 private:
  template <class T>
  Array<T> place(int64_t count, int times_moved, bool is_written) {
    const Array<T> array{set_bytes_, count};
    const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
    set_bytes_ += (bytes + 255) / 256 * 256;  // aligned as the memory pool's blocks
    bytes_ += times_moved * bytes;
    if (is_written) written_.push_back({array.offset, count, dtype_of<T>()});
    return array;
  }

  Array<float> floats(int64_t count, float bound, int times_moved, bool is_written) {
    const auto array = place<float>(count, times_moved, is_written);
    fills_.emplace_back([=](const ArraySet& at, std::mt19937& random) {
      for (int64_t i = 0; i < count; ++i) {
        at(array)[i] = (static_cast<float>(random() >> 8) * 0x1p-23f - 1) * bound;
      }
    });
    return array;
  }

  template <class T>
  Array<T> integers(int64_t count, int64_t end, int times_moved, bool is_written) {
    const auto array = place<T>(count, times_moved, is_written);
    fills_.emplace_back([=](const ArraySet& at, std::mt19937& random) {
      for (int64_t i = 0; i < count; ++i) at(array)[i] = static_cast<T>(random() % end);
    });
    return array;
  }

  std::string name_, shape_;
  int64_t set_bytes_ = 0, bytes_ = 0, flops_ = 0, terms_ = 16;
  Precision precision_ = Precision::fp32;
  std::vector<std::function<void(const ArraySet&, std::mt19937&)>> fills_;
  std::vector<Written> written_;
  std::function<void(const ArraySet&)> run_cpu_;
  std::function<void(const Cuda&, const ArraySet&)> run_cuda_;
};

/// Those in which matrices are multiplied.
inline constexpr std::array precisions = {Precision::fp32, Precision::tf32, Precision::bf16};

/// Makes the cases of an operation for a batch.
using CaseMaker = std::vector<Case> (*)(int64_t batch);

/// All that have been added, in the order of linking.
std::vector<CaseMaker>& case_makers();

/// Adds an operation: `const Operation operation(cases);` in its file is all that it takes.
struct Operation {
  explicit Operation(CaseMaker maker) { case_makers().push_back(maker); }
};

}  // namespace stroma::bench
