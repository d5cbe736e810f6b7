#include "kernels/windows.h"

#include <algorithm>
#include <string_view>

#include "kernels/substrings.h"

namespace stroma::kernels {
namespace {

// Counts of set flags before each place, so that a range is tested by a difference.
std::vector<int32_t> counts_before(const std::vector<char>& flags) {
  std::vector<int32_t> counts(flags.size() + 1, 0);
  for (size_t i = 0; i < flags.size(); ++i) counts[i + 1] = counts[i] + (flags[i] != 0);
  return counts;
}

// Steps 1 and 2: whether the window at each offset is taken. [windows]
std::vector<char> taken_windows(std::string_view sequence, const WindowOptions& options) {
  const int64_t windows = std::ssize(sequence) - options.length + 1;
  if (takes_every_window(options)) return std::vector<char>(windows, 1);
  const std::vector<int32_t> last_regular = last_regular_offsets(options, windows);
  std::vector<char> taken(windows);
  for (int64_t offset = 0; offset < windows; ++offset) {
    taken[offset] = last_regular[offset] == offset;
  }
  const int64_t inner = options.length - options.min_shared;  // last start of a shared text
  if (inner < 0) return taken;

  const std::vector<Place> first = first_equal_substrings(Cpu{}, {sequence}, options.min_shared);
  const int64_t starts = std::ssize(sequence) - options.min_shared + 1;
  std::vector<char> known(starts, 0);  // by first occurrence: is the text in a window of step 1?
  for (int64_t i = 0; i < starts; ++i) {
    if (last_regular[std::min(i, windows - 1)] >= i - inner) known[first[i]] = 1;
  }
  for (int64_t i = 0; i < starts; ++i) known[i] = known[first[i]];  // first[i] ≤ i: already final

  const std::vector<int32_t> known_before = counts_before(known);
  for (int64_t offset = 0; offset < windows; ++offset) {
    if (known_before[offset + inner + 1] > known_before[offset]) taken[offset] = 1;
  }
  return taken;
}

}  // namespace

int64_t room_for_windows(int64_t sequences, const int64_t* begins, int64_t length) {
  int64_t room = 0;
  for (int64_t s = 0; s < sequences; ++s) {
    room += std::max<int64_t>(0, begins[s + 1] - begins[s] - length + 1);
  }
  return room;
}

std::vector<int32_t> last_regular_offsets(const WindowOptions& options, int64_t windows) {
  std::vector<int32_t> last(windows, 0);
  for (int64_t overlap = options.min_overlap; overlap <= options.max_overlap; ++overlap) {
    const int64_t step = options.length - overlap;
    for (const int64_t start : {int64_t{0}, overlap, overlap / 2}) {
      for (int64_t offset = start; offset < windows; offset += step) {
        last[offset] = static_cast<int32_t>(offset);
      }
    }
  }
  for (int64_t offset = 1; offset < windows; ++offset) {
    last[offset] = std::max(last[offset], last[offset - 1]);
  }
  return last;
}

void windows(const Cpu&, const Windows& w) {
  int64_t count = 0;
  for (int64_t s = 0; s < w.sequences; ++s) {
    const std::string_view sequence(reinterpret_cast<const char*>(w.letters + w.begins[s]),
                                    w.begins[s + 1] - w.begins[s]);
    const int64_t offsets = std::ssize(sequence) - w.options.length + 1;
    if (offsets < 1) continue;
    const std::vector<char> taken = taken_windows(sequence, w.options);
    const std::vector<Place> first = first_equal_substrings(Cpu{}, {sequence}, w.options.length);
    std::vector<char> distinct(offsets, 0);
    for (int64_t offset = 0; offset < offsets; ++offset) {
      if (taken[offset]) distinct[first[offset]] = 1;
    }
    for (int64_t offset = 0; offset < offsets; ++offset) {
      if (!distinct[offset]) continue;
      w.places[2 * count] = static_cast<int32_t>(s);
      w.places[2 * count + 1] = static_cast<int32_t>(offset);
      ++count;
    }
  }
  *w.count = count;
}

}  // namespace stroma::kernels
