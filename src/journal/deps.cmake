target_link_libraries(perch_journal PUBLIC perch_seam perch_boost_json PRIVATE SQLite::SQLite3)
