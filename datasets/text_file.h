// Text files as users have them: plain or compressed, from a disk or from standard input.
#pragma once

#include <filesystem>
#include <string>

namespace stroma {

/// The text of a file that is plain, gzip, bgzip, zstd, xz or bzip2 (any number of streams), told
/// apart by their first bytes; of standard input, to its end, for the path "-". Throws Error naming
/// the file where it cannot be read, where its compressed data is truncated or damaged, and where
/// it is of a known kind that is no text, or text in another encoding than UTF-8 and its kin.
std::string read_text_file(const std::filesystem::path& path);

/// The same of a file's bytes; `name` is what messages call them.
std::string text_of(std::string bytes, const std::string& name);

/// What messages call the file of a path that read_text_file reads: "standard input" for "-".
std::string name_of(const std::filesystem::path& path);

}  // namespace stroma
