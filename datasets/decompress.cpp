#include "datasets/decompress.h"

#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "kernels/error.h"

namespace stroma {
namespace {

using namespace std::string_view_literals;

constexpr auto gzip_magic = "\x1f\x8b"sv;
constexpr auto bzip2_magic = "BZh"sv;
constexpr auto xz_magic = "\xfd\x37zXZ\0"sv;
constexpr auto zstd_magic = "\x28\xb5\x2f\xfd"sv;

// The empty block that ends each bgzip file (SAM/BAM format specification, section 4.1.2).
constexpr auto bgzip_end =
    "\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0\x42\x43\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0"sv;

enum class Status { more, end_of_stream, damaged, too_large };

/// What one call of a library did. One that wants more and moved nothing will never get it.
struct Step {
  Status status;
  size_t read;
  size_t written;
};

constexpr size_t most_at_once = 1 << 30;  // zlib and libbz2 count in 32 bits

// Each decoder reads one stream from begin() to Status::end_of_stream. What the libraries refuse
// for want of memory is thrown as std::bad_alloc, as everywhere.

class GzipDecoder {
 public:
  static constexpr std::string_view command = "gzip -d";

  GzipDecoder() {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  bool begin(std::string_view bytes) {
    inflateReset(&stream_);
    return bytes.starts_with(gzip_magic.substr(0, bytes.size()));
  }

  Step step(std::string_view bytes, std::string& buffer) {
    const auto given = static_cast<uInt>(std::min(bytes.size(), most_at_once));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = given;
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    const bool more = result == Z_OK || result == Z_BUF_ERROR;
    return {result == Z_STREAM_END ? Status::end_of_stream
            : more                 ? Status::more
                                   : Status::damaged,
            given - stream_.avail_in, buffer.size() - stream_.avail_out};
  }

 private:
  z_stream stream_ = {};
};

class Bzip2Decoder {
 public:
  static constexpr std::string_view command = "bzip2 -d";

  Bzip2Decoder() = default;
  ~Bzip2Decoder() { BZ2_bzDecompressEnd(&stream_); }  // harmless where nothing was begun
  Bzip2Decoder(const Bzip2Decoder&) = delete;
  Bzip2Decoder& operator=(const Bzip2Decoder&) = delete;

  bool begin(std::string_view bytes) {
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    return bytes.starts_with(bzip2_magic.substr(0, bytes.size()));
  }

  Step step(std::string_view bytes, std::string& buffer) {
    const auto given = static_cast<unsigned>(std::min(bytes.size(), most_at_once));
    stream_.next_in = const_cast<char*>(bytes.data());
    stream_.avail_in = given;
    stream_.next_out = buffer.data();
    stream_.avail_out = static_cast<unsigned>(buffer.size());
    const int result = BZ2_bzDecompress(&stream_);
    if (result == BZ_MEM_ERROR) throw std::bad_alloc();
    return {result == BZ_STREAM_END ? Status::end_of_stream
            : result == BZ_OK       ? Status::more
                                    : Status::damaged,
            given - stream_.avail_in, buffer.size() - stream_.avail_out};
  }

 private:
  bz_stream stream_ = {};
};

class XzDecoder {
 public:
  static constexpr std::string_view command = "xz -d";

  XzDecoder() = default;
  ~XzDecoder() { lzma_end(&stream_); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  // The library itself goes on to the next stream and over padding between them.
  bool begin(std::string_view /*bytes*/) {
    constexpr uint64_t most_memory = 1 << 30;  // xz -9 takes 65 MiB
    if (lzma_stream_decoder(&stream_, most_memory, LZMA_CONCATENATED) != LZMA_OK) {
      throw std::bad_alloc();
    }
    return true;
  }

  Step step(std::string_view bytes, std::string& buffer) {
    stream_.next_in = reinterpret_cast<const uint8_t*>(bytes.data());
    stream_.avail_in = bytes.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(buffer.data());
    stream_.avail_out = buffer.size();
    const lzma_ret result = lzma_code(&stream_, LZMA_FINISH);
    if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
    const bool more = result == LZMA_OK || result == LZMA_BUF_ERROR;
    return {result == LZMA_STREAM_END       ? Status::end_of_stream
            : result == LZMA_MEMLIMIT_ERROR ? Status::too_large
            : more                          ? Status::more
                                            : Status::damaged,
            bytes.size() - stream_.avail_in, buffer.size() - stream_.avail_out};
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class ZstdDecoder {
 public:
  static constexpr std::string_view command = "zstd -d --long=31";

  ZstdDecoder() {
    if (!context_) throw std::bad_alloc();
  }

  bool begin(std::string_view /*bytes*/) { return true; }

  Step step(std::string_view bytes, std::string& buffer) {
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer out = {buffer.data(), buffer.size(), 0};
    const size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
    Status status = result == 0 ? Status::end_of_stream : Status::more;
    if (ZSTD_isError(result)) {
      const ZSTD_ErrorCode error = ZSTD_getErrorCode(result);
      if (error == ZSTD_error_memory_allocation) throw std::bad_alloc();
      status =
          error == ZSTD_error_frameParameter_windowTooLarge ? Status::too_large : Status::damaged;
    }
    return {status, in.pos, out.pos};
  }

 private:
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

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

template <class Decoder>
std::string unpack(std::string_view bytes, const std::string& name) {
  std::string text;
  std::string buffer(1 << 18, '\0');
  Decoder decoder;
  Status status = Status::end_of_stream;
  while (status != Status::end_of_stream || !bytes.empty()) {
    if (status == Status::end_of_stream && !decoder.begin(bytes)) throw_damaged(name);
    const Step step = decoder.step(bytes, buffer);
    status = step.status;
    if (status == Status::damaged) throw_damaged(name);
    if (status == Status::too_large) {
      throw Error(
          fmt::format("{}: the compressed file takes very much memory; unpack it first: {} "
                      "FILE",
                      name, Decoder::command));
    }
    if (status == Status::more && step.read == 0 && step.written == 0) throw_truncated(name);
    bytes.remove_prefix(step.read);
    text.append(buffer, 0, step.written);
  }
  return text;
}

std::string unpack_gzip(std::string_view bytes, const std::string& name) {
  if (is_bgzip(bytes) && !bytes.ends_with(bgzip_end)) throw_truncated(name);
  return unpack<GzipDecoder>(bytes, name);
}

using Unpack = std::string (*)(std::string_view, const std::string&);

/// What unpacks `bytes`; null for what is not compressed.
Unpack unpacker_of(std::string_view bytes) {
  if (bytes.starts_with(gzip_magic)) return unpack_gzip;
  if (bytes.starts_with(xz_magic)) return unpack<XzDecoder>;
  if (bytes.starts_with(zstd_magic)) return unpack<ZstdDecoder>;
  // The digit too: a sequence may begin with these letters.
  const bool bzip2 = bytes.starts_with(bzip2_magic) && bytes.size() > bzip2_magic.size() &&
                     bytes[3] >= '1' && bytes[3] <= '9';
  return bzip2 ? unpack<Bzip2Decoder> : nullptr;
}

}  // namespace

bool is_compressed(std::string_view bytes) { return unpacker_of(bytes) != nullptr; }

std::string decompress(std::string bytes, const std::string& name) {
  const Unpack unpack_all = unpacker_of(bytes);
  return unpack_all ? unpack_all(bytes, name) : std::move(bytes);
}

}  // namespace stroma
