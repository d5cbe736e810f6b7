#include "engine/tensor.h"

#include <atomic>
#include <cstring>
#include <limits>

#include "engine/dispatch.h"
#include "kernels/error.h"
#include "kernels/memory.h"

namespace stroma {

std::string to_string(const Device& device) {
  return device.kind == Device::Kind::cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

Device device_named(const std::string& name) {
  if (name == "cpu") return {};
  return {Device::Kind::cuda, name == "cuda" ? 0 : std::stoi(name.substr(5))};
}

int64_t size_of(DType dtype) {
  switch (dtype) {
    case DType::float64:
    case DType::int64:
      return 8;
    case DType::float32:
    case DType::int32:
      return 4;
    case DType::uint8:
      return 1;
  }
  throw Error("unknown element type");
}

std::string to_string(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "float32";
    case DType::float64:
      return "float64";
    case DType::uint8:
      return "uint8";
    case DType::int32:
      return "int32";
    case DType::int64:
      return "int64";
  }
  throw Error("unknown element type");
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

int64_t count_of(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count)) {
      throw Error("a tensor cannot have the shape " + to_string(shape));
    }
  }
  return count;
}

namespace {
std::atomic<int64_t> live_bytes{0};
}

int64_t live_tensor_bytes() { return live_bytes; }

/// Owns one block of a device's memory pool.
class Storage {
 public:
  Storage(Device device, std::size_t bytes) : device_(device), bytes_(bytes) {
    on_device(device_, [&](const auto& context) { block_ = kernels::allocate(context, bytes_); });
    live_bytes.fetch_add(static_cast<int64_t>(bytes_), std::memory_order_relaxed);
  }
  ~Storage() {
    live_bytes.fetch_sub(static_cast<int64_t>(bytes_), std::memory_order_relaxed);
    try {
      on_device(device_, [&](const auto& context) { kernels::release(context, block_, bytes_); });
    } catch (const Error&) {  // a GPU that has failed takes nothing back; its error is on its way
    }
  }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::byte* block() { return static_cast<std::byte*>(block_); }

 private:
  Device device_;
  std::size_t bytes_;
  void* block_ = nullptr;
};

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
  Tensor tensor;
  tensor.shape_ = shape;
  tensor.count_ = count_of(shape);
  tensor.dtype_ = dtype;
  tensor.device_ = device;
  if (tensor.count_ > std::numeric_limits<int64_t>::max() / size_of(dtype)) {
    throw Error("a tensor cannot have the shape " + to_string(shape));
  }
  tensor.storage_ = std::make_shared<Storage>(device, tensor.byte_count());
  return tensor;
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) {
  Tensor tensor = empty(shape, dtype, device);
  tensor.zero();
  return tensor;
}

template <class T>
Tensor Tensor::of(const std::vector<T>& values, const Shape& shape, Device device) {
  Tensor host = empty(shape, dtype_of<T>());
  if (host.count() != static_cast<int64_t>(values.size())) {
    throw Error(std::to_string(values.size()) + " values do not fill the shape " +
                to_string(shape));
  }
  if (!values.empty()) std::memcpy(host.bytes(), values.data(), host.byte_count());
  return host.to(device);
}

int64_t Tensor::size(int dimension) const {
  if (dimension < 0 || dimension >= static_cast<int>(shape_.size())) {
    throw Error(to_string(*this) + " has no dimension " + std::to_string(dimension));
  }
  return shape_[dimension];
}

void* Tensor::bytes() {
  if (!storage_) throw Error("an undefined tensor was read");
  return storage_->block() + offset_bytes_;
}
const void* Tensor::bytes() const { return const_cast<Tensor*>(this)->bytes(); }

template <class T>
T* Tensor::data() {
  if (dtype_ != dtype_of<T>()) {
    throw Error("a tensor of " + to_string(dtype_) + " was read as " + to_string(dtype_of<T>()));
  }
  return static_cast<T*>(bytes());
}

template <class T>
const T* Tensor::data() const {
  return const_cast<Tensor*>(this)->data<T>();
}

Tensor Tensor::rows(int64_t first, int64_t rows) const {
  const int64_t all = size(0);
  if (first < 0 || rows < 0 || first > all || rows > all - first) {
    throw Error(to_string(*this) + " has no rows " + std::to_string(first) + " to " +
                std::to_string(first) + " + " + std::to_string(rows));
  }
  Shape shape = shape_;
  shape[0] = rows;
  return view(all == 0 ? 0 : first * (count_ / all), shape);
}

Tensor Tensor::view(int64_t offset, const Shape& shape) const {
  const int64_t count = count_of(shape);
  if (!defined() || offset < 0 || count > count_ || offset > count_ - count) {
    throw Error("a view of shape " + to_string(shape) + " does not fit " + to_string(*this));
  }
  Tensor tensor = *this;
  tensor.offset_bytes_ += offset * size_of(dtype_);
  tensor.shape_ = shape;
  tensor.count_ = count;
  return tensor;
}

Tensor Tensor::clone() const {
  Tensor copy = empty(shape_, dtype_, device_);
  copy.copy_from(*this);
  return copy;
}

Tensor Tensor::to(Device device) const {
  if (device == device_) return *this;
  Tensor copy = empty(shape_, dtype_, device);
  copy.copy_from(*this);
  return copy;
}

void Tensor::copy_from(const Tensor& source) {
  if (source.count_ != count_ || source.dtype_ != dtype_) {
    throw Error("cannot copy " + to_string(source) + " into " + to_string(*this));
  }
  const Device host;
  if (device_ == host && source.device_ == host) {
    std::memcpy(bytes(), source.bytes(), byte_count());
    return;
  }
  const Device& gpu = device_ == host ? source.device_ : device_;
  on_device(gpu, [&](const auto& context) {
    kernels::copy_bytes(context, bytes(), source.bytes(), byte_count());
  });
}

void Tensor::zero() {
  on_device(device_,
            [&](const auto& context) { kernels::zero_bytes(context, bytes(), byte_count()); });
}

template <class T>
std::vector<T> Tensor::to_vector() const {
  const Tensor host = to(Device{});
  const T* first = host.data<T>();
  return std::vector<T>(first, first + count_);
}

template <class T>
T Tensor::item() const {
  if (count_ != 1) throw Error("a tensor of shape " + to_string(shape_) + " is not one number");
  return to_vector<T>()[0];
}

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) return "an undefined tensor";
  return to_string(tensor.shape()) + " of " + to_string(tensor.dtype()) + " on " +
         to_string(tensor.device());
}

#define STROMA_INSTANTIATE(T)                                                 \
  template Tensor Tensor::of<T>(const std::vector<T>&, const Shape&, Device); \
  template T* Tensor::data<T>();                                              \
  template const T* Tensor::data<T>() const;                                  \
  template std::vector<T> Tensor::to_vector<T>() const;                       \
  template T Tensor::item<T>() const;
STROMA_INSTANTIATE(float)
STROMA_INSTANTIATE(double)
STROMA_INSTANTIATE(uint8_t)
STROMA_INSTANTIATE(int32_t)
STROMA_INSTANTIATE(int64_t)
#undef STROMA_INSTANTIATE

}  // namespace stroma
