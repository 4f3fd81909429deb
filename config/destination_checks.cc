#include "config/destination_checks.h"

#include <algorithm>
#include <utility>

#include "config/watch_places.h"

namespace dinsd {
namespace {

using Faults = std::vector<std::string>;

std::string Quoted(const std::string& key) {
  return std::string("\"").append(key).append("\"");
}

bool Takes(const DestinationSettings& destination, const char* part) {
  return std::find(destination.takes.begin(), destination.takes.end(), part) != destination.takes.end();
}

void AddOfPeer(const DestinationSettings& destination, Faults& faults) {
  const auto need = [&](bool is_there, const char* key) {
    if (!is_there) faults.push_back("[[destination]] of kind \"cstore\" needs the key " + Quoted(key));
  };
  need(!destination.host.empty(), "host");
  need(!destination.called_ae_title.empty(), "called_ae_title");
  if (!destination.folder.empty()) faults.push_back("\"destination.folder\" is for the kind \"folder\" only");
  for (const char* part : {"mask", "report"}) {
    if (Takes(destination, part))
      faults.push_back("\"destination.takes\" has " + Quoted(part) +
                       ", which is no DICOM object: for the kind \"folder\"");
  }
}

// What is written there must neither be taken for a study nor for a result.
void AddShared(const std::string& key, const std::filesystem::path& folder, const Settings& settings, Faults& faults) {
  const auto add = [&](const std::string& other_key, const std::filesystem::path& other) {
    if (!other.empty() && LieWithinEachOther(folder, other))
      faults.push_back(Quoted(key) + " and " + Quoted(other_key) +
                       " lie within each other: " + BothInWords(folder, other));
  };
  add("daemon.state_dir", settings.daemon.state_dir);
  add("daemon.results_dir", settings.daemon.results_dir);
  for (const WatchSettings& watch : settings.watches) add(PathKeyOf(watch), watch.path);
}

void AddOfFolder(const Settings& settings, const DestinationSettings& destination, Faults& faults) {
  if (destination.folder.empty()) {
    faults.emplace_back("[[destination]] of kind \"folder\" needs the key \"folder\"");
  } else {
    AddShared("destination.folder", destination.folder, settings, faults);
  }
  for (const auto& [is_given, key] :
       {std::pair(!destination.host.empty(), "host"),
        std::pair(!destination.called_ae_title.empty(), "called_ae_title"), std::pair(destination.tls.enabled, "tls"),
        std::pair(destination.outbox.commitment, "commitment"), std::pair(destination.outbox.query, "query")}) {
    if (is_given)
      faults.push_back(Quoted(std::string("destination.").append(key)) + " is for the kind \"cstore\" only");
  }
}

}  // namespace

Faults DestinationFaults(const Settings& settings, std::size_t at) {
  const DestinationSettings& destination = settings.destinations[at];
  Faults faults;
  if (destination.kind == DestinationKind::kCStore) {
    AddOfPeer(destination, faults);
  } else {
    AddOfFolder(settings, destination, faults);
  }
  try {
    destination.outbox.Check();
  } catch (const std::invalid_argument& error) {
    faults.push_back(std::string("[[destination]]: ").append(error.what()));
  }
  for (std::size_t other = 0; other < at; ++other) {
    if (settings.destinations[other].name == destination.name)
      faults.push_back("two destinations are named " + Quoted(destination.name));
  }
  return faults;
}

std::vector<std::pair<std::size_t, std::string>> IdleFaults(const Settings& settings) {
  std::vector<std::pair<std::size_t, std::string>> faults;
  for (std::size_t i = 0; i < settings.destinations.size(); ++i) {
    const DestinationSettings& destination = settings.destinations[i];
    if (!destination.takes.empty() || destination.name == settings.receiver.count_from) continue;
    faults.emplace_back(i, "\"destination.takes\" is empty, and \"receiver.count_from\" does not name " +
                               Quoted(destination.name) + ": it would get nothing and be asked nothing");
  }
  return faults;
}

Faults CountFromFaults(const Settings& settings) {
  const std::string& name = settings.receiver.count_from;
  const bool is_there =
      name.empty() || std::any_of(settings.destinations.begin(), settings.destinations.end(),
                                  [&](const auto& d) { return d.name == name && d.kind == DestinationKind::kCStore; });
  if (is_there) return {};
  return {"\"receiver.count_from\" is " + Quoted(name) + ", but no [[destination]] of kind \"cstore\" has that name"};
}

Faults SenderFaults(const Settings& settings) {
  Faults faults;
  const bool is_used = std::any_of(settings.destinations.begin(), settings.destinations.end(),
                                   [](const auto& d) { return d.kind == DestinationKind::kCStore; });
  if (is_used) AddShared("sender.spool_dir", settings.sender.spool_dir, settings, faults);
  return faults;
}

}  // namespace dinsd
