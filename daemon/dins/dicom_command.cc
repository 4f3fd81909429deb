#include <dcmtk/dcmnet/scu.h>
#include <dcmtk/oflog/oflog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/dins/commands.h"
#include "daemon/dins/dicom_peer.h"
#include "daemon/dins/dicom_query.h"
#include "daemon/tls/tls_layer.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_transfer_syntax.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostContexts = 128;  // of one association

struct DicomRequest {
  DicomPeer peer;
  DicomQuery query;
  fs::path folder;
};

using Kind = std::pair<std::string, std::string>;  // SOP class and transfer syntax

struct Found {
  std::map<Kind, std::vector<fs::path>> objects;
  int others = 0;  // files that are no DICOM objects, or broken ones
};

void Echo(const DicomRequest& asked) {
  TlsLayer layer;
  TlsScu peer;
  OFList<OFString> syntaxes;
  syntaxes.push_back(UID_LittleEndianImplicitTransferSyntax);
  (void)peer.addPresentationContext(UID_VerificationSOPClass, syntaxes);
  ConnectTo(peer, layer, asked.peer);
  if (const OFCondition answered = peer.sendECHORequest(0); answered.bad()) FailDicom("no answer to C-ECHO", answered);
  (void)peer.releaseAssociation();
  std::puts("it answers");
}

Found FindObjects(const fs::path& folder) {
  Found found;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(folder));
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const DicomLayout layout =
        PrescanDicom(ReadFileBytes(folder, file.string(), DicomPrescanLimits().max_file_bytes), file.string());
    if (layout.error || layout.is_directory) {
      ++found.others;
    } else {
      found.objects[{layout.sop_class_uid, layout.transfer_syntax}].push_back(folder / file);
    }
  }
  return found;
}

// Each object goes as it is: a context for its class has its own transfer syntax alone.
void Offer(TlsScu& peer, const Found& found) {
  if (found.objects.size() > kMostContexts) {
    throw std::runtime_error("more than " + std::to_string(kMostContexts) +
                             " kinds of objects (SOP class and transfer syntax): send them folder by folder");
  }
  for (const auto& [kind, files] : found.objects) {
    OFList<OFString> syntaxes;
    syntaxes.push_back(kind.second.c_str());
    (void)peer.addPresentationContext(kind.first.c_str(), syntaxes);
  }
}

// How many of a kind were kept; tells why others were not.
int SendKind(TlsScu& peer, const Kind& kind, const std::vector<fs::path>& files) {
  const T_ASC_PresentationContextID context = peer.findPresentationContextID(kind.first.c_str(), kind.second.c_str());
  if (context == 0) {
    std::printf("%zu objects: the peer does not take SOP class %s in %s\n", files.size(), kind.first.c_str(),
                TransferSyntaxName(kind.second).c_str());
    return 0;
  }
  int kept = 0;
  for (const fs::path& file : files) {
    Uint16 status = 0;
    const OFCondition sent = peer.sendSTORERequest(context, file.c_str(), nullptr, status);
    if (sent.bad()) FailDicom("sending " + file.string(), sent);
    kept += status == 0 ? 1 : 0;
    if (status != 0) std::printf("%s: answered 0x%04X\n", file.c_str(), status);
  }
  return kept;
}

void Send(const DicomRequest& asked) {
  const Found found = FindObjects(asked.folder);
  std::size_t all = 0;
  for (const auto& [kind, files] : found.objects) all += files.size();
  if (all == 0) throw std::runtime_error("no DICOM object in " + asked.folder.string());
  TlsLayer layer;
  TlsScu peer;
  Offer(peer, found);
  ConnectTo(peer, layer, asked.peer);
  std::size_t kept = 0;
  for (const auto& [kind, files] : found.objects) kept += static_cast<std::size_t>(SendKind(peer, kind, files));
  (void)peer.releaseAssociation();
  std::printf("%zu of %zu objects sent and kept; %d other files left out\n", kept, all, found.others);
  if (kept < all) throw CLI::RuntimeError(1);
}

// All three or none.
void AddTls(CLI::App& command, const std::shared_ptr<DicomRequest>& asked) {
  TlsSettings& tls = asked->peer.tls;
  CLI::Option* certificate = command.add_option("--tls-certificate", tls.certificate, "by TLS: our certificate, PEM");
  CLI::Option* key = command.add_option("--tls-key", tls.key, "its private key, PEM, without a passphrase");
  CLI::Option* trusted = command.add_option("--tls-trusted", tls.trusted, "who signs the peer's certificate, PEM");
  certificate->needs(key, trusted);
  key->needs(certificate);
  trusted->needs(certificate);
  certificate->each([asked](const std::string&) { asked->peer.tls.enabled = true; });
}

CLI::App* Add(CLI::App& dicom, const std::shared_ptr<DicomRequest>& asked, const char* name, const char* about) {
  CLI::App* command = dicom.add_subcommand(name, about);
  if (std::string(name) == "send")
    command->add_option("folder", asked->folder, "a folder; what is no DICOM is left out")->required();
  command->add_option("host", asked->peer.host, "name or address")->required();
  command->add_option("port", asked->peer.port, "its port")->required()->check(CLI::Range(1, 65535));
  command->add_option("--called", asked->peer.called, "its AE title")->capture_default_str();
  command->add_option("--calling", asked->peer.calling, "ours")->capture_default_str();
  AddTls(*command, asked);
  return command;
}

void AddQuery(CLI::App& dicom, const std::shared_ptr<DicomRequest>& asked, const std::function<void()>& prepare) {
  CLI::App* command = Add(dicom, asked, "query", "ask what it has (C-FIND, study root)");
  DicomQuery& query = asked->query;
  const std::map<std::string, QueryLevel> levels = {
      {"study", QueryLevel::kStudy}, {"series", QueryLevel::kSeries}, {"image", QueryLevel::kImage}};
  command->add_option("--level", query.level, "study, series or image")->transform(CLI::CheckedTransformer(levels));
  command->add_option("--patient-id", query.patient_id, "of studies; * and ? stand for any letters");
  command->add_option("--date", query.study_date, "of studies: YYYYMMDD, or a range YYYYMMDD-YYYYMMDD");
  command->add_option("--accession", query.accession, "of studies");
  command->add_option("--study", query.study_uid, "a StudyInstanceUID");
  command->add_option("--series", query.series_uid, "a SeriesInstanceUID");
  command->add_option("--instance", query.instance_uid, "a SOPInstanceUID");
  command->add_flag("--json", query.as_json, "print JSON");
  command->callback([asked, prepare] {
    prepare();
    QueryPeer(asked->peer, asked->query);
  });
}

}  // namespace

void AddDicomCommand(CLI::App& app) {
  CLI::App* dicom = app.add_subcommand("dicom", "ask a DICOM peer, to set one up");
  dicom->require_subcommand(1);
  const auto asked = std::make_shared<DicomRequest>();
  const auto prepare = [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    ::setenv("TCP_NODELAY", "1", 1);  // DCMTK reads it; without it each object takes 40 ms more
  };
  Add(*dicom, asked, "echo", "whether it answers (C-ECHO)")->callback([asked, prepare] {
    prepare();
    Echo(*asked);
  });
  Add(*dicom, asked, "send", "send the objects of a folder (C-STORE)")->callback([asked, prepare] {
    prepare();
    Send(*asked);
  });
  AddQuery(*dicom, asked, prepare);
}

}  // namespace dinsd
