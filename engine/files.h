// Whole files, read and written the safe way: an output appears complete or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

namespace stroma {

/// The bytes of a file; throws Error where it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// Writes through `write` to a temporary name beside `path`, flushes and renames; on any failure
/// (no such folder, no permission, a full disk) removes the temporary and throws Error.
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);
void write_file(const std::filesystem::path& path, const std::string& content);

/// Removes what write_file leaves in a folder when the program is killed while it writes.
void remove_temporaries(const std::filesystem::path& folder);

}  // namespace stroma
