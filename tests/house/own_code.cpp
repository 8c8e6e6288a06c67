// A clang-tidy check that finds nothing itself: it keeps the others from walking what the headers of libraries declare,
// which they then ignore. That takes most of the time of a unit that includes Boost. clang-tidy does so itself from
// version 21 on.
//
// It runs on the unit itself, which is the first node to be matched, and what is to be walked is asked for only after
// that, but by one check: readability-identifier-naming walks everything as soon as it sees the unit. Checks run in the
// order of a hash of their names, and this one's name comes before. With another one all is found just the same, a
// third later.
#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>
#include <clang/Basic/SourceManager.h>

namespace {

using clang::ast_matchers::MatchFinder;

class OwnCode : public clang::tidy::ClangTidyCheck {
 public:
  using ClangTidyCheck::ClangTidyCheck;

  void registerMatchers(MatchFinder* finder) override {
    finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("unit"), this);
  }

  void check(const MatchFinder::MatchResult& found) override {
    std::vector<clang::Decl*> own;
    for (clang::Decl* decl : found.Context->getTranslationUnitDecl()->noload_decls())  // what a PCH holds is not ours
      if (!found.SourceManager->isInSystemHeader(found.SourceManager->getExpansionLoc(decl->getLocation())))
        own.push_back(decl);
    found.Context->setTraversalScope(own);
  }
};

class Module : public clang::tidy::ClangTidyModule {
 public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
    factories.registerCheck<OwnCode>("perch-our-code");
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<Module> kModule("perch", "what this project adds");

}  // namespace
