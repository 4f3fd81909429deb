#include "daemon/verify/verification.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <map>

#include "daemon/verify/fixture_set.h"

namespace dinsd {
namespace {

using Check = void (*)(const FixtureFolder&, const VerificationConstants&);

const std::map<std::string, Check>& Checks() {
  static const std::map<std::string, Check> kChecks = {{"checkpoint", VerifyCheckpoint},
                                                       {"network", VerifyNetwork},
                                                       {"zoom", VerifyZoom},
                                                       {"guides", VerifyGuides},
                                                       {"skeleton", VerifySkeleton},
                                                       {"clicks", VerifyClicks},
                                                       {"metrics", VerifyMetrics},
                                                       {"box", VerifyBox},
                                                       {"boxloop", VerifyBoxLoop},
                                                       {"loop", VerifyLoop},
                                                       {"preprocess", VerifyPreprocess}};
  return kChecks;
}

VerificationRow Failure(const std::string& fixture, const std::string& why) {
  return {fixture, "-", 0, 0, false, why};
}

nlohmann::json ReadList(const std::filesystem::path& folder) {
  std::ifstream in(folder / "fixtures.json");
  if (!in) throw std::runtime_error((folder / "fixtures.json").string() + " cannot be opened");
  const nlohmann::json list = nlohmann::json::parse(in);
  if (list.value("schema", "") != "dins-fixtures/1")
    throw std::runtime_error("fixtures.json: schema is not dins-fixtures/1");
  if (list.at("fixtures").empty()) throw std::runtime_error("fixtures.json: the list of fixtures is empty");
  return list.at("fixtures");
}

void CheckOne(const std::filesystem::path& folder, const nlohmann::json& entry, const VerificationConstants& constants,
              std::vector<VerificationRow>& rows) {
  const std::string name = entry.is_object() ? entry.value("folder", "?") : "?";
  try {
    const std::string kind = entry.at("kind");
    const auto check = Checks().find(kind);
    if (check == Checks().end()) throw std::runtime_error("kind '" + kind + "' is not known");
    const std::size_t before = rows.size();
    check->second(FixtureFolder(folder, entry, rows), constants);
    if (rows.size() == before) rows.push_back(Failure(name, "nothing in it could be compared"));
  } catch (const std::exception& error) {
    rows.push_back(Failure(name, error.what()));
  }
}

}  // namespace

std::vector<VerificationRow> VerifyReference(const std::filesystem::path& folder,
                                             const VerificationConstants& constants, const OnFixture& on_fixture) {
  std::vector<VerificationRow> rows;
  nlohmann::json list;
  try {
    list = ReadList(folder);
  } catch (const std::exception& error) {
    return {Failure(folder.filename().string(), error.what())};
  }
  std::size_t number = 0;
  for (const nlohmann::json& entry : list) {
    ++number;
    if (on_fixture) on_fixture(entry.is_object() ? entry.value("folder", "?") : "?", number, list.size());
    CheckOne(folder, entry, constants, rows);
  }
  return rows;
}

std::string VerificationTable(const std::vector<VerificationRow>& rows) {
  std::string table;
  const auto add = [&](const char* fixture, const char* quantity, const char* worst, const char* tolerance,
                       const char* verdict, const char* note) {
    std::array<char, 1024> line{};
    std::snprintf(line.data(), line.size(), "%-24s %-40s %12s %12s  %-5s %s\n", fixture, quantity, worst, tolerance,
                  verdict, note);
    table += line.data();
  };
  add("fixture", "quantity", "worst", "tolerance", "pass", "");
  for (const VerificationRow& row : rows) {
    std::array<char, 32> worst{}, tolerance{};
    std::snprintf(worst.data(), worst.size(), "%.3g", row.worst);
    std::snprintf(tolerance.data(), tolerance.size(), "%.3g", row.tolerance);
    add(row.fixture.c_str(), row.quantity.c_str(), worst.data(), tolerance.data(), row.passes ? "yes" : "NO",
        row.note.c_str());
  }
  return table;
}

}  // namespace dinsd
