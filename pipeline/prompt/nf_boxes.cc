#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/prompt_image.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/json_schema.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

constexpr std::string_view kHeader = "pid,z1,z2,y1,y2,x1,x2,iter";
constexpr std::int64_t kMost = 1'000'000'000;

struct BoxRow {
  std::int64_t pid = 0;
  std::array<std::int64_t, 3> begin{}, end{};  // z, y, x
  std::int64_t iter = 0;
};

std::string PlaceOf(std::size_t line) {
  return "line " + std::to_string(line);
}

[[noreturn]] void Refuse(const char* code, const std::string& file, std::size_t line, const std::string& sentence) {
  throw InputError(code, file, PlaceOf(line), sentence, InputVerdict::kNeedsPrompts);
}

std::string_view NextLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::int64_t> Integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = error == std::errc() && end == text.data() + text.size() && value >= -kMost && value <= kMost;
  return is_good ? std::optional(value) : std::nullopt;
}

BoxRow ParseRow(std::string_view text, const std::string& file, std::size_t line) {
  std::array<std::int64_t, 8> cells{};
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::size_t comma = text.find(',');
    const std::string_view cell = text.substr(0, comma);
    const bool is_last = c + 1 == cells.size();
    if ((comma == std::string_view::npos) != is_last) Refuse("PROMPT_SCHEMA", file, line, "has not 8 cells");
    const auto value = Integer(cell);
    if (!value) Refuse("PROMPT_SCHEMA", file, line, QuotedForMessage(std::string(cell)) + " is no integer");
    cells[c] = *value;
    if (!is_last) text.remove_prefix(comma + 1);
  }
  return {cells[0], {cells[1], cells[3], cells[5]}, {cells[2], cells[4], cells[6]}, cells[7]};
}

std::optional<std::int64_t> PidOf(const StudyImage& image) {
  if (image.format == ImageFormat::kDicomSeries) return std::nullopt;
  const std::string name = std::filesystem::path(image.files.at(0)).filename().string();
  const std::string stem = name.substr(0, name.find('.'));
  const std::size_t last_other = stem.find_last_not_of("0123456789");
  return Integer(last_other == std::string::npos ? stem : stem.substr(last_other + 1));
}

AxisMap PublishedAxes(const GridGeometry& grid, const std::string& file) {
  try {
    return ChooseAxes(grid, AxisRule::kWorldAxes);
  } catch (const std::invalid_argument& error) {
    throw InputError("PROMPT_GRID_MISMATCH", file, "line 1", error.what(), InputVerdict::kNeedsPrompts);
  }
}

// The box of a row in voxels i, j, k.
PromptBox BoxOf(const BoxRow& row, const AxisMap& axes, const std::string& file, std::size_t line) {
  const Size3 size = axes.Size();
  const bool is_whole = row.begin[0] < 0;
  const Index3 first = is_whole ? Index3{} : Index3{row.begin[0], row.begin[1], row.begin[2]};
  const Index3 last =
      is_whole ? Index3{size.z - 1, size.y - 1, size.x - 1} : Index3{row.end[0] - 1, row.end[1] - 1, row.end[2] - 1};
  if (last.z < first.z || last.y < first.y || last.x < first.x)
    Refuse("PROMPT_OUTSIDE", file, line, "its box is empty");
  const auto a = axes.ToGrid(first), b = axes.ToGrid(last);
  PromptBox box;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    box.min[axis] = static_cast<double>(std::min(a[axis], b[axis]));
    box.max[axis] = static_cast<double>(std::max(a[axis], b[axis]) + 1);
  }
  if (row.iter < 1)
    Refuse("PROMPT_SCHEMA", file, line, "iter is " + std::to_string(row.iter) + ", at least 1 expected");
  box.click_budget = static_cast<int>(row.iter);
  box.place = PlaceOf(line);
  return box;
}

}  // namespace

Prompts ParseNfBoxes(std::span<const std::byte> bytes, const ForeignFile& file, const StudyImage& image,
                     const std::string& study_uid) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (NextLine(text) != kHeader) Refuse("PROMPT_SCHEMA", file.file, 1, "is not " + std::string(kHeader));
  const AxisMap axes = PublishedAxes(image.grid, file.file);
  const auto pid = PidOf(image);
  Prompts prompts{.image = NamesOf(image, study_uid), .space = PromptSpace::kVoxelIjk};
  prompts.image.grid = image.grid;
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::string_view row_text = NextLine(text);
    if (row_text.empty()) continue;
    const BoxRow row = ParseRow(row_text, file.file, line);
    if (row.pid != pid) continue;
    prompts.lesions.push_back({.id = "box " + std::to_string(prompts.lesions.size() + 1), .place = PlaceOf(line)});
    prompts.lesions.back().box = BoxOf(row, axes, file.file, line);
  }
  if (prompts.lesions.empty()) {
    throw InputError("PROMPT_IMAGE_MISMATCH", file.file, "pid",
                     pid ? "no row has the image's number " + std::to_string(*pid) : "the image has no number",
                     InputVerdict::kQuarantined);
  }
  prompts.provenance = {
      .source = "imported", .created = file.changed, .imported_from = "nf_box.csv sha256:" + file.sha256};
  CheckPrompts(prompts, file.file);
  return prompts;
}

}  // namespace dinsd
