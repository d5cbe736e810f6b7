#include "datasets/name_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/text.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr uint32_t byte_order_mark = 0xfeff;

bool is_control(uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

}  // namespace

std::string name_problem(std::string_view what, std::string_view name) {
  for (size_t i = 0; i < name.size();) {
    const CodePoint c = first_code_point(name.substr(i));
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
    const CodePoint c = first_code_point(text.substr(i));
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

std::string describe_byte(char byte) {
  if (byte >= ' ' && byte <= '~') return fmt::format("the character '{}'", byte);
  return fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(byte));
}

}  // namespace stroma
