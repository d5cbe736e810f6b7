#include "datasets/text_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "datasets/decompress.h"
#include "datasets/file_kind.h"
#include "datasets/name_check.h"
#include "engine/files.h"
#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // of UTF-8, from some editors

// Not through /dev/stdin: opening that fails for a socket.
std::string read_standard_input(const std::string& name) {
  std::string bytes;
  std::string block(1 << 16, '\0');
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
    if (count == 0) break;
    if (count > 0) {
      bytes.append(block, 0, static_cast<size_t>(count));
    } else if (errno != EINTR) {
      throw Error("cannot read " + name + ": " + std::strerror(errno));
    }
  }
  if (bytes.empty()) {
    throw Error(name + " is empty or closed; give it a file, as by stroma … - < FILE");
  }
  return bytes;
}

}  // namespace

std::string name_of(const std::filesystem::path& path) {
  return path == "-" ? "standard input" : path.string();
}

std::string text_of(std::string bytes, const std::string& name) {
  std::string text = decompress(std::move(bytes), name);
  if (is_compressed(text)) throw Error(name + ": it is compressed twice; unpack it once first");
  if (const auto kind = binary_kind(text)) throw Error(name + ": " + *kind);
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  // In this order: the first line end of a genome ends the search.
  if (text.find('\n') == std::string::npos && text.find('\r') != std::string::npos) {
    throw Error(name +
                ": its lines end with carriage returns alone, as on old Macs; convert it with "
                "tr '\\r' '\\n'");
  }
  return text;
}

std::string read_text_file(const std::filesystem::path& path) {
  const std::string name = name_of(path);
  if (!is_utf8(name)) {  // it becomes part of ids, and stands in a run's JSON
    throw Error("the name of the file '" + visible_text(name, name.size()) +
                "' is not UTF-8; rename it");
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw Error(name + " is a directory; name the files in it");
  }
  return text_of(path == "-" ? read_standard_input(name) : read_file(path), name);
}

}  // namespace stroma
