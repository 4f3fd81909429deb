#include "pipeline/read/strict_json.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace dinsd {
namespace {

using nlohmann::json;

constexpr int kNumberOverflow = 406;  // of nlohmann::json::out_of_range

// What is open while a document is read; nlohmann's parser would keep the last of two equal keys without a word.
class OpenValues {
 public:
  OpenValues(const std::string& file, const JsonKind& kind) : file_(file), kind_(kind) {}

  bool On(json::parse_event_t event, const json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        if (open_.size() == kMaxJsonDepth) Refuse("", "is nested deeper than " + std::to_string(kMaxJsonDepth));
        BeginValue();
        open_.push_back({.is_array = event == json::parse_event_t::array_start});
        break;
      case json::parse_event_t::object_end:
      case json::parse_event_t::array_end:
        open_.pop_back();
        break;
      case json::parse_event_t::key:
        open_.back().key = parsed.get<std::string>();
        open_.back().awaits_value = true;
        if (!open_.back().keys.insert(open_.back().key).second) Refuse(Pointer(), "is there twice in one object");
        break;
      case json::parse_event_t::value:
        BeginValue();
        break;
    }
    return true;
  }

  // Where the parser stands: the value that it reads or is about to read.
  [[nodiscard]] std::string Pointer() const {
    std::string pointer;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      const Open& open = open_[i];
      const bool is_last = i + 1 == open_.size();
      if (open.is_array) {
        pointer = PointerTo(pointer, std::to_string(is_last ? open.begun : open.begun - 1));
      } else if (!is_last || open.awaits_value) {
        pointer = PointerTo(pointer, open.key);
      }
    }
    return pointer;
  }

 private:
  struct Open {
    bool is_array = false;
    std::size_t begun = 0;  // elements of an array
    std::set<std::string> keys;
    std::string key;  // the latest
    bool awaits_value = false;
  };

  void BeginValue() {
    if (open_.empty()) return;
    ++open_.back().begun;
    open_.back().awaits_value = false;
  }

  [[noreturn]] void Refuse(const std::string& pointer, const std::string& sentence) const {
    RefuseJson(kind_, file_, pointer, sentence);
  }

  const std::string& file_;
  const JsonKind& kind_;
  std::vector<Open> open_;
};

// Whether the word at `position` is one of the numbers that JSON does not have.
bool IsWordForNoNumber(std::string_view text, std::size_t position) {
  const auto is_letter = [&](std::size_t i) { return std::isalpha(static_cast<unsigned char>(text[i])) != 0; };
  std::size_t begin = std::min(position, text.size());
  if (begin < text.size() && is_letter(begin)) ++begin;
  while (begin > 0 && is_letter(begin - 1)) --begin;
  std::string word;
  for (std::size_t i = begin; i < text.size() && is_letter(i) && word.size() < 9; ++i) {
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
  }
  return word == "nan" || word == "inf" || word == "infinity";
}

}  // namespace

void RefuseJson(const JsonKind& kind, const std::string& file, const std::string& pointer,
                const std::string& sentence) {
  throw InputError(kind.bad_schema, file, pointer, sentence, kind.verdict);
}

json ParseStrictJson(std::span<const std::byte> bytes, const std::string& file, const JsonKind& kind) {
  if (bytes.size() > kind.max_bytes) {
    RefuseJson(kind, file, "", std::to_string(bytes.size()) + " bytes, " + std::to_string(kind.max_bytes) + " allowed");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.find('\0') !=
      std::string_view::npos) {  // the parser would take it for the end, and what follows for nothing
    RefuseJson(kind, file, "", "is no JSON: byte " + std::to_string(text.find('\0') + 1) + " is zero");
  }
  OpenValues open(file, kind);
  json document;
  try {
    document = json::parse(text.begin(), text.end(),
                           [&](int, json::parse_event_t event, json& parsed) { return open.On(event, parsed); });
  } catch (const json::parse_error& error) {  // its own message would repeat what the file says
    if (error.byte > 0 && IsWordForNoNumber(text, error.byte - 1)) {
      throw InputError(kind.not_finite, file, open.Pointer(), "NaN or Infinity at byte " + std::to_string(error.byte),
                       kind.verdict);
    }
    RefuseJson(kind, file, "", "is no JSON in UTF-8: byte " + std::to_string(error.byte));
  } catch (const json::out_of_range& error) {
    if (error.id != kNumberOverflow) throw;
    throw InputError(kind.not_finite, file, open.Pointer(), "a number is beyond the range of a double", kind.verdict);
  }
  if (const auto violation = kind.schema.Check(document, kind.shows_values)) {
    RefuseJson(kind, file, violation->pointer, violation->sentence);
  }
  return document;
}

}  // namespace dinsd
