// Text files as users have them: plain, gzip or bgzip.
#pragma once

#include <filesystem>
#include <string>

namespace stroma {

/// The text of a file that is plain, gzip (any number of members) or bgzip, told apart by their
/// first bytes. Throws Error naming the file where it cannot be read, or where its compressed data
/// is truncated (for bgzip also: without the empty block that marks the end) or damaged.
std::string read_text_file(const std::filesystem::path& path);

/// The same for bytes already in memory; `name` is what messages call them.
std::string decompress_text(std::string bytes, const std::string& name);

}  // namespace stroma
