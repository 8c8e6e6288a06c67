target_link_libraries(perch_journal PUBLIC perch_seam Boost::headers PRIVATE SQLite::SQLite3)
