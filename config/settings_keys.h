#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/key.h"
#include "config/settings.h"

namespace dinsd {

/// One table of dinsd.toml with its keys, bound to one struct.
struct Section {
  std::string name;
  std::string about;
  std::vector<Key> keys;
};

/// The tables that stand in the file once at most, bound to `settings`, in the order of the example.
[[nodiscard]] std::vector<Section> SectionsOf(Settings& settings, const std::filesystem::path& base);

/// The tables that may be repeated, bound to one entry.
[[nodiscard]] Section SectionOf(WatchSettings& watch, const std::filesystem::path& base);
[[nodiscard]] Section SectionOf(ModelSettings& model, const std::filesystem::path& base);
[[nodiscard]] Section SectionOf(DestinationSettings& destination, const std::filesystem::path& base);

[[nodiscard]] Section SenderSection(SenderSettings& sender, const std::filesystem::path& base);
[[nodiscard]] Section SectionOf(SeriesRule& rule);

}  // namespace dinsd
