target_link_libraries(perch_net PUBLIC perch_base perch_config perch_boost PRIVATE PkgConfig::curl PkgConfig::avahi)
