#include "datasets/name_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/error.h"

namespace stroma {
namespace {

constexpr uint32_t byte_order_mark = 0xfeff;

/// A code point and its number of bytes at the front of a text; size 0 where it is not UTF-8.
struct Character {
  uint32_t code = 0;
  size_t size = 0;
};

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0 || size > text.size()) return {};
  uint32_t code = lead & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {};
    code = code << 6 | (byte & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (surrogate || overlong || code > 0x10ffff) return {};
  return {code, size};
}

bool is_control(uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

}  // namespace

std::string name_problem(std::string_view what, std::string_view name) {
  for (size_t i = 0; i < name.size();) {
    const Character c = first_character(name.substr(i));
    if (c.size == 0) {
      return fmt::format(
          "{} '{}' is not UTF-8; convert the file, as by iconv -f LATIN1 -t UTF-8 FILE", what,
          visible_text(name));
    }
    if (is_control(c.code)) {
      return fmt::format("{} '{}' holds a control character{}; remove it", what, visible_text(name),
                         c.code == '\t' ? ", a tab" : "");
    }
    if (c.code == byte_order_mark) {
      return fmt::format("{} '{}' holds a byte-order mark, which cannot be seen; remove it", what,
                         visible_text(name));
    }
    i += c.size;
  }
  return "";
}

void check_name(std::string_view what, std::string_view name, const std::string& file,
                int64_t line) {
  const std::string problem = name_problem(what, name);
  if (!problem.empty()) throw Error(fmt::format("{}:{}: {}", file, line, problem));
}

std::string visible_text(std::string_view text, size_t most) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    if (i >= most) return result + "…";
    const Character c = first_character(text.substr(i));
    const size_t size = std::max<size_t>(c.size, 1);
    const bool visible = c.size > 0 && !is_control(c.code) && c.code != byte_order_mark;
    for (const char byte : text.substr(i, size)) {
      result += visible ? std::string(1, byte)
                        : fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
    }
    i += size;
  }
  return result;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = first_character(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string describe_byte(char byte) {
  if (byte >= ' ' && byte <= '~') return fmt::format("the character '{}'", byte);
  return fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(byte));
}

}  // namespace stroma
