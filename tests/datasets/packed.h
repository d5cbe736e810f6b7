// For tests: texts as each of the usual packers writes them.
#pragma once

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <string>
#include <utility>

namespace stroma {

inline std::string gzip_member(std::string text, gz_header* header) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  if (header) deflateSetHeader(&stream, header);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string gzip(const std::string& text) { return gzip_member(text, nullptr); }

/// Members of at most 64 KiB, each with its size in a field of its header, and an empty one at the
/// end (SAMv1, section 4.1).
inline std::string bgzip(const std::string& text) {
  constexpr size_t letters = 0xff00, place_of_size = 16;
  std::string packed;
  const auto add_member = [&](std::string part) {
    Bytef field[] = {'B', 'C', 2, 0, 0, 0};
    gz_header header = {};
    header.extra = field;
    header.extra_len = sizeof field;
    header.os = 255;  // unknown
    std::string member = gzip_member(std::move(part), &header);
    member[place_of_size] = static_cast<char>((member.size() - 1) & 0xff);
    member[place_of_size + 1] = static_cast<char>((member.size() - 1) >> 8);
    packed += member;
  };
  for (size_t begin = 0; begin < text.size(); begin += letters) {
    add_member(text.substr(begin, letters));
  }
  add_member("");
  return packed;
}

inline std::string bzip2(std::string text) {
  auto size = static_cast<unsigned>(text.size() + text.size() / 100 + 600);
  std::string packed(size, '\0');
  BZ2_bzBuffToBuffCompress(packed.data(), &size, text.data(), static_cast<unsigned>(text.size()), 9,
                           0, 0);
  packed.resize(size);
  return packed;
}

inline std::string xz(const std::string& text) {
  std::string packed(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, nullptr,
                          reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                          reinterpret_cast<uint8_t*>(packed.data()), &size, packed.size());
  packed.resize(size);
  return packed;
}

/// With a checksum, as the program zstd writes it.
inline std::string zstd(const std::string& text, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (window_log) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);  // else the window is cut to it
  }
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  ZSTD_outBuffer out = {packed.data(), packed.size(), 0};
  // In two parts: the packer does not know the size before, and keeps the window.
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
  packed.resize(out.pos);
  ZSTD_freeCCtx(context);
  return packed;
}

}  // namespace stroma
