// A tensor: shape, element type, device and shared storage. Contiguous and row-major, always.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/device.h"

namespace stroma {

using Shape = std::vector<int64_t>;

/// "[20, 32, 128]".
std::string to_string(const Shape& shape);

/// The number of elements of a shape.
int64_t count_of(const Shape& shape);

class Storage;

/// The bytes of all tensors that there are, on all devices: what a graph keeps can be measured.
int64_t live_tensor_bytes();

/// Copies of a Tensor share their elements; `clone` makes new ones.
class Tensor {
 public:
  Tensor() = default;

  /// Uninitialised elements.
  static Tensor empty(const Shape& shape, DType dtype = DType::float32, Device device = {});
  static Tensor zeros(const Shape& shape, DType dtype = DType::float32, Device device = {});
  /// A tensor of `values` on `device`; their number must fit the shape.
  template <class T>
  static Tensor of(const std::vector<T>& values, const Shape& shape, Device device = {});

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  /// Throws Error where there is no such dimension.
  int64_t size(int dimension) const;
  int64_t count() const { return count_; }
  DType dtype() const { return dtype_; }
  Device device() const { return device_; }

  /// The elements; T must be the tensor's element type. Device memory where the device is a GPU.
  template <class T>
  T* data();
  template <class T>
  const T* data() const;
  void* bytes();
  const void* bytes() const;
  int64_t byte_count() const { return count_ * size_of(dtype_); }

  /// A view of rows [first, first + rows) along the first dimension, sharing elements.
  Tensor rows(int64_t first, int64_t rows) const;
  /// A view of elements [offset, offset + count_of(shape)) of the whole, with the given shape.
  Tensor view(int64_t offset, const Shape& shape) const;
  /// The same elements with another shape of the same count.
  Tensor reshape(const Shape& shape) const { return view(0, shape); }

  Tensor clone() const;
  /// A copy on `device`; the tensor itself if it is there already.
  Tensor to(Device device) const;
  /// Copies the elements of `source`, of the same count and type, from any device.
  void copy_from(const Tensor& source);
  void zero();

  /// The elements, copied to the host.
  template <class T>
  std::vector<T> to_vector() const;
  /// The only element, copied to the host.
  template <class T>
  T item() const;

 private:
  std::shared_ptr<Storage> storage_;
  int64_t offset_bytes_ = 0;
  Shape shape_;
  int64_t count_ = 0;
  DType dtype_ = DType::float32;
  Device device_;
};

/// "[20, 32, 128] of float32 on cpu", or "an undefined tensor".
std::string to_string(const Tensor& tensor);

}  // namespace stroma
