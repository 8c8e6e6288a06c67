target_include_directories(perch_base PUBLIC "${PERCH_EXPECTED_INCLUDE}")
target_link_libraries(perch_base PUBLIC fmt::fmt Threads::Threads PRIVATE spdlog::spdlog OpenSSL::Crypto)
