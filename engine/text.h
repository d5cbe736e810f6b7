// Short texts, as every room reads and writes them: blanks, UTF-8, fields of CSV, words that are
// nearly right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stroma {

inline constexpr std::string_view blanks = " \t";

/// Without any of `from` at its ends.
std::string_view trimmed(std::string_view text, std::string_view from = blanks);

/// Equal but for case, of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

/// A character and the number of bytes that it takes.
struct CodePoint {
  uint32_t code = 0;
  size_t size = 0;
};

/// What a text that is not empty begins with; size 0 where that is not UTF-8 (RFC 3629: no overlong
/// forms, no surrogates).
CodePoint first_code_point(std::string_view text);

bool is_utf8(std::string_view text);

/// `text` as a field of a line of CSV: in quotes, with its quotes doubled, where it holds a comma,
/// a quote or an end of line, or where blanks at its ends would be lost.
std::string csv_field(std::string_view text);

/// Letters to insert, delete or replace to turn one word into the other (Levenshtein).
size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace stroma
