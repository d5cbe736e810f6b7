#include "datasets/genbank_location.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "datasets/alphabet.h"
#include "kernels/error.h"

namespace stroma {
namespace {

constexpr int max_depth = 32;  // far more than any real location; bounds the recursion

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A long location would drown the message.
std::string shortened(std::string_view text) {
  constexpr size_t limit = 60;
  return text.size() <= limit ? std::string(text) : std::string(text.substr(0, limit)) + "…";
}

/// A base, or the bases from low to high where it is uncertain. From 1, as in the file.
struct Position {
  int64_t low, high;
};

class Parser {
 public:
  Parser(std::string_view text, const LocationContext& context) : text_(text), context_(context) {}

  Location parse() {
    Location location;
    location.spans = parse_any(0);
    if (at_ < text_.size()) fail("text after its end");
    return location;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(fmt::format("{}: the location '{}' cannot be read ({} at character {})",
                            context_.where, shortened(text_), problem, at_ + 1));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool accept(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  void expect(char c) {
    if (peek() != c) fail(fmt::format("'{}' expected", c));
    ++at_;
  }

  std::vector<Span> parse_any(int depth) {
    if (depth > max_depth) fail("too deeply nested");
    if (accept("complement(")) {
      std::vector<Span> spans = parse_list(depth);
      std::reverse(spans.begin(), spans.end());
      for (Span& span : spans) span.complement = !span.complement;
      return spans;
    }
    if (accept("join(") || accept("order(")) return parse_list(depth);
    return parse_range();
  }

  /// The rest of "operator(", its closing parenthesis included. complement() with a list is not in
  /// the grammar but in files, and means the complement of the joined parts.
  std::vector<Span> parse_list(int depth) {
    std::vector<Span> spans = parse_any(depth + 1);
    while (accept(",")) {
      const std::vector<Span> more = parse_any(depth + 1);
      spans.insert(spans.end(), more.begin(), more.end());
    }
    expect(')');
    return spans;
  }

  std::vector<Span> parse_range() {
    const std::string remote = parse_accession();
    const Position first = parse_position();
    if (accept("^")) return {site_between(first, parse_position(), remote)};
    Position last = first;
    if (accept("..") || accept(".")) last = parse_position();
    return range(first.low, last.high, remote);
  }

  /// "J00194.1" of "J00194.1:100..202", or "" and nothing read.
  std::string parse_accession() {
    size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) ||
                                  std::string_view("._-|").find(text_[end]) != text_.npos)) {
      ++end;
    }
    if (end == at_ || end == text_.size() || text_[end] != ':') return "";
    std::string accession(text_.substr(at_, end - at_));
    at_ = end + 1;
    return accession;
  }

  Position parse_position() {
    if (accept("(")) {
      const int64_t low = parse_number();
      expect('.');
      const int64_t high = parse_number();
      expect(')');
      if (low > high) fail("an uncertain end that ends before it begins");
      return {low, high};
    }
    if (peek() == '<' || peek() == '>') ++at_;
    const int64_t base = parse_number();
    return {base, base};
  }

  int64_t parse_number() {
    for (const std::string_view name : {"one-of", "bond", "gap"}) {  // "(" behind its name
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with(name) && rest.substr(name.size()).starts_with('(')) {
        fail(fmt::format("{}(), which is not supported,", name));
      }
    }
    if (!is_digit(peek())) fail("a number expected");
    int64_t number = 0;
    const char* const begin = text_.data() + at_;
    const auto result = std::from_chars(begin, text_.data() + text_.size(), number);
    if (result.ec != std::errc()) fail("a number that is too large");
    if (number == 0) fail("position 0, where bases count from 1,");
    at_ += static_cast<size_t>(result.ptr - begin);
    return number;
  }

  void check_inside(int64_t base, const std::string& remote) const {
    if (remote.empty() && base > context_.length) {
      throw Error(
          fmt::format("{}: the feature at '{}' reaches base {}, outside its record of {} bp",
                      context_.where, shortened(text_), base, context_.length));
    }
  }

  Span site_between(Position first, Position last, const std::string& remote) const {
    check_inside(std::max(first.low, last.low), remote);
    const bool over_origin =
        context_.circular && first.low == context_.length && last.low == 1 && remote.empty();
    if (!over_origin && last.low - 1 != first.low)
      fail("'^' between bases that are not neighbours");
    return {first.low, first.low, false, remote};
  }

  std::vector<Span> range(int64_t first, int64_t last, const std::string& remote) const {
    check_inside(std::max(first, last), remote);
    if (first <= last) return {{first - 1, last, false, remote}};
    if (!context_.circular || !remote.empty()) {
      throw Error(
          fmt::format("{}: the location '{}' holds the range {}..{}, which ends before it begins{}",
                      context_.where, shortened(text_), first, last,
                      remote.empty() ? " though the record is not circular" : ""));
    }
    return {{first - 1, context_.length, false, ""}, {0, last, false, ""}};
  }

  std::string_view text_;
  const LocationContext& context_;
  size_t at_ = 0;
};

}  // namespace

bool Location::is_remote() const {
  return std::any_of(spans.begin(), spans.end(),
                     [](const Span& span) { return !span.remote.empty(); });
}

Location parse_location(std::string_view text, const LocationContext& context) {
  return Parser(text, context).parse();
}

std::string letters_at(const Location& location, std::string_view record) {
  std::string letters;
  for (const Span& span : location.spans) {
    const std::string_view part =
        record.substr(static_cast<size_t>(span.begin), static_cast<size_t>(span.end - span.begin));
    letters += span.complement ? reverse_complement(part) : std::string(part);
  }
  return letters;
}

}  // namespace stroma
