#include "pipeline/import/mask_source.h"

#include <algorithm>
#include <cctype>
#include <exception>
#include <map>

#include "pipeline/read/code_points.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::size_t kLongestId = 64;  // of a lesion of dinsd-prompts/1

std::string UpperCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

}  // namespace

std::string MakerWords(const std::string& manufacturer, const std::string& model, const std::string& software) {
  std::string words;
  for (const std::string& word : {manufacturer, model, software}) {
    if (word.empty() || words.find(word) != std::string::npos) continue;
    if (word.starts_with(words)) words.clear();  // "dinsd 1.0" says "dinsd" too
    words.append(words.empty() ? "" : " ").append(word);
  }
  return words.empty() ? "not stated" : words;
}

bool SaysPreliminary(const std::string& label, const std::string& description) {
  return UpperCase(label).find("PRELIMINARY") != std::string::npos ||
         UpperCase(description).find("PRELIMINARY") != std::string::npos;
}

void GiveIds(const std::string& what, std::vector<ImportedLesion>& lesions) {
  std::map<std::string, int> count;
  for (ImportedLesion& lesion : lesions) {
    if (IsBlank(lesion.id) || lesion.id.size() > kLongestId) lesion.id = what + " " + std::to_string(lesion.number);
    ++count[lesion.id];
  }
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    std::string& id = lesions[n].id;
    if (count[id] == 1) continue;
    std::string numbered = what + " " + std::to_string(lesions[n].number);
    while (count.contains(numbered)) numbered.append("'");
    ++count[numbered];
    id = numbered;
  }
}

void Refusing(const std::string& file, const std::function<void()>& read) {
  try {
    read();
  } catch (const InputError& error) {
    throw InputError(error.code(), error.file(), error.field(), error.sentence(), InputVerdict::kNeedsPrompts);
  } catch (const std::exception& error) {
    throw InputError("MASK_UNREADABLE", file, "", std::string("cannot be read: ") + error.what(),
                     InputVerdict::kNeedsPrompts);
  }
}

bool CanBeRead(const std::string& file, const std::function<void()>& read, MaskSource& source) {
  std::string why;
  try {
    read();
    return true;
  } catch (const InputError& error) {
    why = error.code() + ": " + error.sentence();
  } catch (const std::exception& error) {
    why = error.what();
  }
  source.not_taken.push_back(file + ": cannot be read, " + why);
  return false;
}

}  // namespace dinsd
