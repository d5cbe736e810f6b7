// Overlapping windows of sequences: many short examples from few long ones (Abbasi-Vineh et al.,
// Sci Rep 15, 27079, 2025).
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/context.h"

namespace stroma::kernels {

struct WindowOptions {
  int64_t length = 40;       // ≥ 1
  int64_t min_overlap = 5;   // ≥ 0
  int64_t max_overlap = 20;  // ≥ min_overlap, < length
  int64_t min_shared = 15;   // ≥ 1
};

/// The windows of each sequence, sequence by sequence, ascending by offset, as published:
///
/// 1. for each overlap o = min_overlap … max_overlap, the windows at s, s + step, s + 2 step, …
///    with step = length - o, from each start s = 0, o and ⌊o / 2⌋;
/// 2. then every window, at any offset, that has min_shared consecutive letters in common with a
///    window of step 1, wherever these letters stand in the two;
/// 3. each distinct text once, at its first offset in the sequence.
///
/// Step 2 compares with the windows of step 1 alone and not with those it adds: neighbouring
/// windows share length - 1 letters, so comparing with these too would give every window for any
/// min_shared < length, and the overlaps would mean nothing. With the default options both readings
/// give every window. With min_shared > length step 2 adds none.
///
/// The result is exact, and the same on every device: where hashes lead to equal letters, the
/// letters are compared. A sequence of fewer letters than a window has none.
struct Windows {
  WindowOptions options;
  int64_t sequences;
  const int64_t* begins;   // [sequences + 1], in the host's memory: where each sequence begins in
                           // `letters`, and where the last one ends; none over 2^31 - 1 letters
  const uint8_t* letters;  // [begins[sequences]]: any bytes
  int32_t* places;         // [room_for_windows, 2], the first *count written: sequence, offset
  int64_t* count;          // [1], written
};

void windows(const Cpu&, const Windows&);
void windows(const Cuda&, const Windows&);

/// The room for windows before step 3: Σ of a sequence's letters - length + 1. begins [sequences +
/// 1].
int64_t room_for_windows(int64_t sequences, const int64_t* begins, int64_t length);

/// Whether steps 1 and 2 take every window, whatever the letters. The windows of the largest
/// overlap alone, which stand at the multiples of length - max_overlap, leave no window further
/// than length - max_overlap - 1 behind one of them: the two share max_overlap + 1 letters or more.
inline bool takes_every_window(const WindowOptions& options) {
  return options.min_shared <= options.max_overlap + 1;
}

/// Of a sequence of so many windows: for each offset, the last one up to it with a window of
/// step 1. [windows]
std::vector<int32_t> last_regular_offsets(const WindowOptions& options, int64_t windows);

}  // namespace stroma::kernels
