target_link_libraries(perch_journal_test PRIVATE SQLite::SQLite3)
