// Whole files, read and written the safe way: an output appears complete or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

namespace stroma {

/// Why the last call to the system failed, by `errno`: "no such file or directory".
std::string system_reason();

/// The bytes of a file; throws Error where it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// Throws Error where write_file would fail for want of a folder, or since there is one of the
/// name.
void check_writable(const std::filesystem::path& path);

/// Writes through `write` to a temporary name beside `path`, flushes and renames; on any failure
/// (no such folder, no permission, a full disk) removes the temporary and throws Error.
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);
void write_file(const std::filesystem::path& path, const std::string& content);

/// Whether this is what write_file leaves when the program is killed while it writes.
bool is_temporary(const std::filesystem::path& path);
/// Removes such files from a folder.
void remove_temporaries(const std::filesystem::path& folder);

}  // namespace stroma
