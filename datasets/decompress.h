// gzip, bgzip, zstd, xz and bzip2, told apart by their first bytes and unpacked in memory.
#pragma once

#include <string>
#include <string_view>

namespace stroma {

bool is_compressed(std::string_view bytes);

/// All streams of compressed `bytes`, one after the other; other bytes as they are. `name` is what
/// messages call them. Throws Error where the data is truncated (for bgzip also: without the empty
/// block that marks the end), damaged, or takes more memory than any usual packer asks for.
std::string decompress(std::string bytes, const std::string& name);

}  // namespace stroma
