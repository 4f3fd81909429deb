#include "config/publish_keys.h"

#include <optional>

namespace dinsd {
namespace {

// "VALUE SCHEME MEANING": the meaning may hold blanks. Nothing where it is none that DICOM can hold.
std::optional<DicomCode> CodeFrom(const std::string& text) {
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string::npos ? first : text.find(' ', first + 1);
  if (second == std::string::npos) return std::nullopt;
  DicomCode code{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
  return IsHoldable(code) ? std::optional(std::move(code)) : std::nullopt;
}

std::string TextOf(const DicomCode& code) {
  return code.value + " " + code.scheme + " " + code.meaning;
}

// "VALUE -> VALUE SCHEME MEANING".
std::optional<ReplacedCode> ReplacedFrom(const std::string& text) {
  const std::string arrow = " -> ";
  const std::size_t at = text.find(arrow);
  if (at == std::string::npos) return std::nullopt;
  const std::optional<DicomCode> by = CodeFrom(text.substr(at + arrow.size()));
  if (!by || !IsHoldable({text.substr(0, at), by->scheme, by->meaning})) return std::nullopt;
  return ReplacedCode{text.substr(0, at), *by};
}

Key CodeKey(const NamedCode& named, DicomCodes& codes) {
  DicomCode& field = codes.*named.code;
  return {named.name,
          "",
          "\"VALUE SCHEME MEANING\"",
          QuotedText(TextOf(field)),
          named.about,
          false,
          [&field](const toml::node& node) {
            const auto text = node.value_exact<std::string>();
            const std::optional<DicomCode> code = text ? CodeFrom(*text) : std::nullopt;
            if (code) field = *code;
            return code.has_value();
          }};
}

std::string ListText(const std::vector<ReplacedCode>& sites) {
  std::string text;
  for (const ReplacedCode& site : sites)
    text.append(text.empty() ? "" : ", ").append(QuotedText(site.value + " -> " + TextOf(site.by)));
  return "[" + text + "]";
}

Key ReplacedKey(std::vector<ReplacedCode>& field) {
  return {"replaced_sites",
          "",
          "\"VALUE -> VALUE SCHEME MEANING\"",
          ListText(field),
          "A site that the clicks name by an older code gets the newer one (CID 4031).",
          false,
          [&field](const toml::node& node) {
            const toml::array* list = node.as_array();
            if (list == nullptr) return false;
            std::vector<ReplacedCode> sites;
            for (const toml::node& item : *list) {
              const auto text = item.value_exact<std::string>();
              const std::optional<ReplacedCode> site = text ? ReplacedFrom(*text) : std::nullopt;
              if (!site) return false;
              sites.push_back(*site);
            }
            field = std::move(sites);
            return true;
          }};
}

}  // namespace

Section PublishSection(DicomOutputOptions& p) {
  Section section{"publish",
                  "Which DICOM objects the result of a DICOM study has beside its other files, and the codes in them.",
                  {FlagKey("seg", p.seg, "The mask as segmentation: dicom/seg.dcm."),
                   FlagKey("sr", p.sr, "The measurements as structured report (TID 1500): dicom/sr.dcm."),
                   FlagKey("rtstruct", p.rtstruct, "The mask as RT Structure Set: dicom/rtstruct.dcm."),
                   FlagKey("secondary_capture", p.secondary_capture, "The report's picture: dicom/sc.dcm."),
                   WholeKey("max_segments", p.max_segments, 1, 65535, "segments",
                            "Of one segmentation; more are divided from head to feet: dicom/seg-1.dcm, ...")}};
  for (const NamedCode& named : CodesByName()) section.keys.push_back(CodeKey(named, p.codes));
  section.keys.push_back(ReplacedKey(p.replaced_sites));
  return section;
}

}  // namespace dinsd
