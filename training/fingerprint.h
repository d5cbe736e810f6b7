// A number that changes when what went into it does, to notice that a run meets other data or other
// weights than before. No protection against intent.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace stroma {

/// FNV-1a over 64 bits (Fowler, Noll and Vo), byte by byte.
class Fingerprint {
 public:
  void add(const void* bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      hash_ = (hash_ ^ static_cast<const unsigned char*>(bytes)[i]) * 1099511628211u;
    }
  }
  /// With the zero that ends it, so that "ab", "c" is not "a", "bc".
  void add(const std::string& text) { add(text.c_str(), text.size() + 1); }

  /// 16 hexadecimal digits.
  std::string digits() const { return fmt::format("{:016x}", hash_); }

 private:
  uint64_t hash_ = 14695981039346656037u;
};

}  // namespace stroma
