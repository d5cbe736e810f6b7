// The one check of what becomes a name (a gene's name, a FASTA id, a label, a record's id): names
// end up in JSON, CSV and on screens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stroma {

/// What is wrong with `name`, which messages call `what` ("the id", "the label"): a clause with its
/// remedy where it is not UTF-8, or holds a control character (a tab, a NUL) or a byte-order mark,
/// which cannot be seen; "" where nothing is.
std::string name_problem(std::string_view what, std::string_view name);

/// Throws Error "file:line: CLAUSE" where name_problem finds one.
void check_name(std::string_view what, std::string_view name, const std::string& file,
                int64_t line);

/// The first `most` bytes of a text from a user's file as a screen can show it, on one line: bytes
/// that are no visible text as \xFC.
std::string visible_text(std::string_view text, size_t most = 60);

/// Words for a message on a character that must not be there: "the character '7'", "the byte 0xFC".
std::string describe_byte(char byte);

}  // namespace stroma
