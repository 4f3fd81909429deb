#pragma once

#include <string>
#include <string_view>

#include "pipeline/report/safe_text.h"

namespace dinsd {

/// Markup that stands in the source code: it can only be made of a string literal, at compile time, so that no string
/// of an input can ever be taken for markup.
class Markup {
 public:
  template <std::size_t N>
  consteval Markup(const char (&literal)[N]) : text_(literal, N - 1) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// Anything else: it is cleaned and escaped on its way into a page.
struct Text {
  std::string_view value;
};

/// A piece of a page.
class Html {
 public:
  Html& operator<<(const Markup& markup) {
    page_ += markup.text();
    return *this;
  }
  Html& operator<<(const Text& text) {
    page_ += EscapeHtml(text.value);
    return *this;
  }
  Html& operator<<(const Html& piece) {
    page_ += piece.page_;
    return *this;
  }
  [[nodiscard]] const std::string& page() const { return page_; }
  [[nodiscard]] bool empty() const { return page_.empty(); }

 private:
  std::string page_;
};

}  // namespace dinsd
