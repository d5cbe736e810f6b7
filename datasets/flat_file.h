// What GenBank and EMBL flat files share: words, lines of sequence, the ids of records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/line_reader.h"
#include "datasets/record.h"
#include "engine/text.h"

namespace stroma {

/// Cuts the first word off `text`; "" at its end.
std::string_view take_word(std::string_view& text);

std::string without_blanks(std::string_view text);

/// The whole of `text` as a number from 0, or -1.
int64_t whole_number_of(std::string_view text);

/// Appends the letters of a line of sequence, in upper case: numbers before and behind them and
/// blanks between them are left out. Of bases U becomes T, as flat files write RNA, so that both
/// strands have one kind of letter. Throws Error for anything else in the line, the current one of
/// `lines`.
void append_sequence_line(const LineReader& lines, bool protein, std::string& letters);

/// Sets Record::id: the version, else the name, else the accession, else "unnamed"; "." counts as
/// none. What comes again becomes ID#2, ID#3, …. Throws Error for an id that can be no name.
void set_ids(std::vector<Record>& records);

}  // namespace stroma
