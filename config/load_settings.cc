#include "config/load_settings.h"

#include <algorithm>
#include <set>

#include "config/destination_checks.h"
#include "config/settings_keys.h"
#include "config/suggestion.h"
#include "config/watch_places.h"

namespace dinsd {
namespace {

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

// Collects what is wrong, in the order of the file.
class Faults {
 public:
  explicit Faults(std::filesystem::path file) : file_(std::move(file)) {}

  void Add(const toml::source_region& where, const std::string& sentence) { Add(where.begin.line, sentence); }
  void Add(std::size_t line, const std::string& sentence) { found_.emplace_back(line, sentence); }
  [[nodiscard]] std::size_t count() const { return found_.size(); }

  void ThrowIfAny() {
    if (found_.empty()) return;
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> lines;
    for (const auto& [line, sentence] : found_) {
      std::string place = file_.string();
      if (line > 0) place.append(":").append(std::to_string(line));  // 0: of the file as a whole
      lines.push_back(place + ": " + sentence);
    }
    throw ConfigError(lines);
  }

 private:
  std::filesystem::path file_;
  std::vector<std::pair<std::size_t, std::string>> found_;
};

std::string Suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::optional<std::string> near = NearestWord(word, known);
  return near ? ", did you mean \"" + *near + "\"?" : "";
}

std::vector<std::string> NamesOf(const Section& section) {
  std::vector<std::string> names;
  for (const Key& key : section.keys) names.push_back(key.name);
  return names;
}

std::string ValueText(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return QuotedText(text->substr(0, 60));
  std::ostringstream out;
  node.visit([&out](const auto& value) { out << value; });
  const std::string text = out.str();
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

// Whether the table's keys are as they must be, each by itself.
bool ApplyTable(const toml::table& table, const Section& section, Faults& faults) {
  const std::size_t before = faults.count();
  for (const auto& [key, node] : table) {
    const auto known = std::find_if(section.keys.begin(), section.keys.end(),
                                    [&, name = key.str()](const Key& candidate) { return candidate.name == name; });
    const std::string full = "\"" + section.name + "." + std::string(key.str()) + "\"";
    if (known == section.keys.end()) {
      faults.Add(key.source(), "unknown key " + full + Suggestion(key.str(), NamesOf(section)));
    } else if (!known->set(node)) {
      faults.Add(key.source(), full + " is " + ValueText(node) + ", must be " + known->range +
                                   (known->unit.empty() ? "" : " " + known->unit));
    }
  }
  for (const Key& key : section.keys) {
    if (key.is_required && !table.contains(key.name))
      faults.Add(table.source(), "[[" + section.name + "]] needs the key \"" + key.name + "\"");
  }
  return faults.count() == before;
}

// One [[watch]], [[model]] or [[destination]] of the file.
struct EntryPlace {
  std::size_t line = 0;
  bool is_sound = true;
};

// What the settings come from. Where a key was refused its default stands, which no other key may be held against.
struct Origin {
  const toml::table& root;
  std::set<std::string> unsound;  // tables
  std::vector<EntryPlace> watches;
  std::vector<EntryPlace> models;
  std::vector<EntryPlace> destinations;
  std::vector<EntryPlace> series;

  [[nodiscard]] std::size_t LineOf(const std::string& table) const {
    const toml::node* node = root.get(table);
    return node == nullptr ? 1 : node->source().begin.line;
  }
};

// A table of settings that contradict each other, found by its own Check().
template <typename Options>
void CheckTable(const Origin& origin, const std::string& name, const Options& options, Faults& faults) {
  if (origin.unsound.contains(name)) return;
  try {
    options.Check();
  } catch (const std::invalid_argument& error) {
    faults.Add(origin.LineOf(name), "[" + name + "]: " + error.what());
  }
}

template <typename Entry>
Section SectionFor(Entry& entry, const std::filesystem::path& base) {
  return SectionOf(entry, base);
}

Section SectionFor(SeriesRule& rule, const std::filesystem::path& /*base*/) {
  return SectionOf(rule);
}

template <typename Entry>
void ApplyEntries(const toml::node& node, const std::string& name, const std::filesystem::path& base,
                  std::vector<Entry>& entries, std::vector<EntryPlace>& places, Faults& faults) {
  const toml::array* list = node.as_array();
  if (list == nullptr || !list->is_array_of_tables()) {
    faults.Add(node.source(), "\"" + name + "\" may be repeated: write [[" + name + "]]");
    return;
  }
  for (const toml::node& item : *list) {
    Entry entry;
    const bool is_sound = ApplyTable(*item.as_table(), SectionFor(entry, base), faults);
    entries.push_back(entry);
    places.push_back({item.source().begin.line, is_sound});
  }
}

void CheckWatches(const Settings& settings, const Origin& origin, Faults& faults) {
  for (std::size_t i = 0; i < settings.watches.size(); ++i) {
    const WatchSettings& watch = settings.watches[i];
    const auto [line, is_sound] = origin.watches[i];
    if (watch.name.empty() || watch.path.empty()) continue;  // said already
    if (is_sound && watch.ready == ReadyWhen::kQuiet && watch.hard_limit <= watch.quiet) {
      const std::string table = watch.name == kReceivedWatch ? "receiver" : "watch";
      faults.Add(line, "\"" + table + ".hard_limit_seconds\" is " + std::to_string(watch.hard_limit.count()) +
                           ", must be above \"" + table + ".quiet_seconds\", " + std::to_string(watch.quiet.count()) +
                           " s: no study could ever be complete");
    }
    if (!origin.unsound.contains("daemon")) {
      for (const std::string& fault : SharedWithOwnFolders(watch, settings.daemon)) faults.Add(line, fault);
    }
    for (std::size_t j = 0; j < i; ++j) {
      const WatchSettings& other = settings.watches[j];
      if (other.name == watch.name) faults.Add(line, "two watched folders are named \"" + watch.name + "\"");
      if (!other.path.empty() && LieWithinEachOther(other.path, watch.path))
        faults.Add(line, "the watched folders \"" + other.name + "\" and \"" + watch.name +
                             "\" lie within each other: " + BothInWords(other.path, watch.path));
    }
  }
}

void CheckModels(const Settings& settings, const Origin& origin, Faults& faults) {
  if (settings.models.empty()) faults.Add(1, "there is no [[model]]: name at least one weights file");
  for (std::size_t i = 0; i < settings.models.size(); ++i) {
    const ModelSettings& model = settings.models[i];
    if (!origin.models[i].is_sound) continue;
    if (model.min_slice_spacing_mm > model.max_slice_spacing_mm ||
        model.min_pixel_spacing_mm > model.max_pixel_spacing_mm)
      faults.Add(origin.models[i].line, "[[model]]: a smallest spacing is above the largest, no study can match");
  }
}

void CheckDestinations(const Settings& settings, const Origin& origin, Faults& faults) {
  for (std::size_t i = 0; i < settings.destinations.size(); ++i) {
    if (!origin.destinations[i].is_sound || origin.unsound.contains("daemon")) continue;
    for (const std::string& fault : DestinationFaults(settings, i)) faults.Add(origin.destinations[i].line, fault);
  }
  if (origin.unsound.contains("daemon") || origin.unsound.contains("sender")) return;
  for (const std::string& fault : SenderFaults(settings)) faults.Add(origin.LineOf("sender"), fault);
}

// Where either side was refused, nothing is known of the other.
void CheckCounting(const Settings& settings, const Origin& origin, Faults& faults) {
  const bool is_sound = std::all_of(origin.destinations.begin(), origin.destinations.end(),
                                    [](const EntryPlace& place) { return place.is_sound; });
  if (!is_sound || origin.unsound.contains("receiver")) return;
  for (const auto& [at, fault] : IdleFaults(settings)) faults.Add(origin.destinations[at].line, fault);
  for (const std::string& fault : CountFromFaults(settings)) faults.Add(origin.LineOf("receiver"), fault);
}

void CheckRules(const Settings& settings, const Origin& origin, Faults& faults) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < origin.series.size(); ++i) {
    const SeriesRule& rule = settings.read.dicom.series_rules[i];
    if (!origin.series[i].is_sound) continue;
    if (!names.insert(rule.name).second) faults.Add(origin.series[i].line, "two rules are named \"" + rule.name + "\"");
    try {
      rule.Check();
    } catch (const std::invalid_argument& error) {
      faults.Add(origin.series[i].line, std::string("[[series]]: ") + error.what());
    }
  }
}

void CheckTogether(const Origin& origin, const Settings& settings, Faults& faults) {
  CheckTable(origin, "queue", settings.queue.options, faults);
  SegmentOptions without_interval = settings.segment;  // those are of their own table
  without_interval.interval = {};
  CheckTable(origin, "segment", without_interval, faults);
  CheckTable(origin, "interval", settings.segment.interval, faults);
  CheckTable(origin, "publish", settings.publish, faults);
  CheckTable(origin, "read", settings.read.limits, faults);
  CheckRules(settings, origin, faults);
  DicomReadOptions without_rules = settings.read.dicom;
  without_rules.series_rules.clear();
  CheckTable(origin, "read", without_rules, faults);
  if (!origin.unsound.contains("queue") && settings.queue.heartbeat * 3 > settings.queue.options.lease) {
    faults.Add(origin.LineOf("queue"), "\"queue.heartbeat_seconds\" is " +
                                           std::to_string(settings.queue.heartbeat.count()) +
                                           ", must be at most a third of \"queue.lease_seconds\", " +
                                           std::to_string(settings.queue.options.lease.count()) + " s");
  }
  constexpr std::size_t kLongestSocket = 107;  // sun_path of unix(7)
  if (settings.daemon.socket.string().size() > kLongestSocket)
    faults.Add(1, "\"daemon.socket\" is longer than the " + std::to_string(kLongestSocket) +
                      " bytes that a socket's path may have");
  CheckWatches(settings, origin, faults);
  CheckModels(settings, origin, faults);
  CheckDestinations(settings, origin, faults);
  CheckCounting(settings, origin, faults);
}

Settings Apply(const toml::table& root, const std::filesystem::path& base, Faults& faults) {
  Settings settings;
  Origin origin{root, {}, {}, {}, {}};
  const std::vector<Section> sections = SectionsOf(settings, base);
  std::vector<std::string> known = {"watch", "model", "series", "destination"};
  for (const Section& section : sections) known.push_back(section.name);
  for (const auto& [key, node] : root) {
    const std::string name(key.str());
    const auto section = std::find_if(sections.begin(), sections.end(),
                                      [&](const Section& candidate) { return candidate.name == name; });
    if (name == "watch") {
      ApplyEntries(node, name, base, settings.watches, origin.watches, faults);
    } else if (name == "model") {
      ApplyEntries(node, name, base, settings.models, origin.models, faults);
    } else if (name == "destination") {
      ApplyEntries(node, name, base, settings.destinations, origin.destinations, faults);
    } else if (name == "series") {
      settings.read.dicom.series_rules.clear();  // those of the file stand in place of the default ones
      ApplyEntries(node, name, base, settings.read.dicom.series_rules, origin.series, faults);
    } else if (section == sections.end()) {
      faults.Add(key.source(), "unknown table \"" + name + "\"" + Suggestion(name, known));
    } else if (!node.is_table()) {
      faults.Add(key.source(), "\"" + name + "\" is a table: write [" + name + "]");
    } else if (!ApplyTable(*node.as_table(), *section, faults)) {
      origin.unsound.insert(name);
    }
  }
  if (settings.receiver.enabled && !origin.unsound.contains("receiver")) {
    settings.watches.push_back(settings.receiver.Watch());
    origin.watches.push_back({origin.LineOf("receiver"), true});
  }
  settings.receiver.jpeg_2000 = settings.read.dicom.jpeg_2000;
  if (std::any_of(settings.destinations.begin(), settings.destinations.end(),
                  [](const DestinationSettings& destination) { return destination.outbox.commitment; }))
    settings.receiver.reports_dir = settings.sender.spool_dir;
  CheckTogether(origin, settings, faults);
  return settings;
}

}  // namespace

ConfigError::ConfigError(std::vector<std::string> faults)
    : std::runtime_error(Joined(faults)), faults_(std::move(faults)) {}

Settings LoadSettings(const std::filesystem::path& file) {
  Faults faults(file);
  toml::table root;
  std::error_code missing;
  if (std::filesystem::is_directory(file, missing) || missing) {
    faults.Add(0, missing ? "cannot be read: " + missing.message() : "is a folder");
    faults.ThrowIfAny();
  }
  try {
    root = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    faults.Add(error.source(), std::string(error.description()));
    faults.ThrowIfAny();
  }
  Settings settings = Apply(root, std::filesystem::absolute(file).parent_path(), faults);
  faults.ThrowIfAny();
  return settings;
}

}  // namespace dinsd
