#pragma once
#include <filesystem>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace perch::test {

/// A key and a certificate that it has signed itself, made anew in memory: a server's identity that nobody has reason
/// to trust unless told to.
class TlsIdentity {
 public:
  /// @param name the host name or IPv4 address that the certificate is for
  explicit TlsIdentity(const std::string& name = "127.0.0.1");

  /// What a server's connections are made from. Lives as long as this.
  ssl_ctx_st* context() const { return context_.get(); }

  /// Writes the certificate as PEM.
  void write_certificate(const std::filesystem::path& path) const;

  /// `sha256//BASE64` of the public key.
  const std::string& pin() const { return pin_; }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
  std::string pin_, certificate_pem_;
};

}  // namespace perch::test
