#include <sstream>

#include "config/load_settings.h"
#include "config/settings_keys.h"

namespace dinsd {
namespace {

constexpr std::size_t kLineWidth = 110;

void WriteComment(std::ostream& out, const std::string& text) {
  std::istringstream words(text);
  std::string line = "#";
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > kLineWidth) {
      out << line << "\n";
      line.resize(1);
    }
    line += " " + word;
  }
  out << line << "\n";
}

std::string DefaultInWords(const Key& key) {
  if (!key.needed_with.empty()) return "needed with " + key.needed_with;
  return key.is_required ? "required" : "default " + key.fallback;
}

enum class Form {
  kOnce,
  kRepeated,
  kLeftOut,  // repeated, and nothing that everybody needs: a line begins with # and no blank
};

void WriteSection(std::ostream& out, const Section& section, Form form) {
  const bool is_repeated = form != Form::kOnce;
  const char* const mark = form == Form::kLeftOut ? "#" : "";
  out << "\n";
  WriteComment(out, section.about);
  out << mark << (is_repeated ? "[[" : "[") << section.name << (is_repeated ? "]]" : "]") << "\n";
  for (const Key& key : section.keys) {
    WriteComment(out, key.about);
    out << mark << key.name << " = " << key.fallback << "  # " << key.range << (key.unit.empty() ? "" : " ") << key.unit
        << ", ";
    out << DefaultInWords(key) << "\n";
  }
}

// A rule of the default set: only what it says beside its defaults, which the first one tells of every key.
void WriteRules(std::ostream& out) {
  std::vector<SeriesRule> rules = DefaultSeriesRules();
  SeriesRule none;
  const Section defaults = SectionOf(none);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Section section = SectionOf(rules[i]);
    out << "\n";
    if (i == 0) WriteComment(out, section.about);
    out << "[[" << section.name << "]]\n";
    for (std::size_t k = 0; k < section.keys.size(); ++k) {
      const Key& key = section.keys[k];
      const std::string fallback = defaults.keys[k].fallback;
      if (i > 0 && key.fallback == fallback) continue;
      if (i == 0) WriteComment(out, key.about);
      out << key.name << " = " << key.fallback;
      if (i == 0)
        out << "  # " << key.range << (key.unit.empty() ? "" : " ") << key.unit << ", "
            << (key.is_required ? "required" : "default " + fallback);
      out << "\n";
    }
  }
}

}  // namespace

std::string ExampleSettings() {
  std::ostringstream out;
  WriteComment(out,
               "Every setting of dinsd, with its range and default: what you leave out has its default. The daemon "
               "refuses to start on a key it does not know. Relative paths are relative to this file's folder.");
  Settings settings;
  const std::vector<Section> sections = SectionsOf(settings, "/");
  WriteSection(out, sections.front(), Form::kOnce);
  WatchSettings watch{.name = "incoming", .path = "/srv/dinsd/incoming"};
  WriteSection(out, SectionOf(watch, "/"), Form::kRepeated);
  ModelSettings model{.weights = "/usr/share/dinsd/weights/dinsd.safetensors"};
  WriteSection(out, SectionOf(model, "/"), Form::kRepeated);
  for (std::size_t i = 1; i < sections.size(); ++i) {
    WriteSection(out, sections[i], Form::kOnce);
    if (sections[i].name == "read") WriteRules(out);
  }
  DestinationSettings destination{.name = "pacs", .host = "pacs.example.org", .called_ae_title = "PACS"};
  destination.folder = "/srv/dinsd/sent";
  WriteSection(out, SectionOf(destination, "/"), Form::kLeftOut);
  return out.str();
}

}  // namespace dinsd
