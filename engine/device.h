// The devices a tensor can live on, and the types of its elements.
#pragma once

#include <cstdint>
#include <string>

namespace stroma {

struct Device {
  enum class Kind { cpu, cuda };
  Kind kind = Kind::cpu;
  int index = 0;

  bool operator==(const Device&) const = default;
};

/// "cpu" or "cuda:0".
std::string to_string(const Device& device);
/// The device that "cpu", "cuda" or "cuda:1" names.
Device device_named(const std::string& name);

enum class DType { float32, float64, uint8, int32, int64 };

int64_t size_of(DType dtype);
std::string to_string(DType dtype);

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::float32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::float64;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::uint8;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::int32;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::int64;
}

}  // namespace stroma
