#include "pipeline/read/study_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "pipeline/read/json_schema.h"
#include "pipeline/read/station_map.h"

namespace dinsd {

extern const std::string_view kInspectedStudySchemaText;

namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> kFormats = {"nifti", "nrrd", "meta-image", "dicom"};       // ImageFormat
constexpr std::array<const char*, 3> kVerdicts = {"rejected", "quarantined", "needs_prompts"};  // InputVerdict
constexpr double kDirectionTolerance = 0.01;
constexpr std::size_t kLongestText = 4096;

template <typename Enum, std::size_t kCount>
Enum FromWord(const std::array<const char*, kCount>& words, const json& word) {
  const auto found = std::find(words.begin(), words.end(), word.get_ref<const std::string&>());
  return static_cast<Enum>(found - words.begin());
}

// Each byte as one code point: names and descriptions need not be UTF-8, which JSON has to be.
json Text(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) text += static_cast<char>(0xC0 | (byte >> 6));
    text += byte >= 0x80 ? static_cast<char>(0x80 | (byte & 0x3F)) : c;
  }
  return text;
}

// Words for people may be cut; names are never that long.
json ShortText(const std::string& bytes) {
  return Text(bytes.substr(0, kLongestText));
}

json Texts(const std::vector<std::string>& all) {
  json array = json::array();
  for (const std::string& one : all) array.push_back(Text(one));
  return array;
}

std::string Bytes(const json& value) {
  std::string bytes;
  const auto& text = value.get_ref<const std::string&>();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      bytes += static_cast<char>(lead << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F));
    } else {
      throw std::invalid_argument("inspected study: a text holds a code point above U+00FF");
    }
  }
  return bytes;
}

std::vector<std::string> AllBytes(const json& array) {
  std::vector<std::string> all;
  for (const json& text : array) all.push_back(Bytes(text));
  return all;
}

json ErrorToJson(const InputError& error) {
  return {{"code", Text(error.code())},
          {"file", Text(error.file())},
          {"field", ShortText(error.field())},
          {"sentence", ShortText(error.sentence())},
          {"verdict", kVerdicts.at(static_cast<std::size_t>(error.verdict()))}};
}

std::optional<InputError> OptionalError(const json& object, const char* name) {
  const auto error = object.find(name);
  if (error == object.end()) return std::nullopt;
  return InputError(Bytes(error->at("code")), Bytes(error->at("file")), Bytes(error->at("field")),
                    Bytes(error->at("sentence")), FromWord<InputVerdict>(kVerdicts, error->at("verdict")));
}

std::optional<double> OptionalNumber(const json& object, const char* name) {
  return object.contains(name) ? std::optional(object.at(name).get<double>()) : std::nullopt;
}

void Put(json& object, const char* name, const std::optional<double>& value) {
  if (value) object[name] = *value;
}

json IdentityToJson(const StudyIdentity& identity) {
  json object = {{"patient", Text(identity.patient)},
                 {"issuer", Text(identity.issuer)},
                 {"study_uid", Text(identity.study_uid)},
                 {"study_date", Text(identity.study_date)}};
  Put(object, "weight_kg", identity.weight_kg);
  Put(object, "size_m", identity.size_m);
  Put(object, "age_years", identity.age_years);
  return object;
}

StudyIdentity IdentityFromJson(const json& object) {
  return {.patient = Bytes(object.at("patient")),
          .issuer = Bytes(object.at("issuer")),
          .study_uid = Bytes(object.at("study_uid")),
          .study_date = Bytes(object.at("study_date")),
          .weight_kg = OptionalNumber(object, "weight_kg"),
          .size_m = OptionalNumber(object, "size_m"),
          .age_years = OptionalNumber(object, "age_years")};
}

json GridToJson(const GridGeometry& grid) {
  return {{"size", grid.size}, {"spacing", grid.spacing}, {"origin", grid.origin}, {"direction", grid.direction}};
}

GridGeometry GridFromJson(const json& object) {
  GridGeometry grid;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grid.size[axis] = static_cast<std::int64_t>(object.at("size")[axis].get<double>());
  }
  object.at("spacing").get_to(grid.spacing);
  object.at("origin").get_to(grid.origin);
  object.at("direction").get_to(grid.direction);
  return grid;
}

// The grid and slices of an image that cannot be used may be anything, even no numbers: they are not sent.
json ImageToJson(const StudyImage& image) {
  json object = {{"format", kFormats.at(static_cast<std::size_t>(image.format))},
                 {"files", Texts(image.files)},
                 {"file_sha256", image.file_sha256},
                 {"sop_instance_uids", Texts(image.sop_instance_uids)},
                 {"series_uid", Text(image.series_uid)},
                 {"part", ShortText(image.part)},
                 {"frame_of_reference_uid", Text(image.frame_of_reference_uid)},
                 {"sequence", ShortText(image.sequence)},
                 {"description", ShortText(image.description)},
                 {"grid", GridToJson(image.error ? GridGeometry{} : image.grid)},
                 {"is_chosen", image.is_chosen},
                 {"reason", ShortText(image.reason)},
                 {"notes", json::array()},
                 {"slice_positions", image.error ? std::vector<double>{} : image.slice_positions},
                 {"interpolate_slices", image.interpolate_slices}};
  for (const std::string& note : image.notes) object["notes"].push_back(ShortText(note));
  for (const FramePlace& place : image.frames) object["frames"].push_back({place.file, place.frame});
  if (!image.stack_id.empty()) object["stack_id"] = ShortText(image.stack_id);
  if (image.error) object["error"] = ErrorToJson(*image.error);
  for (const StudyImage& station : image.stations) object["stations"].push_back(ImageToJson(station));
  return object;
}

// An array of pairs; absent where a file holds one slice.
std::vector<FramePlace> FramesFromJson(const json& object) {
  std::vector<FramePlace> frames;
  if (!object.contains("frames")) return frames;
  for (const json& pair : object.at("frames")) frames.push_back({pair[0].get<std::size_t>(), pair[1].get<int>()});
  return frames;
}

StudyImage ImageFromJson(const json& object) {
  StudyImage image{.format = FromWord<ImageFormat>(kFormats, object.at("format")),
                   .files = AllBytes(object.at("files")),
                   .file_sha256 = object.at("file_sha256"),
                   .sop_instance_uids = AllBytes(object.at("sop_instance_uids")),
                   .series_uid = Bytes(object.at("series_uid")),
                   .part = Bytes(object.at("part")),
                   .frame_of_reference_uid = Bytes(object.at("frame_of_reference_uid")),
                   .stack_id = object.contains("stack_id") ? Bytes(object.at("stack_id")) : "",
                   .sequence = Bytes(object.at("sequence")),
                   .description = Bytes(object.at("description")),
                   .grid = GridFromJson(object.at("grid")),
                   .is_chosen = object.at("is_chosen"),
                   .reason = Bytes(object.at("reason")),
                   .error = OptionalError(object, "error"),
                   .notes = AllBytes(object.at("notes")),
                   .slice_positions = object.at("slice_positions"),
                   .interpolate_slices = object.at("interpolate_slices"),
                   .frames = FramesFromJson(object)};
  if (!object.contains("stations")) return image;
  for (const json& station : object.at("stations")) image.stations.push_back(ImageFromJson(station));
  return image;
}

double Determinant(const std::array<double, 9>& m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

bool IsUsable(const GridGeometry& grid) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (grid.size[axis] < 1 || !(grid.spacing[axis] > 0)) return false;
  }
  return std::abs(std::abs(Determinant(grid.direction)) - 1) < kDirectionTolerance;
}

bool IsUsable(const StudyImage& image) {
  const bool has_uids = image.sop_instance_uids.empty() || image.sop_instance_uids.size() == image.files.size();
  const bool has_places = std::all_of(image.frames.begin(), image.frames.end(),
                                      [&](const FramePlace& place) { return place.file < image.files.size(); });
  return has_places && !image.files.empty() && image.files.size() == image.file_sha256.size() && has_uids &&
         !image.error && IsUsable(image.grid);
}

// One level deep, each usable, and together the grid of the image.
bool AreUsable(const std::vector<StudyImage>& stations, const GridGeometry& grid) {
  std::vector<GridGeometry> grids;
  for (const StudyImage& station : stations) {
    if (!station.stations.empty() || !IsUsable(station)) return false;
    grids.push_back(station.grid);
  }
  try {
    return MapStations(grids, 0).grid == grid;
  } catch (const InputError&) {
    return false;
  }
}

void CheckChosen(const StudyImage& image, std::size_t index) {
  const bool is_good = IsUsable(image) && (image.stations.empty() || AreUsable(image.stations, image.grid));
  if (!is_good) {
    throw std::invalid_argument("inspected study [/images/" + std::to_string(index) + "]: is chosen but not usable");
  }
}

// Before the schema follows them down: stations have none.
bool HasNestedStations(const json& document) {
  const auto array = [](const json& of, const char* name) -> const json& {
    static const json kNone = json::array();
    const bool is_there = of.is_object() && of.contains(name) && of.at(name).is_array();
    return is_there ? of.at(name) : kNone;
  };
  for (const json& image : array(document, "images")) {
    for (const json& station : array(image, "stations")) {
      if (station.is_object() && station.contains("stations")) return true;
    }
  }
  return false;
}

}  // namespace

json StudyToJson(const InspectedStudy& study) {
  json document = {{"identity", IdentityToJson(study.identity)},
                   {"name", Text(study.name)},
                   {"has_manifest", study.has_manifest},
                   {"digests", json::array()},
                   {"images", json::array()},
                   {"prompt_files", Texts(study.prompt_files)},
                   {"other_files", Texts(study.other_files)}};
  if (!study.mask_files.empty()) document["mask_files"] = Texts(study.mask_files);
  if (study.unlisted_files > 0) document["unlisted_files"] = study.unlisted_files;
  if (study.instances > 0) document["instances"] = study.instances;
  for (const FileDigest& digest : study.digests) {
    document["digests"].push_back({{"file", Text(digest.file)},
                                   {"sha256", digest.sha256},
                                   {"pixel_sha256", digest.pixel_sha256},
                                   {"sop_instance_uid", Text(digest.sop_instance_uid)}});
  }
  for (const StudyImage& image : study.images) document["images"].push_back(ImageToJson(image));
  if (study.no_choice) document["no_choice"] = ErrorToJson(*study.no_choice);
  return document;
}

InspectedStudy StudyFromJson(const json& document) {
  static const JsonSchema schema(kInspectedStudySchemaText);
  if (HasNestedStations(document)) throw std::invalid_argument("inspected study [/images]: a station has stations");
  if (const auto violation = schema.Check(document, /*shows_values=*/false)) {
    throw std::invalid_argument("inspected study [" + violation->pointer + "]: " + violation->sentence);
  }
  InspectedStudy study{
      .identity = IdentityFromJson(document.at("identity")),
      .name = Bytes(document.at("name")),
      .has_manifest = document.at("has_manifest"),
      .no_choice = OptionalError(document, "no_choice"),
      .prompt_files = AllBytes(document.at("prompt_files")),
      .mask_files = document.contains("mask_files") ? AllBytes(document.at("mask_files")) : std::vector<std::string>{},
      .other_files = AllBytes(document.at("other_files")),
      .unlisted_files = document.value("unlisted_files", std::size_t{0}),
      .instances = document.value("instances", std::size_t{0})};
  for (const json& digest : document.at("digests")) {
    study.digests.push_back({Bytes(digest.at("file")), digest.at("sha256"), digest.at("pixel_sha256"),
                             Bytes(digest.at("sop_instance_uid"))});
  }
  std::size_t chosen = 0;
  for (const json& image : document.at("images")) {
    study.images.push_back(ImageFromJson(image));
    if (!study.images.back().is_chosen) continue;
    CheckChosen(study.images.back(), study.images.size() - 1);
    if (++chosen > 1) throw std::invalid_argument("inspected study [/images]: more than one is chosen");
  }
  return study;
}

}  // namespace dinsd
