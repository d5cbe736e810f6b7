// Names files of other kinds than those that the program reads, and says what to do with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stroma {

/// For decompressed bytes that are no text in UTF-8 or its kin (an archive, BAM, a PDF, UTF-16): a
/// clause "this is …; do …". Nothing for text and for what is not known.
std::optional<std::string> binary_kind(std::string_view bytes);

/// The same for a text of another format than those that are read, or an error message in the place
/// of a file. To be asked about a text that begins as none of them; it never takes a CSV that can
/// be read for anything else.
std::optional<std::string> foreign_kind(std::string_view text);

}  // namespace stroma
