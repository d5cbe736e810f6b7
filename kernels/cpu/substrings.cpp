#include "kernels/substrings.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace stroma::kernels {
namespace {

// The first places of distinct substrings, open addressing with linear probing.
class FirstPlaces {
 public:
  FirstPlaces(int64_t places, int64_t length)
      : length_(length), slots_(std::bit_ceil(static_cast<uint64_t>(2 * places + 1))) {}

  // The first place given for letters equal to those at `letters`; `place` where there was none.
  Place find_or_add(const char* letters, Place place, uint64_t hash) {
    const uint64_t mask = slots_.size() - 1;
    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93;  // the low bits decide: mix the high ones in
    for (uint64_t i = (hash ^ hash >> 32) & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (slot.letters == nullptr) {
        slot = {letters, place};
        return place;
      }
      if (std::memcmp(slot.letters, letters, length_) == 0) return slot.place;
    }
  }

 private:
  struct Slot {
    const char* letters = nullptr;
    Place place = 0;
  };

  int64_t length_;
  std::vector<Slot> slots_;
};

}  // namespace

std::vector<Place> first_equal_substrings(const Cpu&, const std::vector<std::string_view>& texts,
                                          int64_t length) {
  int64_t letters = 0, places = 0;
  for (const std::string_view text : texts) {
    letters += std::ssize(text);
    places += std::max<int64_t>(0, std::ssize(text) - length + 1);
  }
  // A rolling polynomial hash modulo 2^64: Σ letter_i · base^(length - 1 - i).
  constexpr uint64_t base = 0x9e3779b97f4a7c15;
  uint64_t leaving = 1;  // base^length
  for (int64_t i = 0; i < length; ++i) leaving *= base;

  FirstPlaces firsts(places, length);
  std::vector<Place> result(letters, -1);
  Place start = 0;
  for (const std::string_view text : texts) {
    uint64_t hash = 0;
    for (int64_t end = 1; end <= std::ssize(text); ++end) {
      hash = hash * base + static_cast<unsigned char>(text[end - 1]);
      const int64_t first = end - length;
      if (first > 0) hash -= leaving * static_cast<unsigned char>(text[first - 1]);
      if (first < 0) continue;
      result[start + first] = firsts.find_or_add(&text[first], start + first, hash);
    }
    start += std::ssize(text);
  }
  return result;
}

}  // namespace stroma::kernels
