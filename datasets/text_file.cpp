#include "datasets/text_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "engine/files.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // of UTF-8, from some editors

constexpr std::string_view gzip_magic = "\x1f\x8b";

// The empty block that ends each bgzip file (SAM/BAM format specification, section 4.1.2).
constexpr std::string_view bgzip_end(
    "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0\x42\x43\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0", 28);

// A gzip member whose first extra field is "BC", as bgzip writes it.
bool is_bgzip(std::string_view bytes) {
  return bytes.size() >= 16 && (bytes[3] & 4) != 0 && bytes.substr(12, 2) == "BC";
}

[[noreturn]] void throw_truncated(const std::string& name) {
  throw Error(fmt::format("{}: the compressed file is truncated; copy or download it again", name));
}

[[noreturn]] void throw_damaged(const std::string& name) {
  throw Error(fmt::format("{}: the compressed file is damaged; copy or download it again", name));
}

std::string inflate_all(std::string_view bytes, const std::string& name) {
  z_stream stream = {};
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (inflateInit2(&stream, gzip_only) != Z_OK) throw Error(name + ": zlib does not start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);

  std::string text;
  std::string buffer(1 << 18, '\0');
  constexpr size_t piece = 1 << 30;  // zlib counts in 32 bits
  int status = Z_STREAM_END;
  while (status != Z_STREAM_END || !bytes.empty()) {
    if (status == Z_STREAM_END) {  // the next member
      if (!bytes.starts_with(gzip_magic.substr(0, bytes.size()))) throw_damaged(name);
      inflateReset(&stream);
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(std::min(bytes.size(), piece));
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    const uInt given = stream.avail_in;
    status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_BUF_ERROR) throw_truncated(name);  // neither input left nor output made
    if (status != Z_OK && status != Z_STREAM_END) throw_damaged(name);
    bytes.remove_prefix(given - stream.avail_in);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  return text;
}

}  // namespace

std::string decompress_text(std::string bytes, const std::string& name) {
  if (!bytes.starts_with(gzip_magic)) return bytes;
  if (is_bgzip(bytes) && !bytes.ends_with(bgzip_end)) throw_truncated(name);
  return inflate_all(bytes, name);
}

std::string read_text_file(const std::filesystem::path& path) {
  std::string text = decompress_text(read_file(path), path.string());
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  // In this order: the first line end of a genome ends the search.
  if (text.find('\n') == std::string::npos && text.find('\r') != std::string::npos) {
    throw Error(path.string() +
                ": its lines end with carriage returns alone, as on old Macs; convert it with "
                "tr '\\r' '\\n'");
  }
  return text;
}

}  // namespace stroma
