#include "daemon/tls/tls_faults.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace dinsd {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

// Whether a passphrase was asked for is told, none is given: a service has nobody to type it.
int AskNobody(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

class Examination {
 public:
  // The first certificate of a file, which must be valid now.
  Certificate ReadCertificate(const std::string& key, const std::filesystem::path& path) {
    Certificate certificate(nullptr, X509_free);
    const File file = Open(key, path);
    if (!file) return certificate;
    certificate.reset(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
    if (!certificate) {
      Add(key, path, "is no certificate in PEM form");
    } else if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) <= 0) {
      Add(key, path, "has expired");
    } else if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) >= 0) {
      Add(key, path, "is not valid yet");
    }
    return certificate;
  }

  void ReadKey(const TlsNames& names, const std::filesystem::path& path, X509* certificate) {
    const std::string& key = names.key;
    const File file = Open(key, path);
    if (!file) return;
    bool was_asked = false;
    const PrivateKey read(PEM_read_PrivateKey(file.get(), nullptr, AskNobody, &was_asked), EVP_PKEY_free);
    if (!read) {
      Add(key, path, was_asked ? "is protected by a passphrase" : "is no private key in PEM form");
    } else if (certificate != nullptr && X509_check_private_key(certificate, read.get()) != 1) {
      Add(key, path, "is not the key of " + names.certificate);
    }
  }

  [[nodiscard]] std::vector<std::string> faults() const { return faults_; }

 private:
  File Open(const std::string& key, const std::filesystem::path& path) {
    File file(std::fopen(path.c_str(), "re"), std::fclose);
    if (!file) Add(key, path, "cannot be read: " + std::generic_category().message(errno));
    return file;
  }

  void Add(const std::string& key, const std::filesystem::path& path, const std::string& what) {
    faults_.push_back(key + " " + path.string() + " " + what);
  }

  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> TlsFaults(const TlsSettings& tls, const TlsNames& names) {
  if (!tls.enabled) return {};
  Examination examination;
  const Certificate own = examination.ReadCertificate(names.certificate, tls.certificate);
  examination.ReadKey(names, tls.key, own.get());
  (void)examination.ReadCertificate(names.trusted, tls.trusted);
  ERR_clear_error();
  return examination.faults();
}

}  // namespace dinsd
