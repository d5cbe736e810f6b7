#include "datasets/genbank_locus.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "datasets/flat_file.h"
#include "kernels/error.h"

namespace stroma {
namespace {

[[noreturn]] void fail(const std::string& where, std::string_view problem) {
  throw Error(fmt::format(
      "{}: the LOCUS line {}; write it as 'LOCUS       NAME   1234 bp    DNA     linear'", where,
      problem));
}

bool is_unit(std::string_view word) {
  return same_word(word, "bp") || same_word(word, "aa") || same_word(word, "rc");
}

bool ends_with_digit(std::string_view word) {
  return !word.empty() && word.back() >= '0' && word.back() <= '9';
}

/// The words after LOCUS, "12bp" as two.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  take_word(line);
  while (!trimmed(line).empty()) {
    const std::string_view word = take_word(line);
    const size_t unit = word.find_first_not_of("0123456789");
    if (!words.empty() && unit != word.npos && unit > 0 && is_unit(word.substr(unit))) {
      words.push_back(word.substr(0, unit));
      words.push_back(word.substr(unit));
    } else {
      words.push_back(word);
    }
  }
  return words;
}

void read_unit(std::string_view unit, Locus& locus) {
  locus.protein = same_word(unit, "aa");
  locus.master = same_word(unit, "rc");
}

}  // namespace

Locus parse_locus(std::string_view line, const std::string& where) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.empty()) fail(where, "gives no name");
  Locus locus;
  size_t name_end = 1, behind = 1;  // words of the name, first word behind the length
  // A name of several words may hold "aa", too: rather the unit behind a number.
  auto unit = words.begin() + 1;
  while (unit != words.end() && !(is_unit(*unit) && whole_number_of(*(unit - 1)) >= 0)) ++unit;
  if (unit == words.end()) unit = std::find_if(words.begin() + 1, words.end(), is_unit);
  if (unit != words.end()) {
    const size_t number = static_cast<size_t>(unit - words.begin()) - 1;
    const int64_t length = whole_number_of(words[number]);
    read_unit(*unit, locus);
    behind = number + 2;
    if (number > 0 && length >= 0) {
      name_end = number;
      locus.length = length;
    } else if (number == 0 && length < 0 && ends_with_digit(words[0])) {
      locus.run_together = true;
    } else {
      fail(where, "does not give a name and a length in bp");
    }
  } else {
    const auto number = std::find_if(words.begin() + 1, words.end(), [](std::string_view word) {
      return whole_number_of(word) >= 0;
    });
    if (number != words.end()) {
      name_end = static_cast<size_t>(number - words.begin());
      locus.length = whole_number_of(*number);
      behind = name_end + 1;
    }
  }
  for (size_t i = 0; i < name_end; ++i) {
    locus.name.append(i == 0 ? "" : "_").append(words[i]);
  }
  locus.circular = std::any_of(words.begin() + static_cast<std::ptrdiff_t>(behind), words.end(),
                               [](std::string_view word) { return same_word(word, "circular"); });
  return locus;
}

void split_name(Locus& locus, int64_t length, const std::string& where) {
  const std::string number = std::to_string(length);
  if (!locus.name.ends_with(number) || locus.name == number) {
    fail(where, fmt::format("runs name and length together ('{}') and the sequence has {} bp; put "
                            "a space between name and length",
                            locus.name, length));
  }
  locus.name.resize(locus.name.size() - number.size());
  locus.length = length;
  locus.run_together = false;
}

}  // namespace stroma
