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

void WriteSection(std::ostream& out, const Section& section, bool is_repeated) {
  out << "\n";
  WriteComment(out, section.about);
  out << (is_repeated ? "[[" : "[") << section.name << (is_repeated ? "]]" : "]") << "\n";
  for (const Key& key : section.keys) {
    WriteComment(out, key.about);
    out << key.name << " = " << key.fallback << "  # " << key.range << (key.unit.empty() ? "" : " ") << key.unit
        << ", ";
    out << (key.is_required ? "required" : "default " + key.fallback) << "\n";
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
  WriteSection(out, sections.front(), false);
  WatchSettings watch{.name = "incoming", .path = "/srv/dinsd/incoming"};
  WriteSection(out, SectionOf(watch, "/"), true);
  ModelSettings model{.weights = "/usr/share/dinsd/weights/dinsd.safetensors"};
  WriteSection(out, SectionOf(model, "/"), true);
  for (std::size_t i = 1; i < sections.size(); ++i) WriteSection(out, sections[i], false);
  return out.str();
}

}  // namespace dinsd
