// Overlapping windows of a sequence: many short examples from one long one (Abbasi-Vineh et al.,
// Sci Rep 15, 27079, 2025).
#pragma once

#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"

namespace stroma {

struct WindowOptions {
  int64_t length = 40;
  int64_t min_overlap = 5;
  int64_t max_overlap = 20;
  int64_t min_shared = 15;
};

/// The offsets of the windows of a sequence, ascending, as published:
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
/// Throws Error for options out of range and for a sequence shorter than the window.
std::vector<int32_t> window_offsets(std::string_view sequence, const WindowOptions& options);

/// The windows of all sequences, sequence by sequence. Throws Error as window_offsets does, naming
/// the sequence.
Dataset windows_dataset(LabelledSequences labelled, const WindowOptions& options);

/// The examples as `WINDOW, LABEL` lines.
void write_windows_csv(std::ostream& out, const Dataset& dataset);

}  // namespace stroma
