#include "support/tls_identity.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace perch::test {

namespace {

void require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "cannot make a certificate: %s\n", what);
  std::abort();
}

std::string base64_of_sha256(const unsigned char* bytes, std::size_t size) {
  unsigned char digest[32];
  unsigned digest_size = 0;
  require(EVP_Digest(bytes, size, digest, &digest_size, EVP_sha256(), nullptr) == 1, "digest");
  unsigned char text[64];
  const int length = EVP_EncodeBlock(text, digest, static_cast<int>(digest_size));
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)};
}

}  // namespace

TlsIdentity::TlsIdentity(const std::string& name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  require(key && certificate, "key");
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), subject);
  in_addr ignored{};
  const std::string names = (inet_pton(AF_INET, name.c_str(), &ignored) == 1 ? "IP:" : "DNS:") + name;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  require(extension != nullptr, "names");
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "signature");

  context_ = std::shared_ptr<SSL_CTX>(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  require(context_ != nullptr, "context");
  require(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1, "private key");

  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  require(size > 0, "public key");
  pin_ = "sha256//" + base64_of_sha256(der, static_cast<std::size_t>(size));
  OPENSSL_free(der);

  BIO* text = BIO_new(BIO_s_mem());
  require(PEM_write_bio_X509(text, certificate.get()) == 1, "PEM");
  char* data = nullptr;
  const long length = BIO_get_mem_data(text, &data);
  certificate_pem_.assign(data, static_cast<std::size_t>(length));
  BIO_free(text);
}

void TlsIdentity::write_certificate(const std::filesystem::path& path) const {
  std::ofstream(path) << certificate_pem_;
}

}  // namespace perch::test
