// Overlapping windows of a sequence: many short examples from one long one (Abbasi-Vineh et al.,
// Sci Rep 15, 27079, 2025).
#pragma once

#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

#include "datasets/dataset.h"
#include "engine/device.h"
#include "kernels/windows.h"

namespace stroma {

using kernels::WindowOptions;

/// The offsets of the windows of a sequence, ascending, by the published rule: see
/// kernels/windows.h. Throws Error for options out of range and for a sequence shorter than the
/// window.
std::vector<int32_t> window_offsets(std::string_view sequence, const WindowOptions& options);

/// The windows of all sequences, sequence by sequence, found on `device`; the same on each. A
/// sequence shorter than a window has none. Throws Error for options out of range.
Dataset windows_dataset(LabelledSequences labelled, const WindowOptions& options,
                        Device device = {});

/// The examples as `WINDOW, LABEL` lines.
void write_windows_csv(std::ostream& out, const Dataset& dataset);

}  // namespace stroma
