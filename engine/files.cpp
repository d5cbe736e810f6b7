#include "engine/files.h"

#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <vector>

#include "kernels/error.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;

/// Between a file's name and the number of the process that writes it.
constexpr const char* temporary_mark = ".tmp";

/// "cannot read genome.gb: no such file or directory". `errno` is what the last call left.
[[noreturn]] void fail(const char* action, const fs::path& path) {
  throw Error("cannot " + std::string(action) + " " + path.string() + ": " + system_reason());
}

/// Where a link leads, so that it stays one.
fs::path target_of(const fs::path& path) {
  std::error_code error;
  return fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : path;
}

/// Opens, lets `write` fill it, flushes and closes; `shown` is the path that messages name.
void write_to(const fs::path& target, const fs::path& shown,
              const std::function<void(std::ostream&)>& write) {
  errno = 0;
  std::ofstream stream(target, std::ios::binary | std::ios::trunc);
  if (!stream) fail("write", shown);
  // A failure is thrown where it happens, while `errno` still says why.
  stream.exceptions(std::ios::badbit | std::ios::failbit);
  try {
    write(stream);
    errno = 0;
    stream.close();
  } catch (const std::ios_base::failure&) {
    fail("write", shown);
  }
}

}  // namespace

std::string system_reason() {
  std::string reason = errno != 0 ? std::strerror(errno) : "input/output error";
  reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return reason;
}

std::string read_file(const fs::path& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail("read", path);
  std::string content;
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (!error) content.reserve(size);
  std::string block(1 << 16, '\0');
  try {
    stream.exceptions(std::ios::badbit);
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
           stream.gcount() > 0) {
      content.append(block, 0, static_cast<std::size_t>(stream.gcount()));
    }
  } catch (const std::ios_base::failure&) {
    fail("read", path);
  }
  return content;
}

void check_writable(const fs::path& path) {
  std::error_code error;
  const fs::path target = target_of(path), folder = target.parent_path();
  if (!folder.empty() && fs::status(folder, error).type() == fs::file_type::not_found) {
    throw Error("cannot write " + path.string() + ": there is no folder " + folder.string() +
                "; make it first");
  }
  if (fs::is_directory(target, error)) {
    errno = EISDIR;
    fail("write", path);
  }
}

void write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  check_writable(path);
  std::error_code error;
  const fs::path target = target_of(path);
  const fs::file_status status = fs::status(target, error);
  // A device or a pipe cannot be renamed onto; it would be replaced.
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_to(target, path, write);

  fs::path temporary = target;
  temporary += temporary_mark + std::to_string(getpid());
  try {
    write_to(temporary, path, write);
    errno = 0;
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail("write", path);
  } catch (...) {
    fs::remove(temporary, error);
    throw;
  }
}

void write_file(const fs::path& path, const std::string& content) {
  write_file(path, [&](std::ostream& stream) {
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  });
}

bool is_temporary(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::size_t mark = name.rfind(temporary_mark);
  const std::size_t number = mark + std::strlen(temporary_mark);
  return mark != std::string::npos && number < name.size() &&
         name.find_first_not_of("0123456789", number) == std::string::npos;
}

void remove_temporaries(const fs::path& folder) {
  std::vector<fs::path> left;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (is_temporary(entry.path())) left.push_back(entry.path());
  }
  for (const fs::path& path : left) fs::remove(path);
}

}  // namespace stroma
