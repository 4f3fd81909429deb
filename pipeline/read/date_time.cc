#include "pipeline/read/date_time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace dinsd {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Takes a text apart from its front; once something was not as expected it stays false.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int Digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = Next();
      is_good_ = is_good_ && IsDigit(c);
      value = value * 10 + (c - '0');
    }
    return is_good_ ? value : 0;
  }

  void Expect(char upper) {
    const char c = Next();
    is_good_ = is_good_ && (c == upper || (c >= 'a' && c <= 'z' && c - 'a' + 'A' == upper));
  }

  [[nodiscard]] bool IsNext(char c) const { return is_good_ && !rest_.empty() && rest_.front() == c; }
  [[nodiscard]] bool IsDigitNext() const { return is_good_ && !rest_.empty() && IsDigit(rest_.front()); }
  [[nodiscard]] bool IsDone() const { return is_good_ && rest_.empty(); }
  void Fail() { is_good_ = false; }

 private:
  char Next() {
    if (rest_.empty()) {
      is_good_ = false;
      return '0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

std::int64_t TakeDate(Cursor& cursor) {
  const int year = cursor.Digits(4);
  cursor.Expect('-');
  const int month = cursor.Digits(2);
  cursor.Expect('-');
  const int day = cursor.Digits(2);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1) {
    cursor.Fail();
    return 0;
  }
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::int64_t TakeMicroseconds(Cursor& cursor) {
  const int hour = cursor.Digits(2);
  cursor.Expect(':');
  const int minute = cursor.Digits(2);
  cursor.Expect(':');
  const int second = cursor.Digits(2);
  if (hour > 23 || minute > 59 || second > 60) cursor.Fail();
  std::int64_t fraction = 0;
  if (cursor.IsNext('.')) {
    cursor.Expect('.');
    std::int64_t unit = 100'000;
    do {
      fraction += unit * cursor.Digits(1);
      unit /= 10;
    } while (cursor.IsDigitNext());
  }
  return ((hour * 60 + minute) * 60 + second) * std::int64_t{1'000'000} + fraction;
}

std::int64_t TakeOffsetMinutes(Cursor& cursor) {
  if (!cursor.IsNext('+') && !cursor.IsNext('-')) {
    cursor.Expect('Z');
    return 0;
  }
  const bool is_west = cursor.IsNext('-');
  cursor.Expect(is_west ? '-' : '+');
  const int hours = cursor.Digits(2);
  cursor.Expect(':');
  const int minutes = cursor.Digits(2);
  if (hours > 23 || minutes > 59) cursor.Fail();
  return (is_west ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int64_t> ParseDate(std::string_view text) {
  Cursor cursor(text);
  const std::int64_t days = TakeDate(cursor);
  return cursor.IsDone() ? std::optional(days) : std::nullopt;
}

std::optional<std::int64_t> ParseDateTime(std::string_view text) {
  Cursor cursor(text);
  const std::int64_t days = TakeDate(cursor);
  cursor.Expect('T');
  const std::int64_t microseconds = TakeMicroseconds(cursor);
  const std::int64_t offset = TakeOffsetMinutes(cursor);
  if (!cursor.IsDone()) return std::nullopt;
  return (days * 24 * 60 - offset) * 60'000'000 + microseconds;
}

std::int64_t UnixNow() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

std::string FaultOfDay(std::int64_t day, std::int64_t unix_now) {
  using std::chrono::days, std::chrono::sys_days, std::chrono::year;
  const sys_days date{days(day)};
  if (date < sys_days(year(1900) / 1 / 1)) return "lies before 1900-01-01";
  const auto today = std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(unix_now)));
  if (date <= today + days(1)) return "";
  return "lies in the future: today is " + FormatDateTime(unix_now).substr(0, 10);
}

std::string FormatDateTime(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace dinsd
